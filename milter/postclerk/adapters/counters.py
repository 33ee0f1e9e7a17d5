"""Recipients counted in sliding windows, in a table of the store.

One transaction reads and counts, so that two workers never both take what is left. Failure modes: Unavailable;
StoreError from forget and give_back.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import sqlalchemy as sa

from postclerk.adapters.store import Store, StoreError
from postclerk.adapters.tables import counted, messages
from postclerk.core.facts import Usage, Window
from postclerk.core.ports import Unavailable
from postclerk.core.rule import Action

_INSERT = sa.insert(counted)
_RELEASE = sa.delete(counted).where(counted.c.incident == sa.bindparam("of"), counted.c.holder == sa.bindparam("by"))
_FORGET = sa.delete(counted).where(counted.c.until < sa.bindparam("now"))


def _sums(windows: int) -> sa.Select[tuple[int, ...]]:
    """One query for the sums of several windows, the widest of which bounds what is read."""
    sums = [
        sa.func.coalesce(
            sa.func.sum(sa.case((counted.c.time > sa.bindparam(f"after{number}"), counted.c.recipients), else_=0)), 0
        )
        for number in range(windows)
    ]
    return sa.select(*sums).where(counted.c.key == sa.bindparam("of"), counted.c.time > sa.bindparam("after"))


_SUMS = {number: _sums(number) for number in range(1, 4)}


def _usage(connection: sa.Connection, key: str, adding: int, windows: tuple[Window, ...], at: float) -> Usage:
    bounds = {f"after{number}": at - window.seconds for number, window in enumerate(windows)}
    longest = max(window.seconds for window in windows)
    row = connection.execute(_SUMS[len(windows)], {"of": key, "after": at - longest, **bounds}).one()
    return Usage(tuple(int(used) for used in row._mapping.values()), windows, adding)


class StoreCounters:
    """A worker's counters; `holder` is the worker's name in the table."""

    def __init__(self, store: Store, holder: str) -> None:
        self._store = store
        self._holder = holder
        self._connection: sa.Connection | None = None
        self._lock = threading.Lock()

    def reserve(
        self, key: str, adding: int, windows: tuple[Window, ...], *, incident: str, at: float, keep_over: bool
    ) -> Usage:
        """See core.ports.Counters."""
        try:
            with self._writing() as connection:
                before = _usage(connection, key, adding, windows, at)
                if keep_over or not before.overrun():
                    until = at + max(window.seconds for window in windows)
                    row = {"key": key, "time": at, "recipients": adding, "incident": incident, "until": until}
                    connection.execute(_INSERT, {**row, "holder": self._holder})
        except StoreError as fault:
            raise Unavailable(str(fault)) from fault
        return before

    def release(self, incident: str) -> None:
        """See core.ports.Counters."""
        try:
            with self._writing() as connection:
                connection.execute(_RELEASE, {"of": incident, "by": self._holder})
        except StoreError as fault:
            raise Unavailable(str(fault)) from fault

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        # A count that a loss of power takes with it is counted again; only decisions wait for the disk.
        with self._lock:
            if self._connection is None:
                self._connection = self._store.connect()
            with self._store.write(self._connection, durable=False) as connection:
                yield connection


def forget(store: Store, now: float) -> None:
    """Removes what no window reaches any longer. Raises StoreError."""
    with store.write() as connection:
        connection.execute(_FORGET, {"now": now})


def give_back(store: Store, holders: str) -> None:
    """Gives back what processes that are gone had counted for messages that were never accepted. `holders` is one
    process or, ending with `:`, all of a host. Raises StoreError."""
    accepted = sa.select(messages.c.id).where(
        messages.c.action.in_([one.value for one in Action if not one.refuses]), messages.c.id == counted.c.incident
    )
    gone = counted.c.holder == holders
    if holders.endswith(":"):
        gone = counted.c.holder.startswith(holders, autoescape=True)
    with store.write() as connection:
        connection.execute(sa.delete(counted).where(gone, ~accepted.exists()))


class ReadOnlyCounters:
    """Counters that are looked at and not touched: what `postclerk try` sees."""

    def __init__(self, store: Store | None) -> None:
        self._store = store

    def reserve(
        self, key: str, adding: int, windows: tuple[Window, ...], *, incident: str, at: float, keep_over: bool
    ) -> Usage:
        """What is used, without counting anything; nothing where there is no store yet."""
        if self._store is None:
            return Usage((0,) * len(windows), windows, adding)
        try:
            with self._store.read() as connection:
                return _usage(connection, key, adding, windows, at)
        except StoreError as fault:
            raise Unavailable(str(fault)) from fault

    def release(self, incident: str) -> None:
        """Nothing was counted."""
