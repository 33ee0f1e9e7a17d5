"""SMTP replies: one code on every line, printable ASCII, within the protocol's lengths."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MAX_LINES = 32
"""As many lines as libmilter passes on."""

MAX_OCTETS = 512
"""A reply line with its code and CRLF (RFC 5321 4.5.3.1.5)."""

_LONGEST_FOR_LIBMILTER = 980
"""As many characters of a line as libmilter takes, doubled `%` counted twice."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A refusal: a basic code, an enhanced status code of the same class (RFC 3463), and its lines of text."""

    code: int
    enhanced: str
    lines: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.enhanced.partition(".")[0] != str(self.code)[0] or not 400 <= self.code <= 599:
            raise ValueError(f"{self.code} and {self.enhanced} are not of one class 4 or 5")

    @classmethod
    def of(cls, code: int, enhanced: str, texts: Iterable[str], last: str = "") -> Reply:
        """A reply of any texts: made printable, folded into lines, cut to what the protocol holds; `last` is kept."""
        room = MAX_OCTETS - len(f"{code}-{enhanced} \r\n")
        lines: list[str] = []
        for text in dict.fromkeys(map(ascii_text, texts)):
            lines += textwrap.wrap(text, room, break_on_hyphens=False) or [""]
        ends = [ascii_text(last)[:room]] if last else []
        return cls(code, enhanced, tuple(lines[: MAX_LINES - len(ends)] + ends))

    def for_libmilter(self, *, one_line: bool = False) -> tuple[str, ...]:
        """Code, enhanced code and lines as smfi_setmlreply wants them: every `%` doubled.

        `one_line` is for mail that a local program submits: its bounce runs the lines together, codes and all.
        """
        lines = self.lines
        if one_line and lines:
            room = MAX_OCTETS - len(f"{self.code}-{self.enhanced} \r\n")
            *texts, last = lines
            before = " ".join(texts)[: max(0, room - len(last) - 1)]
            lines = (f"{before} {last}" if before else last,)
        return (str(self.code), self.enhanced, *map(_doubled, lines))

    def as_json(self) -> dict[str, object]:
        """The reply as `postclerk try` shows it; the lines without their codes."""
        return {"code": self.code, "enhanced": self.enhanced, "lines": list(self.lines)}

    def __str__(self) -> str:
        """The reply as it goes over the wire."""
        last = len(self.lines) - 1
        return "\n".join(
            f"{self.code}{' ' if number == last else '-'}{self.enhanced} {line}"
            for number, line in enumerate(self.lines)
        )


def _doubled(line: str) -> str:
    fits = len(line) + line.count("%") <= _LONGEST_FOR_LIBMILTER
    return (line if fits else line[: _LONGEST_FOR_LIBMILTER // 2]).replace("%", "%%")


def ascii_text(text: str) -> str:
    """Any text as printable ASCII: accents dropped, other scripts and controls as `?` (RFC 6531 3.7.4)."""
    if text.isascii() and text.isprintable():
        return text
    plain = unicodedata.normalize("NFKD", text)
    return "".join(
        char if " " <= char <= "~" else " " if char.isspace() else "?"
        for char in plain
        if not unicodedata.combining(char)
    )
