"""The journal's way to the disk: a worker appends its decisions to a file of its own and waits for the disk; the ledger
files them into the store soon after.

So a message waits for one append and not for a database, several workers never wait for each other, and a store that
is busy or away for a while stops no mail. Threads that come at the same time share one wait.

Failure modes: JournalFull when the disk does not take a decision, or when too much waits for the store. A line that is
torn by a loss of power was never answered for, and is passed over.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from postclerk import events
from postclerk.adapters import journal
from postclerk.adapters.files import make_own_folder, open_own
from postclerk.adapters.store import Store, StoreError
from postclerk.core.ports import JournalFull

_ROTATE_AT = 4 * 1024 * 1024
"""Octets after which a worker begins a new file, so that the ledger can remove the old one."""

_NAME = re.compile(r"[0-9]{1,10}-[0-9]{1,10}\.jsonl")

_STRETCH = 256 * 1024
"""Octets by which a file grows at once."""

_MOST_WAITING = 512 * 1024 * 1024
_AT_ONCE = 200
"""Decisions filed in one transaction: few enough that the counters never wait for long."""


_as_json = json.JSONEncoder(ensure_ascii=False).encode


class _Waiting:
    """A decision on its way to the disk."""

    __slots__ = ("fault", "line", "written")

    def __init__(self, line: bytes) -> None:
        self.line = line
        self.written = False
        self.fault: Exception | None = None


class Spool:
    """What one worker writes; the Journal of core.ports."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._file = -1
        self._size = 0
        self._allotted = 0
        self._queue: deque[_Waiting] = deque()
        self._disk = threading.Lock()

    def write(self, record: dict[str, Any]) -> None:
        """Returns when the record survives a loss of power. Raises JournalFull."""
        # Whatever a message says, a line of the file is UTF-8.
        mine = _Waiting(_as_json(record).encode("utf-8", "replace") + b"\n")
        self._queue.append(mine)
        with self._disk:
            # Whoever was here before may have written for all who came until then.
            if not mine.written:
                self._write_queue()
        if mine.fault is not None:
            why = getattr(mine.fault, "strerror", None) or repr(mine.fault)
            raise JournalFull(f"cannot write {self._folder}: {why}") from mine.fault

    def _write_queue(self) -> None:
        batch = [self._queue.popleft() for _each in range(len(self._queue))]
        fault: Exception | None = None
        try:
            self._append(b"".join(one.line for one in batch))
        except Exception as failed:  # noqa: BLE001 - every thread that waits must hear of it
            fault = failed
        for one in batch:
            one.written, one.fault = True, fault

    def _append(self, data: bytes) -> None:
        if self._file < 0 or self._size > _ROTATE_AT:
            self._begin_file()
        try:
            if self._size + len(data) > self._allotted:
                self._allot(len(data))
            _write_at(self._file, data, self._size)
            os.fdatasync(self._file)
        except OSError:
            # What was not answered for must not be filed. The ledger may have read it already, and goes on behind it:
            # so what comes next goes into another file.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            os.close(self._file)
            self._file = -1
            raise
        self._size += len(data)

    def _allot(self, needed: int) -> None:
        """Fills a stretch of the file with zeros: a write that does not make a file longer is sooner on the disk."""
        stretch = max(_STRETCH, needed)
        _write_at(self._file, bytes(stretch), self._size)
        self._allotted = self._size + stretch
        os.fsync(self._file)

    def _begin_file(self) -> None:
        if sum(map(_size, _files(self._folder))) > _MOST_WAITING:
            raise OSError(errno.EDQUOT, "too much waits for the store")
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._file, self._size, self._allotted = self._create(), 0, 0
        folder = os.open(self._folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _create(self) -> int:
        # A process of the same number, long gone, may have left files: what comes later has the higher number.
        left = [number for pid, number in map(_age, _files(self._folder)) if pid == os.getpid()]
        self._number = max([self._number, *left])
        while True:
            self._number += 1
            with contextlib.suppress(FileExistsError):
                return open_own(self._folder / f"{os.getpid()}-{self._number}.jsonl", os.O_EXCL | os.O_WRONLY)


def prepare(folder: Path) -> None:
    """Makes the folder for what waits. Raises OSError."""
    make_own_folder(folder)
    # Told now, in one line, rather than later by every message.
    with _alone(folder):
        pass


def pending(folder: Path) -> Iterator[dict[str, Any]]:
    """What waits for the store, oldest first within each worker; some of it may be filed already. Raises StoreError."""
    try:
        if folder.exists() and not os.access(folder, os.R_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        for path in _files(folder):
            with contextlib.suppress(FileNotFoundError):
                yield from _records(path.read_bytes())[0]
    except OSError as fault:
        raise StoreError(f"cannot read {folder}: {fault.strerror}") from fault


class Filing:
    """Files what waits into the store, and tells `filed` of it; remembers how far each file is filed."""

    def __init__(
        self, folder: Path, store: Store, *, filed: Callable[[list[dict[str, Any]]], None] = lambda _records: None
    ) -> None:
        self._folder = folder
        self._store = store
        self._tell = filed
        self._filed: dict[Path, int] = {}

    def file_all(self) -> None:
        """Files everything that waits and removes files that nobody writes any longer. Raises StoreError, OSError."""
        with _alone(self._folder):
            present = _files(self._folder)
            self._filed = {path: offset for path, offset in self._filed.items() if path in present}
            for path in present:
                self._file_one(path, finished=not _is_written(path, present))

    def _file_one(self, path: Path, *, finished: bool) -> None:
        with path.open("rb") as opened:
            opened.seek(self._filed.get(path, 0))
            data = opened.read()
        records, read = _records(data)
        for start in range(0, len(records), _AT_ONCE):
            self._file_batch(records[start : start + _AT_ONCE])
        if finished:
            path.unlink()
        else:
            self._filed[path] = self._filed.get(path, 0) + read

    def _file_batch(self, records: list[dict[str, Any]]) -> None:
        try:
            self._file_together(records)
        except (StoreError, ValueError) as fault:
            if isinstance(fault.__cause__, OperationalError | OSError):
                raise
            # One record that the store cannot take must not keep back all that come after it.
            refused = [one for one in records if not self._filed_alone(one)]
            if len(refused) == len(records) and isinstance(fault, StoreError):
                raise
            for one in refused:
                events.filing_refused(one, fault)

    def _file_together(self, records: list[dict[str, Any]]) -> None:
        with self._store.write() as connection:
            journal.write(connection, records)
        self._tell(records)

    def _filed_alone(self, record: dict[str, Any]) -> bool:
        try:
            self._file_together([record])
        except (StoreError, ValueError):
            return False
        return True


def _write_at(file: int, data: bytes, position: int) -> None:
    written = 0
    while written < len(data):
        written += os.pwrite(file, data[written:], position + written)


def _files(folder: Path) -> list[Path]:
    return sorted((path for path in folder.glob("*.jsonl") if _NAME.fullmatch(path.name)), key=_age)


def _size(path: Path) -> int:
    # The ledger removes what it has filed, also between a listing and a look.
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _age(path: Path) -> tuple[int, int]:
    pid, _dash, number = path.stem.partition("-")
    return int(pid), int(number)


def _is_written(path: Path, present: list[Path]) -> bool:
    """Whether a worker may still append: it lives, and has no later file."""
    pid, number = _age(path)
    if any(other_pid == pid and other > number for other_pid, other in map(_age, present)):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _records(data: bytes) -> tuple[list[dict[str, Any]], int]:
    """The whole lines among some octets, and how many octets they take; zeros behind them are not written yet."""
    end = data.rfind(b"\n") + 1
    records = []
    for line in data[:end].splitlines():
        with contextlib.suppress(ValueError):
            record = json.loads(line)
            if isinstance(record, dict) and "id" in record:
                records.append(record)
    return records, end


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = open_own(folder / ".lock")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
