"""Who is still to be told of a decision, and who was: rows that the ledger writes with the decision itself.

Nobody is told the same thing, of one rule and finding, twice within a while: what comes meanwhile is counted, and told
together. Failure modes: StoreError.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from postclerk.adapters.store import Store
from postclerk.adapters.tables import notices

_AT_ONCE = 5000
"""Rows that are looked at together."""

_KEY = ("login", "role", "rule", "code")


@dataclass(frozen=True, slots=True)
class Group:
    """What one person is told in one mail: of the newest of these decisions, and how many there were."""

    incident: str
    login: str
    role: str
    rule: str
    code: str
    asks: list[dict[str, Any]]
    header: str
    rows: tuple[int, ...]

    @property
    def times(self) -> int:
        """How many decisions there were."""
        return len(self.rows)


def due(store: Store, at: float, pause: float) -> list[Group]:
    """What is to be told now: to nobody what he was told within the pause, in seconds."""
    groups: dict[tuple[str, ...], list[Any]] = {}
    waiting = sa.select(notices).where(notices.c.told_at.is_(None)).order_by(notices.c.seq).limit(_AT_ONCE)
    with store.read() as connection:
        for row in connection.execute(waiting).mappings():
            groups.setdefault(tuple(row[name] for name in _KEY), []).append(row)
        told = _told_of_late(connection, at - pause) if groups else set()
    return [_group(rows) for key, rows in groups.items() if key not in told]


def _group(rows: list[Any]) -> Group:
    newest = rows[-1]
    shared = {name: newest[name] for name in ("incident", *_KEY, "asks", "header")}
    return Group(**shared, rows=tuple(row["seq"] for row in rows))


def _told_of_late(connection: sa.Connection, since: float) -> set[tuple[str, ...]]:
    recent = sa.select(*(notices.c[name] for name in _KEY)).where(notices.c.told_at > since).distinct()
    return {tuple(row) for row in connection.execute(recent)}


def tell(
    store: Store,
    group: Group,
    at: float,
    pause: float,
    write: Callable[[sa.Connection], None],
    *,
    keep_header: bool = False,
) -> bool:
    """Marks a group as told and has `write` do so, in one transaction; False where another courier was sooner.

    The header goes, unless it is kept for a message that may yet have to be returned.
    """
    told = {"told_at": at} if keep_header else {"told_at": at, "header": ""}
    mine = sa.update(notices).where(notices.c.seq.in_(group.rows), notices.c.told_at.is_(None))
    with store.write() as connection:
        if not store.is_sqlite:
            # Two couriers must not both find that nobody was told of late.
            connection.execute(sa.text("LOCK TABLE notices IN SHARE ROW EXCLUSIVE MODE"))
        if (group.login, group.role, group.rule, group.code) in _told_of_late(connection, at - pause):
            return False
        if not connection.execute(mine.values(**told)).rowcount:
            return False
        write(connection)
    return True


def concerns(store: Store, incident: str, login: str) -> dict[str, Any] | None:
    """What a person has to do with a decision: `role` and `asks`; None where it does not concern him."""
    query = sa.select(notices.c.role, notices.c.asks).where(notices.c.incident == incident, notices.c.login == login)
    with store.read() as connection:
        row = connection.execute(query.order_by(notices.c.seq.desc())).mappings().first()
    return dict(row) if row else None


def concerned(store: Store, incident: str) -> list[dict[str, Any]]:
    """Whom among our own people a decision concerns: `login`, `role`, `told_at` and `header` each."""
    columns = (notices.c[name] for name in ("login", "role", "told_at", "header"))
    query = sa.select(*columns).where(notices.c.incident == incident)
    with store.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def forget_header(store: Store, incident: str) -> None:
    """Removes the header of a message that has come to its end."""
    told = sa.update(notices).where(notices.c.incident == incident, notices.c.told_at.is_not(None))
    with store.write() as connection:
        connection.execute(told.values(header=""))
