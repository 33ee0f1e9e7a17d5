"""The header block of a message, cut into fields as Postfix cuts it."""

from __future__ import annotations

import re

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
"""A field name is printable ASCII without a colon (RFC 5322 2.2)."""

_END_OF_HEADER = re.compile(rb"(?:\A|\r?\n)\r?\n")

_LINE_END = re.compile(rb"\r?\n")


def header_fields(message: bytes) -> list[tuple[str, bytes]]:
    """The fields in their order, names as written, values with their leading blanks and with LF for line ends.

    The block ends at an empty line or at the first line that is no field; an mbox `From ` line before it is skipped.
    """
    fields: list[tuple[str, bytes]] = []
    position = 0
    while position < len(message):
        end = _LINE_END.search(message, position)
        stop, after = (end.start(), end.end()) if end else (len(message), len(message))
        line = message[position:stop]
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, value + b"\n" + line)
        elif position == 0 and line.startswith(b"From "):
            pass
        elif match := _FIELD.fullmatch(line):
            fields.append((match[1].decode("ascii"), match[2].rstrip(b"\r")))
        else:
            break
        position = after
    return fields


def body(message: bytes) -> bytes:
    """What follows the header block, with CRLF for line ends as SMTP carries it."""
    start = _END_OF_HEADER.search(message)
    return _LINE_END.sub(b"\r\n", message[start.end() :]) if start else b""
