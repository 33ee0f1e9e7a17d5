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
_LONGEST_TITLE = 90


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
        heading = language.count("{n} letter is to be answered soon", "{n} letters are to be answered soon", len(lines))
    else:
        heading = language.count("{n} letter waits for your answer", "{n} letters wait for your answer", len(lines))
    section = Section(
        language=language.code,
        name=language.name,
        heading=heading,
        paragraphs=[language.text(CLAUSE)],
        steps_heading=language.text("What waits, the oldest first"),
        steps=_lines(lines, language),
        button=(language.text("Say that one needs no answer, or was answered by telephone"), page) if page else None,
        footer=language.text("Once you have answered, nothing more is to be done: the tracker sees it by itself."),
    )
    return message(sender, to, heading, [section], at=at).as_bytes(policy=POLICY)


def escalation(
    lines: Sequence[Line], sender: Sender, to: str, languages: tuple[Language, ...], *, at: datetime.datetime
) -> bytes:
    """The mail to a superior: what his people have not answered for long."""
    language = languages[0]
    heading = language.count(
        "{n} letter to your people waits for long", "{n} letters to your people wait for long", len(lines)
    )
    section = Section(
        language=language.code,
        name=language.name,
        heading=heading,
        paragraphs=[language.text(CLAUSE)],
        steps_heading=language.text("What waits, the oldest first"),
        steps=_lines(lines, language),
        footer=language.text("Perhaps somebody is ill or has too much to do: a word with him may help."),
    )
    return message(sender, to, heading, [section], at=at).as_bytes(policy=POLICY)


def incomplete_absence(
    missing: Sequence[str], templates: Sequence[str], sender: Sender, to: str,
    languages: tuple[Language, ...], *, at: datetime.datetime,
) -> bytes:  # fmt: skip
    """The mail to somebody whose automatic reply lacks its term or the substitute (`missing`: `until`, `substitute`),
    with a text to copy in each
    language."""
    language = languages[0]
    heading = language.text("Your automatic reply could say more")
    lacks = [language.text(_LACKS[one]) for one in missing]
    section = Section(
        language=language.code,
        name=language.name,
        heading=heading,
        paragraphs=[
            language.text(
                "Thank you for setting an automatic reply. Whoever reads it would also like to know the following:"
            ),
            *lacks,
            language.text("You can copy this text and fill in the dates and the name:"),
            *templates,
        ],
        footer=language.text(
            "The e-mail policy recommends (1.3.3-b): on long absence, set an automatic reply that states its term and"
            " whom to turn to meanwhile."
        ),
    )
    return message(sender, to, heading, [section], at=at).as_bytes(policy=POLICY)


CLAUSE = marked(
    "The e-mail policy recommends (1.3.3-a): answer work letters within 24 hours of receipt, weekends and holidays not"
    " counted."
)
_LACKS = {
    "until": marked("• until when you are away"),
    "substitute": marked("• whom to turn to meanwhile, with an address or a telephone number"),
}


def _lines(lines: Sequence[Line], language: Language) -> list[str]:
    shown = [_line(one, language) for one in lines[:_MOST_LINES]]
    more = len(lines) - _MOST_LINES
    return shown + ([language.count("and {n} more", "and {n} more", more)] if more > 0 else [])


def _line(line: Line, language: Language) -> str:
    title = one_line(line.title) or language.text("(no subject)")
    if len(title) > _LONGEST_TITLE:
        title = f"{title[:_LONGEST_TITLE]}…"
    when = language.moment(line.received)
    author = one_line(line.author) or "?"
    if line.whose:
        return language.text(
            "{title}: from {author} to {whose}, {when}", title=title, author=author, whose=line.whose, when=when
        )
    return language.text("{title}: from {author}, {when}", title=title, author=author, when=when)
