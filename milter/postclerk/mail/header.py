"""The header block of a message, cut into fields as Postfix cuts it."""

from __future__ import annotations

import re

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
"""A field name is printable ASCII without a colon (RFC 5322 2.2)."""

_LINE_END = re.compile(rb"\r?\n")


def header_fields(message: bytes) -> list[tuple[str, bytes]]:
    """The fields in their order, names as written, values with their leading blanks and with LF for line ends.

    The block ends at an empty line or at the first line that is no field; an mbox `From ` line before it is skipped.
    """
    return _split(message)[0]


def body(message: bytes) -> bytes:
    """What follows the header block, with CRLF for line ends as SMTP carries it."""
    return _LINE_END.sub(b"\r\n", message[_split(message)[1] :])


def _split(message: bytes) -> tuple[list[tuple[str, bytes]], int]:
    """The fields, and where the body begins."""
    fields: list[tuple[str, list[bytes]]] = []
    position = 0
    while position < len(message):
        end = _LINE_END.search(message, position)
        stop, after = (end.start(), end.end()) if end else (len(message), len(message))
        line = message[position:stop]
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1].append(line)
        elif position == 0 and line.startswith(b"From "):
            pass
        elif match := _FIELD.fullmatch(line):
            fields.append((match[1].decode("ascii"), [match[2].rstrip(b"\r")]))
        else:
            position = position if line else after
            break
        position = after
    return [(name, b"\n".join(lines)) for name, lines in fields], position
