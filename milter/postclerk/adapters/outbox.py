"""Mail of our own on its way to Postfix: written in the transaction of what it tells of, tried until Postfix has it.

Whoever sends claims a mail for a while; what he does not finish is another's after that. A mail that Postfix took and
of which that could not be written down is sent again, under the same Message-ID: SMTP allows no better.

Failure modes: StoreError.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from postclerk.adapters.store import Store, insert_if_new
from postclerk.adapters.tables import outbox

_LEASE = 600.0
_AT_ONCE = 20
_FIRST_PAUSE = 30.0
_LONGEST_PAUSE = 3600.0
_KEEP_SENT = 30 * 86400.0


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to be handed over; `content` has CRLF for line ends."""

    number: int
    recipient: str
    content: bytes
    attempts: int
    made_at: float


def put(connection: sa.Connection, recipient: str, content: bytes, *, at: float, once: str | None = None) -> bool:
    """Writes a mail within the caller's transaction; False where one of that `once` is there already."""
    row = {"once": once, "made_at": at, "recipient": recipient, "content": content, "attempts": 0, "next_at": at}
    return insert_if_new(connection, outbox, **row, trouble="")


def written(store: Store, names: Collection[str]) -> set[str]:
    """Which of these names (`once`) have been written."""
    with store.read() as connection:
        there = connection.scalars(sa.select(outbox.c.once).where(outbox.c.once.in_(names)))
        return {name for name in there if name is not None}


def claim(store: Store, holder: str, at: float) -> list[Mail]:
    """Mails that are due, which nobody else will send for some minutes, the oldest first."""
    due = (
        sa.select(outbox.c.seq)
        .where(outbox.c.next_at <= at)
        .order_by(outbox.c.next_at, outbox.c.seq)
        .limit(_AT_ONCE)
        .scalar_subquery()
    )
    with store.read() as connection:
        if connection.scalar(sa.select(outbox.c.seq).where(outbox.c.next_at <= at).limit(1)) is None:
            return []
    with store.write() as connection:
        taken = connection.execute(
            sa.update(outbox)
            .where(outbox.c.seq.in_(due), outbox.c.next_at <= at)
            .values(claimed_by=holder, next_at=at + _LEASE, attempts=outbox.c.attempts + 1)
            .returning(outbox)
        ).mappings()
        rows = sorted(taken, key=lambda row: row["seq"])
    return [Mail(row["seq"], row["recipient"], bytes(row["content"]), row["attempts"], row["made_at"]) for row in rows]


def sent(store: Store, mail: Mail, at: float) -> None:
    """Postfix has it."""
    # Its name stays, so that it is not written again; its content would fill the disk.
    _done(store, mail, {"next_at": None, "sent_at": at, "trouble": "", "content": b""})


def failed(store: Store, mail: Mail, why: str, at: float, *, give_up: bool) -> None:
    """It could not be handed over; it is tried again later, after ever longer pauses, unless it is given up."""
    pause = min(_FIRST_PAUSE * 2 ** min(mail.attempts - 1, 10), _LONGEST_PAUSE)
    _done(store, mail, {"next_at": None if give_up else at + pause, "trouble": why[:500]})


def _done(store: Store, mail: Mail, values: dict[str, object]) -> None:
    with store.write() as connection:
        connection.execute(sa.update(outbox).where(outbox.c.seq == mail.number).values(claimed_by=None, **values))


def forget(store: Store, at: float) -> None:
    """Removes mail that was sent or given up long ago."""
    with store.write() as connection:
        connection.execute(sa.delete(outbox).where(outbox.c.next_at.is_(None), outbox.c.made_at < at - _KEEP_SENT))
