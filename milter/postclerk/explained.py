"""A decision of the journal in a reader's own language and in plain words: what happened, by which clause, what to do.

An outside reader gets no more than the reply told him.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from postclerk.core.addresses import printable
from postclerk.core.clauses import CLAUSES
from postclerk.core.rule import Words
from postclerk.core.verdict import GENERAL_WORDS
from postclerk.languages import Language, marked
from postclerk.rules import all_rules

_LONGEST_VALUE = 200
_IN_GENERAL = marked("The message does not agree with the e-mail policy.")
_TRANSLATED_VALUES = frozenset({"window", "sign", "field"})


_ENDS = {"released": "accept", "deleted": "reject"}


class Role(enum.Enum):
    """Who reads: whoever sent the message by his login, who was to get it, or somebody outside."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision for one reader. `clauses` holds number and text of each clause that it rests on."""

    language: Language
    heading: str
    happened: tuple[str, ...]
    clauses: tuple[tuple[str, str], ...]
    todo: tuple[str, ...]


def explained(entry: dict[str, Any], role: Role, language: Language, fate: str = "") -> Explanation:
    """A journal entry explained; `entry` holds at least `action` and `findings`. `fate` is what has become of a held
    message: `released` or `deleted`."""
    told = [one for one in entry["findings"] if not one["monitor"] and one["action"] != "accept"]
    numbers = dict.fromkeys(one["clause"] for one in told)
    return Explanation(
        language=language,
        heading=language.text(heading(_ENDS.get(fate, entry["action"]), role)),
        happened=tuple(dict.fromkeys(_happened(one, entry, role, language) for one in told)),
        clauses=tuple((number, language.text(CLAUSES[number].says)) for number in numbers if number in CLAUSES),
        # Whoever got it, or will not, has nothing left to ask for.
        todo=()
        if fate and (fate == "released" or role is Role.RECIPIENT)
        else tuple(dict.fromkeys(_todo(told, role, language))),
    )


def heading(action: str, role: Role) -> str:
    """What became of a message, in English."""
    return _HEADINGS[role].get(action, _HEADINGS[role]["reject"])


_HEADINGS = {
    Role.SENDER: {
        "accept": marked("Your message was let through"),
        "tag": marked("Your message was let through"),
        "reject": marked("Your message was not sent"),
        "hold": marked("Your message is being held back"),
        "defer": marked("Your message is waiting"),
    },
    Role.RECIPIENT: {
        "accept": marked("A message to you was let through"),
        "tag": marked("A message to you was let through"),
        "reject": marked("A message to you was refused"),
        "hold": marked("A message to you is being held back"),
        "defer": marked("A message to you is waiting"),
    },
    Role.OUTSIDE: {
        "tag": marked("This message was marked"),
        "reject": marked("Your message was not delivered"),
        "hold": marked("Your message is being looked at"),
        "defer": marked("Your message is waiting"),
    },
}


def words_of(finding: dict[str, Any]) -> Words:
    """The words of a finding in the journal."""
    rule = all_rules().get(finding["rule"])
    known = (rule.words if rule else {}).get(finding["code"]) or GENERAL_WORDS.get(finding["code"])
    # Journals outlive rules: what no rule says any longer is told by its clause alone.
    return known or Words("", "", "", "", _IN_GENERAL, "")


def _happened(finding: dict[str, Any], entry: dict[str, Any], role: Role, language: Language) -> str:
    words = words_of(finding)
    if role is Role.OUTSIDE:
        if entry["login"] is not None:
            # What one of our own people was told is for him, who has the link that was mailed to him.
            return language.text(_IN_GENERAL)
        told = words.outside if words.outside != words.reason else words.happened
        return filled(language.text(told), finding["detail"], language)
    own = language.own(finding["rule"], finding["code"], "happened")
    return filled(own or language.text(words.happened), finding["detail"], language)


def _todo(told: list[dict[str, Any]], role: Role, language: Language) -> Iterator[str]:
    if role is Role.OUTSIDE:
        yield language.text("If you need to reach somebody here, write to postmaster and name the number on this page.")
        return
    for one in told:
        text = language.own(one["rule"], one["code"], "todo") or language.text(words_of(one).todo)
        if text:
            yield filled(text, one["detail"], language)


def said(finding: dict[str, Any], language: Language) -> str:
    """What a finding of the journal says to whom it concerns, in one sentence."""
    return filled(language.text(words_of(finding).happened), finding["detail"], language)


def filled(text: str, detail: dict[str, Any], language: Language) -> str:
    """A text with what a finding holds put in for its placeholders."""
    return text.format_map(_Shown(detail, language))


class _Shown(dict[str, str]):
    """What stands for a placeholder: printable, of a bounded length; a question mark for what is not known."""

    def __init__(self, detail: dict[str, Any], language: Language) -> None:
        super().__init__()
        self._detail = detail
        self._language = language

    def __missing__(self, name: str) -> str:
        value = self._detail.get(name, "?")
        text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        if name in _TRANSLATED_VALUES:
            return self._language.text(text)
        text = printable(text)
        return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
