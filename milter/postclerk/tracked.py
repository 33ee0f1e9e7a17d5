"""What the journal keeps about a message for the tracker, beside its header: what kind of mail it is, whether it waits
for an answer, whether it is of our own people, traces of what it says or quotes (core.traces), and of their automatic
replies the term and the substitute; never text.
"""

from __future__ import annotations

import datetime
from typing import Any

from postclerk.core.absence import absence_json
from postclerk.core.facts import Facts
from postclerk.core.kind import Kind
from postclerk.core.traces import trace
from postclerk.mail.absence import absence
from postclerk.mail.answerable import answerable, answers
from postclerk.mail.kind import kind_of, needs_text
from postclerk.mail.quotes import quoted_first, said
from postclerk.settings import Tracker


def wants_text(facts: Facts) -> bool:
    """Whether a message has to be read to know what it is."""
    return needs_text(facts.headers, facts.return_path) or _may_be_absence(facts)


def tracked(facts: Facts, settings: Tracker, at: datetime.datetime) -> dict[str, Any]:
    """What is kept; `at` is when the message came, in the site's time."""
    headers, read = facts.headers, facts.reading
    found = kind_of(headers, facts.return_path, read)
    waits = answerable(
        headers,
        found,
        read,
        own=(),
        asking_nothing=not settings.answers_wait,
        words=settings.no_answer_words,
        calendar=read.calendar if read else "",
    )
    away = None
    if found.kind is Kind.AUTOREPLY and read is not None and _is_ours(facts):
        own = facts.person.owned if facts.person else frozenset()
        away = absence(headers.first("subject") or "", read.fresh, at, own=own)
    ours = _is_ours(facts)
    human = read is not None and not found.kind.is_machine
    return {
        "kind": found.kind.value,
        "wants_answer": waits.wants_answer,
        "why": waits.why,
        "ours": ours,
        "absence": absence_json(away),
        # What nobody is to answer is quoted in no answer that is looked for; and only our own people's count.
        "said": trace(said(read, answers=answers(headers))) if read and human and waits.wants_answer else "",
        "quotes": trace(quoted_first(read)) if read and human and ours else "",
    }


def _is_ours(facts: Facts) -> bool:
    """Whether our own people wrote it: with a login, or from an inside client that passes on nobody else's mail."""
    return facts.inside and (bool(facts.login) or not facts.relay)


def _may_be_absence(facts: Facts) -> bool:
    submitted = (facts.headers.first("auto-submitted") or "no").strip().lower()
    return _is_ours(facts) and (facts.null_sender or not submitted.startswith("no"))
