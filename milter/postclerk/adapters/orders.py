"""Orders about held messages, given by people and carried out by the one part that may touch Postfix's queue; and what
was read of a message for whoever ordered to see it, for a while.

Failure modes: StoreError.
"""

from __future__ import annotations

import enum
from typing import Any

import sqlalchemy as sa

from postclerk.adapters.store import Store, insert_if_new
from postclerk.adapters.tables import orders, shown


class Order(enum.Enum):
    """What is to be done with a held message."""

    SHOW = "show"
    RELEASE = "release"
    DELETE = "delete"


SHOWN = "shown"
"""The outcome of an order that had a message read."""

RELEASED = "released"
"""The outcome of an order that let a message go."""

DELETED = "deleted"
"""The outcome of an order that ended a message."""

FAILED = "failed: "
"""How the outcome of an order begins that could not be carried out."""

_KEEP_SHOWN = 3600.0
"""Seconds for which is kept what was read: it is other people's mail."""

_ENDS = orders.c.action != Order.SHOW.value
"""Orders after which a message is not held any longer."""


def give(
    connection: sa.Connection, order: Order, *, queue_id: str, incident: str, why: str, by: str, at: float
) -> bool:
    """Writes an order down within the caller's transaction; False where one waits already that ends the message, or to
    see it, one of the same person."""
    same = _shows_to(by) if order is Order.SHOW else _ENDS
    waiting = sa.select(orders.c.number).where(orders.c.queue_id == queue_id, orders.c.done_at.is_(None), same)
    if connection.scalar(waiting) is not None:
        return False
    row = {"queue_id": queue_id, "incident": incident, "action": order.value, "why": why, "made_by": by}
    connection.execute(sa.insert(orders).values(**row, made_at=at, outcome=""))
    return True


def _shows_to(by: str) -> sa.ColumnElement[bool]:
    return sa.and_(~_ENDS, orders.c.made_by == by)


def waiting(store: Store) -> list[dict[str, Any]]:
    """Orders that are not carried out yet, in their order."""
    with store.read() as connection:
        query = sa.select(orders).where(orders.c.done_at.is_(None)).order_by(orders.c.number)
        return [dict(row) for row in connection.execute(query).mappings()]


def done(store: Store, number: int, outcome: str, at: float, content: bytes | None = None) -> None:
    """Writes down what came of an order, and what was read where it was to see the message."""
    with store.write() as connection:
        connection.execute(sa.update(orders).where(orders.c.number == number).values(done_at=at, outcome=outcome[:500]))
        if content is not None:
            insert_if_new(connection, shown, number=number, at=at, content=content)


def seen(store: Store, incident: str, by: str, at: float) -> dict[str, Any] | None:
    """The newest order by which somebody had this message read, with what was read as `content`: None once its time has
    passed. Nobody sees what another ordered to see."""
    kept = sa.and_(shown.c.number == orders.c.number, shown.c.at > at - _KEEP_SHOWN)
    query = sa.select(orders, shown.c.content).join(shown, kept, isouter=True)
    query = query.where(orders.c.incident == incident, _shows_to(by)).order_by(orders.c.number.desc()).limit(1)
    with store.read() as connection:
        row = connection.execute(query).mappings().first()
    return dict(row) if row else None


def forget(store: Store, at: float) -> None:
    """Removes what was read and whose time has passed; who had it read stays."""
    old = shown.c.at <= at - _KEEP_SHOWN
    with store.read() as connection:
        if connection.scalar(sa.select(shown.c.number).where(old).limit(1)) is None:
            return
    with store.write() as connection:
        connection.execute(sa.delete(shown).where(old))


def of_incident(store: Store, incident: str) -> list[dict[str, Any]]:
    """Every order about a decision, the oldest first."""
    with store.read() as connection:
        query = sa.select(orders).where(orders.c.incident == incident).order_by(orders.c.number)
        return [dict(row) for row in connection.execute(query).mappings()]


def fate(store: Store, incident: str) -> str:
    """What has become of a held message: RELEASED, DELETED, or nothing yet."""
    ends = [one["outcome"] for one in of_incident(store, incident) if one["outcome"] in (RELEASED, DELETED)]
    return ends[-1] if ends else ""


def of_incidents(store: Store, incidents: list[str]) -> dict[str, dict[str, Any]]:
    """The newest order that ends each of these messages; one that failed is as if it had not been given."""
    failed = orders.c.outcome.like(f"{FAILED}%")
    with store.read() as connection:
        query = sa.select(orders).where(orders.c.incident.in_(incidents), _ENDS, ~failed).order_by(orders.c.number)
        return {row["incident"]: dict(row) for row in connection.execute(query).mappings()}
