"""The numbers of weeks and what waits, for the digests: of some hundred people at a time, however many there are.

Failure modes: StoreError.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from postclerk.adapters.book import post_of
from postclerk.adapters.duties import Waiting
from postclerk.adapters.store import Store, insert_if_new
from postclerk.adapters.tables import duties, left_off, letters

AT_ONCE = 100
"""People that are looked at together."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A letter that somebody received or that was answered for him: times in seconds since the epoch, `took` the
    working time in seconds until the answer, None while there is none."""

    received: float
    due: float
    answered_at: float | None
    took: float | None


def concerned(store: Store, since: float) -> Iterator[list[str]]:
    """The logins for whom anything waits, or happened since a time, in groups and in order."""
    there = (
        sa.select(duties.c.login)
        .join(letters, letters.c.number == duties.c.letter)
        .where(sa.or_(duties.c.waits == 1, letters.c.received >= since, letters.c.answered_at >= since))
        .distinct()
        .order_by(duties.c.login)
        .limit(AT_ONCE)
    )
    last = ""
    while True:
        with store.read() as connection:
            logins = list(connection.scalars(there.where(duties.c.login > last)))
        if not logins:
            return
        yield logins
        last = logins[-1]


def waiting(store: Store, logins: Collection[str], before: float, most: int) -> dict[str, list[Waiting]]:
    """What waits for each of these and came before a time: the oldest ones, at most so many each."""
    place = sa.func.row_number().over(partition_by=duties.c.login, order_by=(letters.c.received, duties.c.number))
    ranked = (
        sa.select(duties, letters.c.post, place.label("place"))
        .join(letters, letters.c.number == duties.c.letter)
        .where(duties.c.login.in_(logins), duties.c.waits == 1, letters.c.received < before)
        .subquery()
    )
    found: dict[str, list[Waiting]] = {}
    query = sa.select(ranked).where(ranked.c.place <= most).order_by(ranked.c.login, ranked.c.place)
    with store.read() as connection:
        for row in connection.execute(query).mappings():
            one = Waiting(row["number"], row["letter"], row["login"], row["mailbox"], row["due"], post_of(row["post"]))
            found.setdefault(row["login"], []).append(one)
    return found


def counts(store: Store, logins: Collection[str], before: float) -> dict[str, int]:
    """How many letters wait for each of these that came before a time."""
    query = (
        sa.select(duties.c.login, sa.func.count())
        .join(letters, letters.c.number == duties.c.letter)
        .where(duties.c.login.in_(logins), duties.c.waits == 1, letters.c.received < before)
        .group_by(duties.c.login)
    )
    with store.read() as connection:
        return {row[0]: int(row[1]) for row in connection.execute(query)}


def oldest_due(store: Store, logins: Collection[str]) -> dict[str, float]:
    """When what has waited longest for each of these fell due, or will."""
    query = sa.select(duties.c.login, sa.func.min(duties.c.due)).where(duties.c.login.in_(logins), duties.c.waits == 1)
    with store.read() as connection:
        return {row[0]: float(row[1]) for row in connection.execute(query.group_by(duties.c.login))}


def answered(store: Store, logins: Collection[str], since: float, before: float) -> dict[str, list[Answered]]:
    """What these received or had answered in a time. Letters that were passed on are whose they became."""
    within = sa.or_(
        sa.and_(letters.c.received >= since, letters.c.received < before),
        sa.and_(letters.c.answered_at >= since, letters.c.answered_at < before),
    )
    query = (
        sa.select(duties.c.login, letters.c.received, duties.c.due, letters.c.answered_at, letters.c.took)
        .join(letters, letters.c.number == duties.c.letter)
        .where(duties.c.login.in_(logins), duties.c.passed == 0, within)
    )
    found: dict[str, list[Answered]] = {}
    with store.read() as connection:
        for login, *times in connection.execute(query):
            found.setdefault(login, []).append(Answered(*times))
    return found


# -- who wants none ----------------------------------------------------------------------------------------------------


def without(store: Store, logins: Collection[str], kind: str) -> set[str]:
    """Which of these want no digest of a kind."""
    query = sa.select(left_off.c.login).where(left_off.c.login.in_(logins), left_off.c.kind == kind)
    with store.read() as connection:
        return set(connection.scalars(query))


def leave_off(store: Store, login: str, kind: str, at: float) -> None:
    """Has no more digests of a kind sent to somebody."""
    with store.write() as connection:
        insert_if_new(connection, left_off, login=login, kind=kind, at=at)


def take_up(store: Store, login: str, kind: str) -> None:
    """Has them sent again."""
    with store.write() as connection:
        connection.execute(sa.delete(left_off).where(left_off.c.login == login, left_off.c.kind == kind))
