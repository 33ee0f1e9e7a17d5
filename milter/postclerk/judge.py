"""One message's way from facts to a decision: collect, run every enabled rule, decide once a stage, put into words.

The milter session and `postclerk try` both go this way. Failure modes: a rule that raises becomes a finding
`rule-failed` with the action that rules.yaml names for it; look-ups that fail become `unavailable` findings.
"""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from postclerk import clock, events
from postclerk.collect import Collector, Envelope
from postclerk.core import explain
from postclerk.core.addresses import printable
from postclerk.core.facts import Excuse, Headers, Limit
from postclerk.core.needs import NOTHING, OF_THE_BODY, Need, Origin, Stage
from postclerk.core.people import Person
from postclerk.core.ports import Counters, Directory, Resolver, Standing, Unavailable, Verifier
from postclerk.core.reply import Reply
from postclerk.core.rule import Action, BoundCheck, Finding, Rule, RuleOptions
from postclerk.core.telling import telling
from postclerk.core.verdict import RULE_FAILED, UNAVAILABLE, Ruling, Verdict, decide, ruling
from postclerk.mail.charsets import header_text
from postclerk.mail.parts import Parts, parts
from postclerk.settings import Settings
from postclerk.tracked import tracked, wants_text

_ID_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that can be misread or misheard for another."""

_ID_PAIRS = tuple(map("".join, itertools.product(_ID_LETTERS, repeat=2)))
"""Two letters for each ten bits."""

_DRAWN_AT_ONCE = 256

TRACKED_FIELDS = (
    "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Thread-Index", "From", "Reply-To", "To", "Cc",
)  # fmt: skip
"""What the journal keeps of a message's header when the tracker is on."""

_LONGEST_FIELD = 4000

_MOST_TEXT = 256 * 1024
"""Octets of a body that are kept where nobody but the tracker asks for it."""


_ORIGINS = {None: (True, False), Origin.INSIDE: (True,), Origin.OUTSIDE: (False,)}
"""Whether a check looks at mail from inside, at other mail, or at both."""

Check = tuple[Rule, RuleOptions, BoundCheck]
"""A check, with the rule that it belongs to and that rule's options."""


_drawn: list[bytes] = []
"""Random bits for ids to come, since to draw them takes the system as long as all else about an id."""

# What is forked must not give the same ids.
os.register_at_fork(after_in_child=_drawn.clear)


def new_incident() -> str:
    """An id that is short, can be read aloud and cannot be guessed: 40 random bits in 8 letters."""
    try:
        mine = _drawn.pop()
    except IndexError:
        drawn = secrets.token_bytes(5 * _DRAWN_AT_ONCE)
        mine, *others = (drawn[at : at + 5] for at in range(0, len(drawn), 5))
        _drawn.extend(others)
    bits = int.from_bytes(mine, "big")
    return _ID_PAIRS[bits >> 30] + _ID_PAIRS[bits >> 20 & 1023] + _ID_PAIRS[bits >> 10 & 1023] + _ID_PAIRS[bits & 1023]


@dataclass(frozen=True, slots=True)
class Outside:
    """What a judge asks of the outside world."""

    directory: Directory
    standing: Standing
    counters: Counters
    resolver: Resolver
    verifier: Verifier


class Judge:
    """Judges messages by one rules.yaml."""

    def __init__(self, settings: Settings, outside: Outside) -> None:
        self.settings = settings
        self.counters = outside.counters
        self.standing = outside.standing
        enabled = list(settings.enabled)
        self._checks: dict[bool, dict[Stage, list[Check]]] = {
            inside: {stage: [] for stage in Stage} for inside in (True, False)
        }
        self.needs = NOTHING
        for rule, options in enabled:
            for check in rule.checks:
                if check.when is None or getattr(options if hasattr(options, check.when) else settings, check.when):
                    for inside in _ORIGINS[check.origin]:
                        self._checks[inside][check.needs.stage].append((rule, options, check))
                    self.needs |= check.needs
        self._counting = [(rule, options) for rule, options in enabled if rule.caps]
        self.collector = Collector(
            settings, outside.directory, outside.standing, outside.resolver, outside.verifier, self.needs
        )

    @property
    def reads_bodies(self) -> bool:
        """Whether any check may have a question that takes a message's body to answer."""
        return bool(self.needs & OF_THE_BODY) or self.settings.tracker is not None

    def open(self, envelope: Envelope, at: float) -> Case:
        """Begins with one message whose envelope is whole; `at` is the time, in seconds since the epoch."""
        return Case(self, envelope, at)

    def checks(self, *, inside: bool) -> dict[Stage, list[Check]]:
        """The checks of mail from inside or from outside, by the stage at which they are due."""
        return self._checks[inside]

    @property
    def counting(self) -> list[tuple[Rule, RuleOptions]]:
        """The enabled rules that count recipients."""
        return self._counting


class Case:
    """One message while it is judged. Every stage adds its findings; the first verdict that refuses ends the case."""

    def __init__(self, judge: Judge, envelope: Envelope, at: float) -> None:
        self._judge = judge
        self.envelope = envelope
        self.at = at
        self.incident = new_incident()
        self.facts = judge.collector.facts(envelope, at)
        self._rulings: list[Ruling] = []
        self._reserved = False
        self._checks = judge.checks(inside=self.facts.inside)
        self._questions = self._checks[Stage.MESSAGE]

    def at_data(self) -> Verdict:
        """Judges the envelope."""
        if self.facts.claimed_notice is None:
            self._count()
        return self._run(Stage.DATA, self._checks[Stage.DATA])

    def at_headers(self, headers: Headers) -> Verdict:
        """Judges the header fields."""
        self.facts.headers = headers
        verdict = self._run(Stage.HEADERS, self._checks[Stage.HEADERS])
        self._questions = self._asked(self._questions)
        return verdict

    @property
    def wanted_of_body(self) -> int | None:
        """How many octets of the body are wanted, from its beginning; None: all of it. Ask when the headers are judged:
        it takes a check that has a question which only the whole message can answer, or a text that says whether the
        message is one that waits for an answer."""
        if any(check.takes_body for _rule, _options, check in self._questions):
            return None
        return _MOST_TEXT if self._tracks_text else 0

    @property
    def _text_is_wanted(self) -> bool:
        return any(check.takes_text for _rule, _options, check in self._questions) or self._tracks_text

    @property
    def _tracks_text(self) -> bool:
        return self._judge.settings.tracker is not None and wants_text(self.facts)

    def at_end(self, body: bytes = b"") -> Verdict:
        """Judges the whole message; the last word. `body` has its lines end with CRLF; it is empty if not wanted."""
        if self._text_is_wanted:
            self._look_into(parts(self.facts.headers.fields, body))
        if self._questions:
            needed = reduce(or_, (check.needs for _rule, _options, check in self._questions))
            self._judge.collector.complete(self.facts, body, self.at, needed)
        if self.facts.claimed_notice is not None:
            self._count()
        return self._run(Stage.MESSAGE, self._questions)

    def _look_into(self, message: Parts) -> None:
        """Has the text read, unless a glance at it answers every question; who asks about it knows then whether he
        still does."""
        self._judge.collector.glance(self.facts, message)
        self._questions = self._asked(self._questions)
        if self._text_is_wanted:
            self._judge.collector.read(self.facts, message)
            self._questions = self._asked(self._questions)

    def _asked(self, checks: list[Check]) -> list[Check]:
        """Those of these checks that have a question about this message, by what is known of it."""
        return [one for one in checks if self._asks(*one)]

    def _asks(self, rule: Rule, options: RuleOptions, check: BoundCheck) -> bool:
        if self.facts.relay and not rule.judges_relays:
            return False
        return check.about is None or check.about(self.facts, options)

    def _run(self, stage: Stage, checks: list[Check]) -> Verdict:
        for rule, options, check in checks:
            if not self._asks(rule, options, check):
                continue
            if self.facts.missing and (lacking := check.needs & self.facts.missing):
                self._not_to_be_had(rule, options, lacking, stage)
                continue
            try:
                for finding in check.function(self.facts, options):
                    self._rulings.append(self._excused(self._ruled(rule, finding, options, stage), options))
            except Exception as error:  # noqa: BLE001 - a fault in one rule must not lose the message
                events.rule_failed(self.incident, rule.name, error)
                failed = Finding(RULE_FAILED, error=type(error).__name__)
                action = Action(self._judge.settings.milter.on_error.value)
                self._rulings.append(Ruling(rule, failed, action, options.monitor or self._monitored, stage))
        return decide(self._rulings, stage)

    def _ruled(self, rule: Rule, finding: Finding, options: RuleOptions, stage: Stage) -> Ruling:
        return ruling(rule, finding, options, stage=stage, spared=self.facts.to_helpdesk_only, monitor=self._monitored)

    def _excused(self, one: Ruling, options: RuleOptions) -> Ruling:
        """The ruling as grants leave it. They are looked for only where there is something to excuse."""
        finding, person = one.finding, self.facts.person
        grant = finding.grant
        if finding.by_limit and not grant and self.facts.grants_unknown:
            return self._to_wait(one)
        if not grant and finding.excuse is not None:
            people = self.facts.readers if finding.excuse.of_readers else (person,) if person else ()
            try:
                grant = self._exempted(people, one.rule.name, finding.excuse)
            except Unavailable as fault:
                self.facts.unavailable.append(str(fault))
                return self._to_wait(one)
        if not grant:
            return one
        finding.detail["grant"] = grant
        return replace(one, action=Action.ACCEPT)

    def _exempted(self, people: tuple[Person, ...], rule: str, excuse: Excuse) -> int:
        """The number of a grant that excuses, where each of these people has one; else 0."""
        numbers = [self._judge.standing.exempted(one.login, one.unit, rule, excuse, self.at) for one in people]
        return numbers[0] if numbers and all(numbers) else 0

    @staticmethod
    def _to_wait(one: Ruling) -> Ruling:
        """Perhaps it is excused: the message waits, instead of being refused for good."""
        return replace(one, action=min(one.action, Action.DEFER))

    def _not_to_be_had(self, rule: Rule, options: RuleOptions, lacking: Need, stage: Stage) -> None:
        what = sorted(str(need.name).lower() for need in Need if need in lacking)
        finding = Finding(UNAVAILABLE, what=what, why="; ".join(dict.fromkeys(self.facts.unavailable)))
        if any(one.rule is rule and one.finding == finding for one in self._rulings):
            return
        asked = "when_directory_unavailable" if Need.ENVELOPE in lacking else ""
        action = Action(getattr(options, asked, options.when_unavailable).value)
        if self.facts.to_helpdesk_only:
            action = min(action, Action.TAG)
        self._rulings.append(Ruling(rule, finding, action, options.monitor or self._monitored, stage))

    @property
    def _monitored(self) -> bool:
        return self._judge.settings.site.monitor

    # -- counting --------------------------------------------------------------------------------------------------

    def _count(self) -> None:
        """Reserves this message's recipients, so that two messages at once cannot share what is left."""
        for rule, options in self._judge.counting:
            caps = None if self.facts.relay or rule.caps is None else rule.caps(self.facts, options)
            if caps is None:
                continue
            key, windows = caps
            would = self._ruled(rule, Finding("over"), options, Stage.DATA)
            keep_over = would.monitor or not would.action.refuses
            try:
                self.facts.usage = usage = self._judge.counters.reserve(
                    key, len(self.facts.recipients), windows, incident=self.incident, at=self.at, keep_over=keep_over
                )
            except Unavailable as fault:
                self.facts.missing |= Need.COUNTS
                self.facts.unavailable.append(str(fault))
            else:
                self._reserved = keep_over or not usage.overrun()

    def give_back(self) -> None:
        """Gives the reserved recipients back: the message was refused, or its client went away."""
        if self._reserved:
            self._reserved = False
            self._judge.counters.release(self.incident)

    # -- what comes out --------------------------------------------------------------------------------------------

    def reply(self, verdict: Verdict) -> Reply | None:
        """What the sender reads, where the message is refused."""
        site = self._judge.settings.site
        return explain.reply(
            verdict,
            inside=self.facts.inside,
            incident=self.incident,
            explain_url=site.explain_url,
            languages=site.languages,
        )

    def headers(self, verdict: Verdict) -> list[tuple[str, str]]:
        """What is added to a message that is delivered or held, where every recipient is inside."""
        if verdict.action.refuses or not self.facts.all_recipients_inside:
            return []
        site = self._judge.settings.site
        proved = explain.results(self.facts, site.hostname)
        return proved + explain.headers(
            verdict, inside=self.facts.inside, incident=self.incident, explain_url=site.explain_url
        )

    def limits(self) -> Iterator[tuple[str, Limit, int | None]]:
        """The limits that hold for who sends this, by rule, each with what was used before, where it is counted."""
        if self.facts.relay:
            return
        usage = self.facts.usage
        pairs = zip(usage.windows, usage.used, strict=True) if usage else ()
        used = {window.rule.option: one for window, one in pairs if window.rule}
        for rule, options in self._judge.counting:
            for limit in rule.limits(self.facts, options) if rule.limits else ():
                yield rule.name, limit, used.get(limit.option)

    def record(self, verdict: Verdict, queue_id: str | None) -> dict[str, Any]:
        """What the journal keeps about the decision; never bodies."""
        return record(self.envelope, self.incident, self.at, verdict, queue_id) | {
            "login": self.facts.login,
            "recipient_count": len(self.facts.recipients),
            "header": dict(self._tracked_fields(verdict)),
            "tracked": self._tracked(verdict),
            "telling": self._telling(verdict),
        }

    def _telling(self, verdict: Verdict) -> dict[str, Any] | None:
        if self._judge.settings.mail is None:
            return None
        return telling(self.facts, verdict, lambda one: self._judge.settings.rules[one.rule.name].tell_recipients)

    def _tracked(self, verdict: Verdict) -> dict[str, Any] | None:
        settings = self._judge.settings
        if settings.tracker is None or verdict.action.refuses:
            return None
        return tracked(self.facts, settings.tracker, clock.local(self.at, settings.zone))

    def _tracked_fields(self, verdict: Verdict) -> Iterator[tuple[str, str]]:
        if self._judge.settings.tracker is None or verdict.action.refuses:
            return
        for name in TRACKED_FIELDS:
            value = self.facts.headers.first(name.lower())
            if value is not None:
                # Names in address fields stay encoded: decoded, a comma in one would part two addresses.
                text = header_text(value) if name == "Subject" else printable(" ".join(value.split()))
                yield name, _cut(text)


def _cut(text: str) -> str:
    """A field's beginning, and of a long thread's References the end as well: what is answered stands last."""
    return text if len(text) <= _LONGEST_FIELD else f"{text[:1000]} {text[1001 - _LONGEST_FIELD :]}"


def record(envelope: Envelope, incident: str, at: float, verdict: Verdict, queue_id: str | None) -> dict[str, Any]:
    """What the journal keeps about a decision when nothing is known but what the client said."""
    return {
        "id": incident,
        "time": at,
        "queue_id": queue_id,
        "login": printable(envelope.login) if envelope.login else None,
        "client": envelope.client,
        "envelope_from": _bare(printable(envelope.sender)),
        "recipients": [_bare(printable(recipient)) for recipient in envelope.recipients],
        "recipient_count": len(envelope.recipients),
        "size": envelope.size,
        "action": verdict.action.value,
        "stage": verdict.stage.name.lower(),
        "findings": [one.as_json() for one in verdict.rulings],
        "header": {},
        "tracked": None,
        "submission": None,
        "telling": None,
    }


def _bare(path: str) -> str:
    return path[1:-1] if path.startswith("<") and path.endswith(">") else path
