"""Grants and suspensions: rows of the store that are never deleted, and in each worker those that are in force.

A worker looks them up in memory, and reads them again when the stamp file says that they have changed, so that a grant
is good for the very next message; on another host, which does not see this stamp, for one some seconds later.

Failure modes: Unavailable where they could never be read; StoreError from what changes or lists them.
"""

from __future__ import annotations

import datetime
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from postclerk import clock
from postclerk.adapters.files import open_own
from postclerk.adapters.store import Store, StoreError
from postclerk.adapters.tables import findings, grants, messages, suspensions
from postclerk.core.facts import Excuse, Grant, Suspension
from postclerk.core.ports import Unavailable

_READ_EVERY = 5.0
"""Seconds after which they are read again, whatever the stamp says."""


@dataclass(slots=True)
class _InForce:
    """What was read: grants by whom they are for, suspensions by login; the stamp's time, and when it was read."""

    grants: dict[tuple[str, str], list[Any]]
    suspensions: dict[str, list[Any]]
    stamp: int
    until: float


class StoreStanding:
    """The Standing of core.ports, from a store; `stamp` is the file whose time tells of changes, if there is one."""

    def __init__(self, store: Store | None, stamp: Path | None, zone: datetime.tzinfo) -> None:
        self._store = store
        self._stamp = stamp
        self._zone = zone
        self._lock = threading.Lock()
        self._known: _InForce | None = None

    def raised(self, login: str, unit: str, at: float) -> dict[tuple[str, str], Grant]:
        """See core.ports.Standing."""
        found: dict[tuple[str, str], Grant] = {}
        for row in self._granted(login, unit):
            if row["option"] is not None and _holds(row, at):
                key = (row["rule"], row["option"])
                if key not in found or found[key].amount < row["amount"]:
                    found[key] = Grant(row["number"], row["amount"])
        return found

    def exempted(self, login: str, unit: str, rule: str, excuse: Excuse, at: float) -> int:
        """See core.ports.Standing."""
        rows = (row for row in self._granted(login, unit) if row["rule"] == rule and row["value"] in excuse.values)
        return next((int(row["number"]) for row in rows if _holds(row, at)), 0)

    def _granted(self, login: str, unit: str) -> list[Any]:
        known = self._in_force().grants
        if not known:
            return []
        return known.get(("login", login), []) + (known.get(("unit", unit.casefold()), []) if unit else [])

    def suspension(self, login: str, at: float) -> Suspension | None:
        """See core.ports.Standing. Of several the one that lasts longest."""
        rows = [row for row in self._in_force().suspensions.get(login, ()) if _holds(row, at)]
        if not rows:
            return None
        longest = max(rows, key=lambda row: float("inf") if row["ends"] is None else row["ends"])
        return Suspension(longest["reason"], self._shown(longest["ends"]), bool(longest["automatic"]))

    def _shown(self, ends: float | None) -> str:
        return "" if ends is None else f"{clock.local(ends, self._zone):%Y-%m-%d %H:%M}"

    def _in_force(self) -> _InForce:
        stamp = _changed_at(self._stamp)
        known = self._known
        if known is not None and known.stamp == stamp and known.until > time.monotonic():
            return known
        with self._lock:
            known = self._known
            if known is None or known.stamp != stamp or known.until <= time.monotonic():
                self._known = known = self._read(stamp, known)
            return known

    def _read(self, stamp: int, before: _InForce | None) -> _InForce:
        until = time.monotonic() + _READ_EVERY
        if self._store is None:
            return _InForce({}, {}, stamp, until)
        try:
            with self._store.read() as connection:
                granted = connection.execute(sa.select(grants).where(grants.c.revoked_at.is_(None))).mappings().all()
                suspended = connection.execute(sa.select(suspensions).where(suspensions.c.lifted_at.is_(None)))
                return _InForce(_by_whom(granted), _by_login(suspended.mappings().all()), stamp, until)
        except StoreError as fault:
            if before is None:
                raise Unavailable(str(fault)) from fault
            before.until = until
            before.stamp = stamp
            return before


def _by_whom(rows: Iterable[Any]) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        whose = ("login", row["login"]) if row["login"] is not None else ("unit", row["unit"].casefold())
        found.setdefault(whose, []).append(row)
    return found


def _by_login(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row["login"], []).append(row)
    return found


def _holds(row: Any, at: float) -> bool:
    return bool(row["begins"] <= at and (row["ends"] is None or at < row["ends"]))


def _changed_at(stamp: Path | None) -> int:
    if stamp is None:
        return 0
    try:
        return stamp.stat().st_mtime_ns
    except OSError:
        return 0


def tell(stamp: Path) -> None:
    """Has every worker of this host read again before its next message. Raises OSError."""
    file = open_own(stamp)
    try:
        os.utime(file)
    finally:
        os.close(file)


# -- what the IT department does ---------------------------------------------------------------------------------------


def add_grant(store: Store, row: dict[str, Any]) -> int:
    """Writes a grant down and returns its number. Raises StoreError."""
    with store.write() as connection:
        return put_grant(connection, row)


def put_grant(connection: sa.Connection, row: dict[str, Any]) -> int:
    """The same within the caller's transaction."""
    return _number(connection.execute(sa.insert(grants), row))


def revoke_grant(store: Store, number: int, *, by: str, at: float) -> bool:
    """Ends a grant; false when there is none of this number in force. Raises StoreError."""
    ended = sa.update(grants).where(grants.c.number == number, grants.c.revoked_at.is_(None))
    with store.write() as connection:
        return connection.execute(ended.values(revoked_at=at, revoked_by=by)).rowcount > 0


def all_grants(store: Store) -> list[dict[str, Any]]:
    """Every grant that there ever was, oldest first. Raises StoreError."""
    with store.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(grants).order_by(grants.c.number)).mappings()]


def suspend(store: Store, row: dict[str, Any]) -> int:
    """Writes a suspension down and returns its number. Raises StoreError."""
    with store.write() as connection:
        return _number(connection.execute(sa.insert(suspensions), row))


def unsuspend(store: Store, login: str, *, by: str, at: float) -> int:
    """Lifts whatever holds a login; returns how many suspensions that were. Raises StoreError."""
    held = sa.update(suspensions).where(
        suspensions.c.login == login,
        suspensions.c.lifted_at.is_(None),
        sa.or_(suspensions.c.ends.is_(None), suspensions.c.ends > at),
    )
    with store.write() as connection:
        return connection.execute(held.values(lifted_at=at, lifted_by=by)).rowcount


def all_suspensions(store: Store) -> list[dict[str, Any]]:
    """Every suspension that there ever was, oldest first. Raises StoreError."""
    with store.read() as connection:
        query = sa.select(suspensions).order_by(suspensions.c.number)
        return [dict(row) for row in connection.execute(query).mappings()]


def suspend_offenders(
    store: Store, logins: Iterable[str], *, after: int, within: float, lasts: float, at: float
) -> list[str]:
    """Suspends those of these logins that were refused `after` times within the window, in seconds, and returns them.

    What was refused before an earlier suspension ended has been atoned for, and what was refused because of one counts
    for nothing. Raises StoreError.
    """
    suspended = []
    with store.write() as connection:
        for login in logins:
            since = at - within
            for before in connection.execute(sa.select(suspensions).where(suspensions.c.login == login)).mappings():
                ended = before["ends"] if before["lifted_at"] is None else before["lifted_at"]
                since = float("inf") if ended is None or ended > at else max(since, ended)
            if int(connection.scalar(_refused(login, since)) or 0) < after:
                continue
            row = {"login": login, "reason": f"{after} messages were refused within {within / 3600:g} h"}
            connection.execute(
                sa.insert(suspensions),
                {**row, "begins": at, "ends": at + lasts, "made_at": at, "made_by": "postclerk", "automatic": 1},
            )
            suspended.append(login)
    return suspended


def _refused(login: str, since: float) -> sa.Select[int]:
    offence = sa.exists().where(
        findings.c.message == messages.c.id,
        findings.c.action == "reject",
        findings.c.monitor == 0,
        findings.c.rule != "suspension",
    )
    return (
        sa.select(sa.func.count())
        .select_from(messages)
        .where(messages.c.login == login, messages.c.time > since, messages.c.action == "reject", offence)
    )


def _number(result: sa.CursorResult[Any]) -> int:
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])
