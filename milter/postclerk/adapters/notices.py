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

_AT_ONCE = 50
_KEY = ("login", "role", "rule", "code")


@dataclass(frozen=True, slots=True)
class Group:
    """What one person is told in one mail: of the newest of these decisions, and how many there were."""

    incident: str
    login: str
    role: str
    times: int
    asks: list[dict[str, Any]]
    header: str


def tell(store: Store, at: float, pause: float, write: Callable[[sa.Connection, Group], None]) -> int:
    """Hands what is due to `write`, in a transaction that also marks it as told. Returns how much that was."""
    with store.read() as connection:
        if connection.scalar(sa.select(notices.c.seq).where(notices.c.told_at.is_(None)).limit(1)) is None:
            return 0
    with store.write() as connection:
        if not store.is_sqlite:
            # Two couriers must not both find that nobody was told of late.
            connection.execute(sa.text("LOCK TABLE notices IN SHARE ROW EXCLUSIVE MODE"))
        due = _due(connection, at, pause)[:_AT_ONCE]
        for rows in due:
            newest = rows[-1]
            write(
                connection,
                Group(newest["incident"], newest["login"], newest["role"], len(rows), newest["asks"], newest["header"]),
            )
            connection.execute(
                sa.update(notices).where(notices.c.seq.in_([row["seq"] for row in rows])).values(told_at=at, header="")
            )
    return len(due)


def _due(connection: sa.Connection, at: float, pause: float) -> list[list[Any]]:
    """What is to be told and was not told of late, by person and finding, each oldest first."""
    groups: dict[tuple[str, ...], list[Any]] = {}
    waiting = sa.select(notices).where(notices.c.told_at.is_(None)).order_by(notices.c.seq).limit(5000)
    for row in connection.execute(waiting).mappings():
        groups.setdefault(tuple(row[name] for name in _KEY), []).append(row)
    recent = sa.select(*(notices.c[name] for name in _KEY)).where(notices.c.told_at > at - pause).distinct()
    told = {tuple(row) for row in connection.execute(recent)} if groups else set()
    return [rows for key, rows in groups.items() if key not in told]


def concerns(store: Store, incident: str, login: str) -> dict[str, Any] | None:
    """What a person has to do with a decision: `role` and `asks`; None where it does not concern him."""
    query = sa.select(notices.c.role, notices.c.asks).where(notices.c.incident == incident, notices.c.login == login)
    with store.read() as connection:
        row = connection.execute(query.order_by(notices.c.seq.desc())).mappings().first()
    return dict(row) if row else None


def concerned(store: Store, incident: str) -> list[dict[str, Any]]:
    """Whom among our own people a decision concerns: `login`, `role` and `told_at` each."""
    query = sa.select(notices.c.login, notices.c.role, notices.c.told_at).where(notices.c.incident == incident)
    with store.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
