"""Messages in files: an mbox, a Maildir with its subfolders, a folder of .eml files, or one file; one at a time.

Failure modes: OSError for what cannot be read at all; a single message that cannot be is told through `trouble` and
passed over.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_LARGEST = 4 * 1024 * 1024
"""Octets of one message that are kept: header and text stand at its beginning."""

_SEPARATOR = re.compile(rb"From \S.*\b\d\d:\d\d.*\d{4}|From [^\s@]+@\S+[ \t]|From (?:MAILER-DAEMON|-)[ \t]")
"""The line before a message of an mbox (RFC 4155 A): who sent it, and when."""

_HEADER_END = re.compile(rb"\r?\n\r?\n")
_BOUNDARY = re.compile(rb"^content-type:[^\n]*(?:\n[ \t][^\n]*)*?boundary=\"?([^\"\s;]{1,200})", re.I | re.M)

Trouble = Callable[[str, str], None]
"""Takes the place and what is the matter with it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as it is stored: its place, its octets (the first megabytes), when it was filed as far as the file
    tells (seconds since the epoch), and how much of the whole has been read with it."""

    place: str
    data: bytes
    filed_at: float
    size: int


def total(path: Path) -> int:
    """The octets that `stored` will come through. Raises OSError."""
    if path.is_dir():
        return sum(one.stat().st_size for one in _files(path))
    return path.stat().st_size


def stored(path: Path, trouble: Trouble) -> Iterator[Stored]:
    """Every message at a path. Raises OSError."""
    if not path.is_dir():
        yield from _of_file(path, trouble)
        return
    for file in _files(path):
        try:
            yield _whole(file)
        except OSError as fault:
            trouble(str(file), fault.strerror or str(fault))


def _files(folder: Path) -> Iterator[Path]:
    """The messages of a Maildir and of those below it, or the .eml files below a folder. Follows no links."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        here = Path(place)
        if here.name in ("cur", "new") and (here.parent / "cur").is_dir():
            wanted = [name for name in names if not name.startswith(".")]
        elif here.name == "tmp" and (here.parent / "cur").is_dir():
            wanted = []
        else:
            wanted = [name for name in names if name.lower().endswith(".eml")]
        for name in sorted(wanted):
            file = here / name
            if file.is_file() and not file.is_symlink():
                yield file


def _whole(file: Path) -> Stored:
    with file.open("rb") as opened:
        data = opened.read(_LARGEST)
        there = os.fstat(opened.fileno())
    return Stored(str(file), data, there.st_mtime, there.st_size)


def _of_file(file: Path, trouble: Trouble) -> Iterator[Stored]:
    with file.open("rb") as opened:
        first = opened.read(5)
    if first != b"From ":
        if first:
            yield _whole(file)
        return
    yield from _of_mbox(file, trouble)


def _of_mbox(file: Path, trouble: Trouble) -> Iterator[Stored]:
    filed_at = file.stat().st_mtime
    number, lines, kept, size = 0, [], 0, 0  # type: ignore[var-annotated]
    blank = True
    with file.open("rb") as opened:
        # Lines without an end are read in pieces, so that none fills the memory.
        while line := opened.readline(_LARGEST):
            if blank and line.startswith(b"From ") and _SEPARATOR.match(line):
                if number:
                    yield Stored(f"{file}:{number}", b"".join(lines), filed_at, size)
                number, lines, kept, size = number + 1, [], 0, 0
            elif kept < _LARGEST:
                lines.append(line)
                kept += len(line)
            size += len(line)
            blank = line in (b"\n", b"\r\n")
    data = b"".join(lines)
    if number and _is_cut_off(data, kept):
        trouble(f"{file}:{number}", "the mailbox ends in the middle of this message")
    elif number:
        yield Stored(f"{file}:{number}", data, filed_at, size)


def _is_cut_off(data: bytes, kept: int) -> bool:
    """Whether the last message of an mbox is not all there: no end of its header, of its last line or of its parts."""
    if kept >= _LARGEST:
        return False
    end = _HEADER_END.search(data)
    if end is None or not data.endswith(b"\n"):
        return True
    boundary = _BOUNDARY.search(data[: end.start() + 1])
    return boundary is not None and b"--" + boundary[1] + b"--" not in data
