"""Who is away: what automatic replies and a file say, as rows of the store.

An absence without a term lasts for the days on which its automatic replies were seen. Functions work within the
caller's transaction. Failure modes: those of the connection.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from postclerk.adapters.tables import absences

_LONGEST = 400
"""Days of one absence that count: a wrong year must not stop a clock for ever."""

_NEXT_DAY, _OVER_A_WEEKEND = datetime.timedelta(days=1), datetime.timedelta(days=4)
"""Until when a reply belongs to the absence before it. Without a term that is known by its replies alone, and nobody
writes on days off."""


@dataclass(frozen=True, slots=True)
class Away:
    """An absence of one of our own people; `ends` is None where no term is told, `seen` the last day it was told on."""

    number: int
    login: str
    begins: datetime.date
    ends: datetime.date | None
    substitute: str
    seen: datetime.date
    told: bool

    @property
    def last(self) -> datetime.date:
        """The last day of it, as far as is known."""
        return min(self.ends or max(self.seen, self.begins), self.begins + datetime.timedelta(days=_LONGEST))

    def covers(self, day: datetime.date) -> bool:
        """Whether a day belongs to it."""
        return self.begins <= day <= self.last


def of(connection: sa.Connection, login: str, zone: datetime.tzinfo) -> list[Away]:
    """Every absence of a login, the oldest first."""
    query = sa.select(absences).where(absences.c.login == login).order_by(absences.c.begins, absences.c.number)
    return [_away(row, zone) for row in connection.execute(query).mappings()]


def at(connection: sa.Connection, day: datetime.date, zone: datetime.tzinfo) -> list[Away]:
    """Every absence that covers a day."""
    query = sa.select(absences).where(absences.c.begins <= day.isoformat()).order_by(absences.c.number)
    query = query.where(sa.or_(absences.c.ends.is_(None), absences.c.ends >= day.isoformat()))
    return [one for row in connection.execute(query).mappings() if (one := _away(row, zone)).covers(day)]


def untold(connection: sa.Connection, zone: datetime.tzinfo) -> list[Away]:
    """Absences by automatic replies that lack a term or a substitute, of which nobody has been told."""
    query = sa.select(absences).where(absences.c.told_at.is_(None), absences.c.source == "reply")
    query = query.where(sa.or_(absences.c.ends.is_(None), absences.c.substitute == ""))
    return [_away(row, zone) for row in connection.execute(query.order_by(absences.c.number)).mappings()]


def learn(connection: sa.Connection, login: str, told: dict[str, Any], when: float, zone: datetime.tzinfo) -> bool:
    """What an automatic reply told at a time (seconds since the epoch; see core.absence.absence_json); returns whether
    it was new."""
    today = datetime.datetime.fromtimestamp(when, zone).date()
    begins = _day(told.get("from")) or today
    ends, substitute = _day(told.get("until")), str(told.get("substitute") or "")
    if ends is not None and ends < begins:
        begins = ends
    for one in of(connection, login, zone):
        goes_on = begins <= one.last + (_NEXT_DAY if one.ends else _OVER_A_WEEKEND) and (
            ends is None or one.begins <= ends
        )
        if not goes_on:
            continue
        # The newest word counts; what it leaves out stays as it was told before.
        values = {"ends": _text(ends or one.ends), "substitute": substitute or one.substitute}
        first = min(begins, one.begins) if told.get("from") else one.begins
        new = (values["ends"], values["substitute"], first) != (_text(one.ends), one.substitute, one.begins)
        if new or today > one.seen:
            mine = sa.update(absences).where(absences.c.number == one.number)
            connection.execute(mine.values(begins=first.isoformat(), learnt_at=when, **values))
        return new or (one.ends is None and today > one.seen)
    row = {"login": login, "begins": begins.isoformat(), "ends": _text(ends), "substitute": substitute}
    connection.execute(sa.insert(absences).values(**row, source="reply", learnt_at=when))
    return True


def replace_file(connection: sa.Connection, rows: Iterable[dict[str, Any]], when: float) -> set[str]:
    """What the file of absences says now, in place of what it said; returns the logins of both."""
    theirs = absences.c.source == "file"
    logins = set(connection.scalars(sa.select(absences.c.login).where(theirs)))
    connection.execute(sa.delete(absences).where(theirs))
    for row in rows:
        logins.add(row["login"])
        connection.execute(sa.insert(absences).values(**row, source="file", learnt_at=when))
    return logins


def told(connection: sa.Connection, number: int, when: float) -> bool:
    """Marks that somebody was told what his automatic reply lacks; False where another did so before."""
    mine = sa.update(absences).where(absences.c.number == number, absences.c.told_at.is_(None))
    return bool(connection.execute(mine.values(told_at=when)).rowcount)


def forget(connection: sa.Connection, before: float) -> None:
    """Removes what automatic replies told before a time, but for what reaches beyond it."""
    day = datetime.datetime.fromtimestamp(before, datetime.UTC).date().isoformat()
    mine = sa.delete(absences).where(absences.c.source == "reply", absences.c.learnt_at < before)
    connection.execute(mine.where(sa.func.coalesce(absences.c.ends, absences.c.begins) < day))


def _away(row: Any, zone: datetime.tzinfo) -> Away:
    begins, ends = datetime.date.fromisoformat(row["begins"]), _day(row["ends"])
    seen = datetime.datetime.fromtimestamp(row["learnt_at"], zone).date()
    return Away(row["number"], row["login"], begins, ends, row["substitute"], seen, row["told_at"] is not None)


def _day(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def _text(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None
