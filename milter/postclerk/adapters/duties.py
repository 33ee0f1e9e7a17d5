"""What is to be done about letters that wait: whom to remind, whose superior to tell, which flags to set.

Failure modes: StoreError.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from postclerk.adapters.book import post_of
from postclerk.adapters.store import Store
from postclerk.adapters.tables import duties, letter_keys, letters, sent, sent_keys
from postclerk.core.tracker import Bond, Post, State

_AT_ONCE = 500
_MOST_LISTED = 500
"""Letters that one person's reminder looks at; who has more is not helped by more lines."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A duty that waits, with its letter; `number` is the duty's."""

    number: int
    letter: int
    login: str
    mailbox: str
    due: float
    post: Post
    flag_begun: bool = False
    """Its flag was going to be set, and perhaps is."""


def waiting_for(
    store: Store, login: str, *, due_before: float | None = None, most: int = _MOST_LISTED
) -> list[Waiting]:
    """What waits for somebody, the oldest first."""
    query = _WAITING.where(duties.c.login == login, duties.c.waits == 1)
    if due_before is not None:
        query = query.where(duties.c.due <= due_before)
    with store.read() as connection:
        return [_waiting(row) for row in connection.execute(query.limit(most)).mappings()]


def find(store: Store, number: int, login: str) -> tuple[Waiting, State] | None:
    """One duty of a login, and what became of its letter."""
    query = _WAITING.where(duties.c.number == number, duties.c.login == login)
    with store.read() as connection:
        row = connection.execute(query).mappings().first()
    return (_waiting(row), State(row["state"])) if row else None


def settle(store: Store, number: int, login: str, why: str, *, answered_at: float | None = None) -> bool:
    """Ends what waits at the word of whose duty it is: no answer is needed, or it was answered by telephone at a time;
    False where it waits no longer."""
    with store.write() as connection:
        # Whoever has passed it on may still say so.
        query = (
            sa.select(duties.c.letter)
            .join(letters, letters.c.number == duties.c.letter)
            .where(duties.c.number == number, duties.c.login == login, letters.c.state == State.WAITING.value)
        )
        letter = connection.scalar(query)
        if letter is None:
            return False
        values: dict[str, Any] = {"state": State.UNNEEDED.value, "why": why}
        if answered_at is not None:
            values = {"state": State.ANSWERED.value, "why": why, "answered_at": answered_at, "answered_login": login,
                      "answered_by": "", "bond": int(Bond.WORD)}  # fmt: skip
        connection.execute(sa.update(letters).where(letters.c.number == letter).values(**values))
        connection.execute(sa.update(duties).where(duties.c.letter == letter).values(waits=0))
    return True


# -- writing to people -------------------------------------------------------------------------------------------------


def to_be_told(store: Store, column: str, due_before: float) -> list[str]:
    """The logins with something that fell due before a moment and of which they were not told; `column` says what of:
    `warned_at`, `reminded_at` or `escalated_at`."""
    untold = duties.c[column]
    query = sa.select(duties.c.login).where(duties.c.waits == 1, duties.c.due <= due_before, untold.is_(None))
    with store.read() as connection:
        return list(connection.scalars(query.distinct().order_by(duties.c.login)))


def tell(store: Store, column: str, told: list[Waiting], at: float, write: Callable[[sa.Connection], bool]) -> bool:
    """Marks duties as told and has `write` put the mail, in one transaction; False where another did so before, or one
    of them waits no longer."""
    numbers = [one.number for one in told]
    parts = [numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE)]
    with store.write() as connection:
        for part in parts:
            # What is answered at this moment is not to be reminded of; whoever answers waits for this.
            waits = sa.select(duties.c.number).where(duties.c.number.in_(part), duties.c.waits == 1)
            if len(connection.scalars(waits.with_for_update()).all()) < len(part):
                return False
        if not write(connection):
            return False
        for part in parts:
            connection.execute(sa.update(duties).where(duties.c.number.in_(part)).values({column: at}))
    return True


# -- flags -------------------------------------------------------------------------------------------------------------


_OUR_FLAG, _OWNERS_FLAG, _BEGUN = 1, 2, 3
"""What `flagged` says beside 0: the flag is ours, or its owner's, or ours and perhaps not set yet."""


def to_be_flagged(store: Store, at: float) -> list[Waiting]:
    """What is overdue and bears no flag yet, and is to be tried now."""
    unflagged = duties.c.flagged.in_((0, _BEGUN))
    query = _WAITING.where(duties.c.waits == 1, duties.c.due <= at, unflagged, _may_be_tried(at))
    with store.read() as connection:
        return [_waiting(row) for row in connection.execute(query.limit(_AT_ONCE)).mappings()]


def to_be_unflagged(store: Store, at: float) -> list[Waiting]:
    """What bears our flag, or may bear it, and is overdue no longer."""
    done = sa.or_(duties.c.waits == 0, duties.c.due > at)
    query = _WAITING.where(duties.c.flagged.in_((_OUR_FLAG, _BEGUN)), done, _may_be_tried(at))
    with store.read() as connection:
        return [_waiting(row) for row in connection.execute(query.limit(_AT_ONCE)).mappings()]


def _may_be_tried(at: float) -> sa.ColumnElement[bool]:
    return sa.or_(duties.c.flag_next_at.is_(None), duties.c.flag_next_at <= at)


def flag_begun(store: Store, numbers: list[int]) -> None:
    """Our flag is going to be set: from now on it is known for ours."""
    with store.write() as connection:
        mine = sa.update(duties).where(duties.c.number.in_(numbers), duties.c.flagged == 0)
        connection.execute(mine.values(flagged=_BEGUN))


def flagged_by_owner(store: Store, number: int) -> None:
    """Its owner had set the flag himself: it is left to him."""
    with store.write() as connection:
        mine = sa.update(duties).where(duties.c.number == number, duties.c.flagged == 0)
        connection.execute(mine.values(flagged=_OWNERS_FLAG, flag_next_at=None))


def flagged(store: Store, number: int, *, is_set: bool) -> None:
    """The flag is set, or taken away."""
    with store.write() as connection:
        values = {"flagged": int(is_set), "flag_next_at": None}
        connection.execute(sa.update(duties).where(duties.c.number == number).values(**values))


def flag_later(store: Store, numbers: list[int], when: float) -> None:
    """The mailbox could not be reached, or does not hold the letter (yet): it is tried again."""
    with store.write() as connection:
        connection.execute(sa.update(duties).where(duties.c.number.in_(numbers)).values(flag_next_at=when))


# -- forgetting --------------------------------------------------------------------------------------------------------


def forget(store: Store, before: float) -> None:
    """Removes what came before a time, but for what still waits or bears a flag."""
    with store.write() as connection:
        kept = sa.select(duties.c.letter).where(sa.or_(duties.c.waits == 1, duties.c.flagged.in_((_OUR_FLAG, _BEGUN))))
        old = sa.select(letters.c.number).where(letters.c.received < before, letters.c.number.not_in(kept))
        connection.execute(sa.delete(letter_keys).where(letter_keys.c.letter.in_(old)))
        connection.execute(sa.delete(duties).where(duties.c.letter.in_(old)))
        connection.execute(sa.delete(letters).where(letters.c.received < before, letters.c.number.not_in(kept)))
        aged = sa.select(sent.c.number).where(sent.c.at < before)
        connection.execute(sa.delete(sent_keys).where(sent_keys.c.sent.in_(aged)))
        connection.execute(sa.delete(sent).where(sent.c.at < before))


_WAITING = (
    sa.select(duties.c.number, duties.c.letter, duties.c.login, duties.c.mailbox, duties.c.due, duties.c.flagged,
              letters.c.post, letters.c.state)
    .join(letters, letters.c.number == duties.c.letter)
    .order_by(letters.c.received, duties.c.number)
)  # fmt: skip


def _waiting(row: Any) -> Waiting:
    there = post_of(row["post"])
    begun = row["flagged"] == _BEGUN
    return Waiting(row["number"], row["letter"], row["login"], row["mailbox"], row["due"], there, begun)
