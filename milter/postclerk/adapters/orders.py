"""Orders about held messages, given by people and carried out by the one part that may touch Postfix's queue.

Failure modes: StoreError.
"""

from __future__ import annotations

import enum
from typing import Any

import sqlalchemy as sa

from postclerk.adapters.store import Store
from postclerk.adapters.tables import orders


class Order(enum.Enum):
    """What is to be done with a held message."""

    RELEASE = "release"
    DELETE = "delete"


RELEASED = "released"
"""The outcome of an order that let a message go."""

DELETED = "deleted"
"""The outcome of an order that ended a message."""

FAILED = "failed: "
"""How the outcome of an order begins that could not be carried out."""


def give(
    connection: sa.Connection, order: Order, *, queue_id: str, incident: str, why: str, by: str, at: float
) -> None:
    """Writes an order down within the caller's transaction; one that waits already is not given twice."""
    waiting = sa.select(orders.c.number).where(orders.c.queue_id == queue_id, orders.c.done_at.is_(None))
    if connection.scalar(waiting) is None:
        row = {"queue_id": queue_id, "incident": incident, "action": order.value, "why": why, "made_by": by}
        connection.execute(sa.insert(orders).values(**row, made_at=at, outcome=""))


def waiting(store: Store) -> list[dict[str, Any]]:
    """Orders that are not carried out yet, in their order."""
    with store.read() as connection:
        query = sa.select(orders).where(orders.c.done_at.is_(None)).order_by(orders.c.number)
        return [dict(row) for row in connection.execute(query).mappings()]


def done(store: Store, number: int, outcome: str, at: float) -> None:
    """Writes down what came of an order."""
    with store.write() as connection:
        connection.execute(sa.update(orders).where(orders.c.number == number).values(done_at=at, outcome=outcome[:500]))


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
    """The newest order about each of these decisions; one that failed is as if it had not been given."""
    failed = orders.c.outcome.like(f"{FAILED}%")
    with store.read() as connection:
        query = sa.select(orders).where(orders.c.incident.in_(incidents), ~failed).order_by(orders.c.number)
        return {row["incident"]: dict(row) for row in connection.execute(query).mappings()}
