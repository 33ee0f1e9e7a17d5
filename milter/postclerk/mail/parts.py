"""The leaves of a message's MIME tree (RFC 2045, 2046): cut out once, decoded when somebody asks.

The standard library's parser reads a message line by line into a tree of objects and descends into it by recursion,
which a hostile message drives into its limits; here boundaries are searched for in the octets, attachments are slices
that nobody touches, and depth and number are bounded. Nothing raises: what cannot be read is left as it is.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from urllib.parse import unquote_to_bytes

from postclerk.core.addresses import decode_words
from postclerk.mail.header import header_fields

_DEEPEST = 30
_MOST = 500
_LONGEST_FIELD = 8192

_LONGEST_HEADER = 65536

_END_OF_HEADER = re.compile(rb"(?:\A|\r?\n)\r?\n")
_REST_OF_LINE = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


@dataclass(frozen=True)
class Part:
    """One leaf: its type in lower case, and where its content lies."""

    kind: str
    parameters: Mapping[str, str]
    encoding: str
    disposition: str
    filename: str
    whole: bytes = field(repr=False)
    """The body of the message, in which the content lies."""
    start: int
    stop: int
    inside: tuple[str, ...] = ()
    """The types of what it lies in, from the top."""
    alternative: int = 0
    """The number of the multipart/alternative that it lies in; 0: none."""

    @property
    def is_attached(self) -> bool:
        """Whether it is a file beside the text (RFC 2183 2.2)."""
        return self.disposition == "attachment" or bool(self.filename)

    @cached_property
    def raw(self) -> bytes:
        """The content as it was sent."""
        return self.whole[self.start : self.stop]

    @cached_property
    def payload(self) -> bytes:
        """The content, decoded; what is no good base64 as far as it can be read."""
        match self.encoding:
            case "base64":
                return _base64(self.raw)
            case "quoted-printable":
                return quopri.decodestring(self.raw)
            case _:
                return self.raw


@dataclass(frozen=True, slots=True)
class Parts:
    """The leaves in their order. `cut` where there was more than anybody looks into."""

    leaves: tuple[Part, ...]
    cut: bool


def parts(fields: list[tuple[str, bytes]], content: bytes) -> Parts:
    """The leaves of a message with these header fields (names, values as they came) and this body."""
    walk = _Walk(content)
    leaves = tuple(walk.leaves(fields, 0, len(content), (), 0))
    return Parts(leaves, walk.cut)


class _Walk:
    """One way through a tree, by places in the octets of the whole body: only leaves are cut out."""

    def __init__(self, content: bytes) -> None:
        self.cut = False
        self._content = content
        self._seen = 0
        self._alternatives = 0

    def leaves(
        self, fields: list[tuple[str, bytes]], start: int, stop: int, inside: tuple[str, ...], alternative: int
    ) -> Iterator[Part]:
        self._seen += 1
        first = {name.lower(): value for name, value in reversed(fields)}
        kind, parameters = _with_parameters(_text(first.get("content-type")) or "text/plain")
        kind = kind if "/" in kind else "text/plain"
        if not kind.startswith("multipart/") or not parameters.get("boundary"):
            disposition, named = _with_parameters(_text(first.get("content-disposition")))
            encoding = _text(first.get("content-transfer-encoding")).lower()
            filename = named.get("filename") or parameters.get("name") or ""
            yield Part(
                kind, parameters, encoding, disposition, filename, self._content, start, stop, inside, alternative
            )
            return
        if kind == "multipart/alternative":
            self._alternatives += 1
            alternative = self._alternatives
        for begin, end in _pieces(self._content, start, stop, parameters["boundary"]):
            if self._seen >= _MOST or len(inside) >= _DEEPEST:
                self.cut = True
                return
            head = self._content[begin : min(end, begin + _LONGEST_HEADER)]
            after = _END_OF_HEADER.search(head)
            # Without an empty line all of it is header, but for what Postfix would not call so either.
            content = begin + after.end() if after else end
            yield from self.leaves(header_fields(head), content, end, (*inside, kind), alternative)


def _pieces(content: bytes, start: int, stop: int, boundary: str) -> Iterator[tuple[int, int]]:
    """Where the pieces between the boundaries begin and end; without the last one, at the end (RFC 2046 5.1.1)."""
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    begin = None
    found = content.find(mark, start, stop)
    while found >= 0:
        behind = content[found + len(mark) : min(found + len(mark) + 80, stop)]
        if (found == start or content[found - 1] == 10) and (line := _REST_OF_LINE.match(behind)):
            if begin is not None:
                yield begin, max(begin, found - (2 if content[found - 2 : found - 1] == b"\r" else 1))
            if line[1]:
                return
            begin = found + len(mark) + line.end()
        found = content.find(mark, found + len(mark), stop)
    if begin is not None:
        yield begin, stop


def _text(value: bytes | None) -> str:
    return value[:_LONGEST_FIELD].decode("utf-8", "surrogateescape").strip() if value else ""


@lru_cache(maxsize=500)
def _with_parameters(value: str) -> tuple[str, Mapping[str, str]]:
    """A structured value in lower case, and its parameters, continuations and charsets read (RFC 2231)."""
    token = value.partition(";")[0].strip().lower()
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for written, text in _PARAMETER.findall(value):
        name, _star, rest = written.lower().partition("*")
        coded = rest.endswith("*") or written.endswith("*")
        number = rest.rstrip("*")
        text = re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text.strip()
        pieces.setdefault(name, {}).setdefault(
            int(number) if number.isdecimal() and len(number) < 4 else 0, (coded, text)
        )
    return token, {name: _joined(numbered) for name, numbered in pieces.items()}


def _joined(numbered: dict[int, tuple[bool, str]]) -> str:
    first_coded, first = numbered.get(0, (False, ""))
    if not any(coded for coded, _text in numbered.values()):
        text = "".join(text for _number, (_coded, text) in sorted(numbered.items()))
        return decode_words(text) if "=?" in text else text
    charset, octets = "utf-8", b""
    if first_coded and first.count("'") >= 2:
        charset, _language, first = first.split("'", 2)
        numbered = {**numbered, 0: (True, first)}
    for _number, (coded, text) in sorted(numbered.items()):
        octets += unquote_to_bytes(text) if coded else text.encode("utf-8", "surrogateescape")
    try:
        return octets.decode(charset or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return octets.decode("utf-8", "replace")


def _base64(raw: bytes) -> bytes:
    try:
        return base64.b64decode(raw)
    except (binascii.Error, ValueError):
        clean = _NOT_BASE64.sub(b"", raw)
        clean = clean[: len(clean) - (1 if len(clean) % 4 == 1 else 0)]
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
