"""What the tracker writes: of letters that have fallen due, to a superior of those that wait long, and of what an
absence reply lacks.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from postclerk.languages import Language, marked
from postclerk.mails.message import POLICY, Section, Sender, message, one_line

_MOST_LINES = 25
_LONGEST = 90


@dataclass(frozen=True, slots=True)
class Line:
    """One letter: who wrote it, its subject, when it came; in a superior's mail also whose it is."""

    author: str
    title: str
    received: datetime.datetime
    whose: str = ""


def reminder(
    lines: Sequence[Line], sender: Sender, to: str, languages: tuple[Language, ...], *, soon: bool, page: str,
    at: datetime.datetime,
) -> bytes:  # fmt: skip
    """The mail to whoever is to answer: what has fallen due, or is about to (`soon`); his own language alone."""
    language = languages[0]
    if soon:
        heading = language.count("{n} letter needs your answer soon", "{n} letters need your answer soon", len(lines))
    else:
        heading = language.count(
            "{n} letter is waiting for your answer", "{n} letters are waiting for your answer", len(lines)
        )
    section = Section(
        language=language.code,
        name=language.name,
        heading=heading,
        paragraphs=[language.text(CLAUSE)],
        steps_heading=language.text("The oldest first"),
        steps=_lines(lines, language),
        button=(language.text("Say which need no answer or were answered by phone"), page) if page else None,
        footer=language.text(
            "Simply answer by e-mail: the mail server notices your answer, and you need not do anything else."
        ),
    )
    return message(sender, to, heading, [section], at=at).as_bytes(policy=POLICY)


def escalation(
    lines: Sequence[Line], sender: Sender, to: str, languages: tuple[Language, ...], *, at: datetime.datetime
) -> bytes:
    """The mail to a superior: what his people have not answered for long."""
    language = languages[0]
    heading = language.count(
        "{n} letter to your staff has waited for a long time",
        "{n} letters to your staff have waited for a long time",
        len(lines),
    )
    section = Section(
        language=language.code,
        name=language.name,
        heading=heading,
        paragraphs=[language.text(CLAUSE)],
        steps_heading=language.text("The oldest first"),
        steps=_lines(lines, language),
        footer=language.text(
            "Perhaps somebody is ill or has too much to do. Please have a word with them, or ask a colleague to answer."
        ),
    )
    return message(sender, to, heading, [section], at=at).as_bytes(policy=POLICY)


def incomplete_absence(
    missing: Sequence[str], templates: Sequence[str], sender: Sender, to: str,
    languages: tuple[Language, ...], *, at: datetime.datetime,
) -> bytes:  # fmt: skip
    """The mail to somebody whose automatic reply lacks its term or the substitute (`missing`: `until`, `substitute`),
    with a text to copy (`templates`) in each of the languages."""
    language = languages[0]
    heading = language.text("Your automatic reply could say more")
    section = Section(
        language=language.code,
        name=language.name,
        heading=heading,
        paragraphs=[
            language.text(
                "Thank you for setting up an automatic reply. It would help those who write to you even more"
                " if it told them everything that they need to know."
            )
        ],
        steps_heading=language.text("What it does not say yet"),
        steps=[language.text(_LACKS[one]) for one in missing],
        copies_heading=language.text(
            "A text to copy; please check the dates and the address, and change what you like"
        ),
        copies=[(one.code, text) for one, text in zip(languages, templates, strict=True)],
        footer=language.text(
            "The e-mail policy recommends (1.3.3-b): on long absence, set an automatic reply that says until when you"
            " are away and whom to turn to meanwhile."
        ),
    )
    return message(sender, to, heading, [section], at=at).as_bytes(policy=POLICY)


CLAUSE = marked(
    "The e-mail policy recommends (1.3.3-a): work letters are answered within 24 hours of receipt; weekends and"
    " holidays do not count."
)
_LACKS = {
    "until": marked("until when you are away"),
    "substitute": marked("whom to turn to meanwhile, with an address or a telephone number"),
}


def _lines(lines: Sequence[Line], language: Language) -> list[str]:
    shown = [_line(one, language) for one in lines[:_MOST_LINES]]
    more = len(lines) - _MOST_LINES
    return shown + ([language.count("and {n} more", "and {n} more", more)] if more > 0 else [])


def _line(line: Line, language: Language) -> str:
    shown = {
        "title": _short(line.title) or language.text("(no subject)"),
        "author": _short(line.author) or language.text("(no sender)"),
        "when": language.moment(line.received),
    }
    if line.whose:
        return language.text("“{title}” from {author} for {whose}, received {when}", whose=_short(line.whose), **shown)
    return language.text("“{title}” from {author}, received {when}", **shown)


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
