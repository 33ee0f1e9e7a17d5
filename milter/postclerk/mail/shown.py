"""A message as those see it who have to decide on it: its header, its text as its reader sees it, where its links lead,
and what is attached. All of it is printable text of a bounded length; nothing is opened, carried out or loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

from postclerk.core.addresses import decode_words, printable
from postclerk.core.reading import Link
from postclerk.mail.header import body, header_fields
from postclerk.mail.parts import Part, parts
from postclerk.mail.text import MOST_TEXT, is_read, reading

LARGEST = 10 * 1024 * 1024
"""Octets of a message that are looked at: about what Postfix takes at most (message_size_limit, as it comes)."""

_MOST_FIELDS = 200
_LONGEST_FIELD = 2000
_MOST_LINKS = 100
_LONGEST_LINK = 500
_LONGEST_NAME = 250
_MAIN = ("from", "sender", "reply-to", "to", "cc", "subject", "date")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file beside the text, by its name, its kind as the message says it, and its size in octets."""

    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown: `main` are the header fields that its reader sees, `fields` all of them; `quoted` is what the text
    quotes. `cut` where there was more than is shown."""

    main: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...]
    text: tuple[str, ...]
    quoted: tuple[str, ...]
    links: tuple[Link, ...]
    attached: tuple[Attached, ...]
    cut: bool

    @property
    def left_out(self) -> str:
        """What is left out, in a sentence; nothing where that is nothing."""
        if not self.cut:
            return ""
        return (
            f"There is more of this message than is shown: at most the first {LARGEST // 1024**2} MB of it,"
            f" {MOST_TEXT:,} characters of its text, {_MOST_FIELDS} header fields and {_MOST_LINKS} links."
        )


def shown(message: bytes) -> Shown:
    """The view of a message, or of its first LARGEST octets."""
    raw = header_fields(message)
    fields = tuple((name, _value(value)) for name, value in raw[:_MOST_FIELDS])
    leaves = parts(raw, body(message))
    read = reading(leaves)
    return Shown(
        main=tuple(one for one in fields if one[0].lower() in _MAIN),
        fields=fields,
        text=_lines(read.fresh),
        quoted=_lines(read.quoted),
        links=tuple(
            Link(printable(one.url)[:_LONGEST_LINK], printable(one.text)[:_LONGEST_LINK])
            for one in read.links[:_MOST_LINKS]
        ),
        attached=tuple(_attached(one) for one in leaves.leaves if not is_read(one)),
        cut=len(message) >= LARGEST or read.cut or len(raw) > _MOST_FIELDS or len(read.links) > _MOST_LINKS,
    )


def _value(raw: bytes) -> str:
    text = " ".join(decode_words(raw[: 4 * _LONGEST_FIELD].decode("utf-8", "surrogateescape")).split())
    return printable(text)[:_LONGEST_FIELD]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(map(printable, text.splitlines()))


def _attached(part: Part) -> Attached:
    return Attached(printable(part.filename)[:_LONGEST_NAME], printable(part.kind)[:_LONGEST_NAME], len(part.payload))
