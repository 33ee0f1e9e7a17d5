"""Messages in files: an mbox, a Maildir with its subfolders, a folder of .eml files, or one file; one at a time.

Failure modes: OSError for what cannot be read at all; a single message that cannot be is told through `trouble` and
passed over.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz
from pathlib import Path
from typing import BinaryIO

_LARGEST = 4 * 1024 * 1024
"""Octets of one message that are kept: header and text stand at its beginning."""

_SEPARATOR = re.compile(rb"From \S*[ \t]+((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t].*\d\d:\d\d.*\b\d{4}\b.*)")
"""The line before a message of an mbox (RFC 4155 A): who sent it, and when."""

_MAY_SEPARATE = re.compile(rb"From \S.*\b\d\d:\d\d.*\d{4}|From [^\s@]+@\S+[ \t]|From (?:MAILER-DAEMON|-)[ \t]")
"""What some programs write there; a person may write it as well, and then no header follows."""

_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")

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
    """The octets that `stored` will come through, as far as that can be told. Raises OSError."""
    if not path.is_dir():
        return path.stat().st_size
    octets = 0
    for file in _files(path, lambda _place, _what: None):
        with contextlib.suppress(OSError):
            octets += file.stat().st_size
    return octets


def stored(path: Path, trouble: Trouble) -> Iterator[Stored]:
    """Every message at a path. Raises OSError."""
    if not path.is_dir():
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError("it is neither a file nor a folder")
        yield from _of_file(path, trouble)
        return
    for file in _files(path, trouble):
        try:
            yield _whole(file)
        except OSError as fault:
            trouble(str(file), fault.strerror or str(fault))


def _files(folder: Path, trouble: Trouble) -> Iterator[Path]:
    """The messages of a Maildir and of those below it, or the .eml files below a folder. Follows no links."""

    def closed(fault: OSError) -> None:
        trouble(str(fault.filename), fault.strerror or str(fault))

    for place, folders, names in os.walk(folder, onerror=closed):
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
    changed_at = filed_at = file.stat().st_mtime
    number, lines, kept, size = 0, [], 0, 0  # type: ignore[var-annotated]
    blank = True
    with file.open("rb") as opened:
        # Lines without an end are read in pieces, so that none fills the memory.
        while line := opened.readline(_LARGEST):
            if blank and line.startswith(b"From ") and (not number or _separates(line, opened)):
                if number:
                    yield Stored(f"{file}:{number}", b"".join(lines), filed_at, size)
                number, lines, kept, size = number + 1, [], 0, 0
                filed_at = _filed_at(line) or changed_at
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


def _separates(line: bytes, opened: BinaryIO) -> bool:
    """Whether a line that begins with From parts two messages."""
    if _SEPARATOR.match(line):
        return True
    if not _MAY_SEPARATE.match(line):
        return False
    here = opened.tell()
    follows = opened.readline(1000)
    opened.seek(here)
    return bool(_FIELD.match(follows))


def _filed_at(line: bytes) -> float | None:
    """When a message was filed, by the line before it; such a time is universal time (RFC 4155)."""
    found = _SEPARATOR.match(line)
    try:
        parsed = parsedate_tz(found[1].decode("ascii")) if found else None
        return float(mktime_tz(parsed)) if parsed else None
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _is_cut_off(data: bytes, kept: int) -> bool:
    """Whether the last message of an mbox is not all there: no end of its header, of its last line or of its parts."""
    if kept >= _LARGEST:
        return False
    end = _HEADER_END.search(data)
    if end is None or not data.endswith(b"\n"):
        return True
    boundary = _BOUNDARY.search(data[: end.start() + 1])
    return boundary is not None and b"--" + boundary[1] + b"--" not in data
