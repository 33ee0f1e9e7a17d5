"""What our own people ask for, who decides, and what was decided: each once. Failure modes: StoreError."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from postclerk.adapters.store import Store
from postclerk.adapters.tables import requests

_MOST_OPEN = 10
"""Requests of one person that may wait for an answer."""


class TooManyWait(Exception):
    """Whoever asks is waiting for so many answers already that he has to wait for one of them."""


def ask(store: Store, row: dict[str, Any], write: Callable[[sa.Connection, int], None]) -> int | None:
    """Writes a request down and has `write` do what belongs to it; returns its number, or None where the person has
    asked the same already. Raises TooManyWait."""
    same = [requests.c[name] == row[name] for name in ("incident", "login", "kind", "rule")]
    same += [requests.c[name].is_not_distinct_from(row[name]) for name in ("option", "value")]
    mine = sa.select(sa.func.count()).where(requests.c.login == row["login"], requests.c.decided_at.is_(None))
    with store.write() as connection:
        there = connection.scalar(sa.select(requests.c.number).where(*same))
        if there is not None:
            return None
        if (connection.scalar(mine) or 0) >= _MOST_OPEN:
            raise TooManyWait
        made = connection.execute(sa.insert(requests).values(**row, answer="").returning(requests.c.number))
        number = int(made.scalar_one())
        write(connection, number)
    return number


def find(store: Store, number: int) -> dict[str, Any] | None:
    """A request by its number."""
    with store.read() as connection:
        row = connection.execute(sa.select(requests).where(requests.c.number == number)).mappings().first()
    return dict(row) if row else None


def of_incident(store: Store, incident: str, login: str | None = None) -> list[dict[str, Any]]:
    """What a person has asked for about one decision; or everybody."""
    query = sa.select(requests).where(requests.c.incident == incident)
    if login is not None:
        query = query.where(requests.c.login == login)
    with store.read() as connection:
        return [dict(row) for row in connection.execute(query.order_by(requests.c.number)).mappings()]


def listed(store: Store, *, undecided: bool) -> list[dict[str, Any]]:
    """Requests, the newest last."""
    query = sa.select(requests).order_by(requests.c.number)
    if undecided:
        query = query.where(requests.c.decided_at.is_(None))
    with store.read() as connection:
        return [dict(row) for row in connection.execute(query.limit(1000)).mappings()]


def decide(
    store: Store,
    number: int,
    *,
    approved: bool,
    answer: str,
    by: str,
    at: float,
    write: Callable[[sa.Connection, dict[str, Any]], None],
) -> bool:
    """Decides a request and has `write` carry it out in the same transaction; False where it was decided before."""
    decided = (
        sa.update(requests)
        .where(requests.c.number == number, requests.c.decided_at.is_(None))
        .values(decided_at=at, decided_by=by, approved=int(approved), answer=answer)
        .returning(requests)
    )
    with store.write() as connection:
        row = connection.execute(decided).mappings().first()
        if row is None:
            return False
        write(connection, dict(row))
    return True
