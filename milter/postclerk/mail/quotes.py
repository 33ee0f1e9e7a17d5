"""Whose words a text is: its author's own, and those of the message that it answers or passes on without marks."""

from __future__ import annotations

import re

from postclerk.core.reading import Reading

_HEAD = re.compile(
    r"^\W*(?:from|от|от кого|kimden|gönderen|кімнен|von|de)\s*:.*\n(?:.*\n){0,3}?"
    r"\W*(?:sent|date|subject|to|отправлено|дата|кому|тема|gönderi\w*|tarih|konu|kime|жіберіл\w*|күні|тақырыбы?|"
    r"кімге|gesendet)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
"""The beginning of the few header fields that such programs write above what is answered or passed on."""

_FIELD = re.compile(r"\W*\w[\w -]{0,20}:")
_MOST_FIELDS = 8


def own_words(text: str) -> tuple[str, bool]:
    """What stands before a message that is passed on or answered without marks, and whether there is such a one."""
    found = _HEAD.search(text)
    return (text[: found.start()], True) if found else (text, False)


def said(read: Reading, *, answers: bool) -> str:
    """What a message says to its reader, with what it passes on, but without what it answers."""
    return own_words(read.fresh)[0] if answers else read.fresh


def quoted_first(read: Reading) -> str:
    """What a message quotes of the one that it answers, without what that one quotes."""
    found = _HEAD.search(read.fresh)
    if found is None:
        return read.quoted_once or read.quoted
    lines = read.fresh[found.start() :].split("\n")
    fields = 0
    while fields < min(_MOST_FIELDS, len(lines)) and _FIELD.match(lines[fields]):
        fields += 1
    text, _more = own_words("\n".join(lines[fields:]))
    # Who answers between the lines of such a block has them marked as quoted.
    return f"{text}\n{read.quoted_once}".strip() or read.quoted
