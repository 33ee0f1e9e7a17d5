"""The tracker's book in the store: letters, duties, and what our own people sent (see core.tracker.Book).

A book is of one transaction, its caller's. Failure modes: those of the connection; the caller's Store makes them
StoreError.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from postclerk.adapters.tables import duties, letter_keys, letters, sent, sent_keys
from postclerk.core.threads import subject
from postclerk.core.tracker import Answer, Bond, Duty, Letter, Post, Sent, State

_MOST_FOUND = 500
"""Letters that one message may belong to: who writes the same a thousand times is answered by the newest."""

_SETS = ("authors", "answer_to", "people", "to", "recipients")
_LISTS = ("parents", "references")
_POST = tuple(one.name for one in fields(Post) if one.name != "subject")

Elapsed = Callable[[str, float, float], float]
"""The working time in seconds between two moments, for a login."""


class StoreBook:
    """The book within one transaction. `elapsed` tells how long an answer took."""

    def __init__(self, connection: sa.Connection, elapsed: Elapsed) -> None:
        self._connection = connection
        self._elapsed = elapsed

    # -- finding ---------------------------------------------------------------------------------------------------

    def find(self, fingerprint: str) -> Letter | None:
        """See core.tracker.Book."""
        row = self._connection.execute(_BY_FINGERPRINT, {"of": fingerprint}).mappings().first()
        return self._whole([row])[0] if row else None

    def get(self, number: int) -> Letter | None:
        """A letter by its number."""
        return self.several([number]).get(number)

    def several(self, numbers: Collection[int]) -> dict[int, Letter]:
        """Letters by their numbers."""
        rows = self._connection.execute(_BY_NUMBERS, {"numbers": list(numbers)}).mappings().all()
        return {letter.number: letter for letter in self._whole(list(rows))}

    def letters(self, keys: Collection[str]) -> list[tuple[str, Letter]]:
        """See core.tracker.Book."""
        if not keys:
            return []
        rows = self._connection.execute(_BY_KEYS, {"keys": list(keys)}).mappings().all()
        once = {row["number"]: row for row in rows}
        whole = {letter.number: letter for letter in self._whole(list(once.values()))}
        return [(row["key"], whole[row["number"]]) for row in rows]

    def sent(self, keys: Collection[str]) -> list[tuple[str, Sent]]:
        """See core.tracker.Book."""
        if not keys:
            return []
        rows = self._connection.execute(_SENT_BY_KEYS, {"keys": list(keys)}).mappings()
        return [(row["key"], Sent(_post(row["post"]), tuple(row["logins"]))) for row in rows]

    def _whole(self, rows: list[Any]) -> list[Letter]:
        numbers = [row["number"] for row in rows]
        theirs: dict[int, list[Duty]] = {number: [] for number in numbers}
        if numbers:
            for row in self._connection.execute(_DUTIES_OF, {"letters": numbers}).mappings():
                theirs[row["letter"]].append(_duty(row))
        return [_letter(row, theirs[row["number"]]) for row in rows]

    # -- writing ---------------------------------------------------------------------------------------------------

    def add(self, letter: Letter, keys: Collection[str]) -> None:
        """See core.tracker.Book."""
        row = {"post": as_json(letter.post), "received": letter.post.at, **self._state_of(letter)}
        fingerprint = letter.fingerprint
        done = self._connection.execute(_INSERT_LETTER, {"fingerprint": fingerprint, **row})
        assert done.inserted_primary_key is not None
        letter.number = int(done.inserted_primary_key[0])
        self._add_keys(letter.number, keys)
        self._add_duties(letter, letter.duties)

    def keep(self, sent: Sent, keys: Collection[str]) -> None:
        """See core.tracker.Book."""
        post = sent.post
        if self._connection.scalar(_KNOWN_SENT, {"of": post.fingerprint}) is not None:
            return
        row = {"fingerprint": post.fingerprint, "at": post.at, "post": as_json(post), "logins": list(sent.logins)}
        done = self._connection.execute(_INSERT_SENT, row)
        assert done.inserted_primary_key is not None
        number = done.inserted_primary_key[0]
        if keys:
            self._connection.execute(_INSERT_SENT_KEY, [{"key": key, "sent": number} for key in dict.fromkeys(keys)])

    def change(self, letter: Letter, keys: Collection[str] = ()) -> None:
        """See core.tracker.Book."""
        self._connection.execute(_UPDATE_LETTER, {"of": letter.number, **self._state_of(letter)})
        self._add_keys(letter.number, keys)
        known = {row["login"] for row in self._connection.execute(_DUTIES_OF, {"letters": [letter.number]}).mappings()}
        for duty in letter.duties:
            if duty.login in known:
                values = {"due": duty.due, **_standing_of(letter, duty)}
                self._connection.execute(_UPDATE_DUTY, {"of": letter.number, "whose": duty.login, **values})
        self._add_duties(letter, [duty for duty in letter.duties if duty.login not in known])

    def _add_keys(self, number: int, keys: Collection[str]) -> None:
        if keys:
            rows = [{"key": key, "letter": number} for key in dict.fromkeys(keys)]
            self._connection.execute(_INSERT_LETTER_KEY, rows)

    def _add_duties(self, letter: Letter, more: list[Duty]) -> None:
        rows = [
            {"letter": letter.number, "login": one.login, "mailbox": one.mailbox, "due": one.due, "flagged": 0,
             **_standing_of(letter, one)}
            for one in more
        ]  # fmt: skip
        if rows:
            self._connection.execute(_INSERT_DUTY, rows)

    def _state_of(self, letter: Letter) -> dict[str, Any]:
        answer = letter.answer
        return {
            "state": letter.state.value,
            "why": letter.why,
            "answered_at": answer.at if answer else None,
            "answered_by": answer.ident if answer else None,
            "answered_login": answer.login if answer else None,
            "bond": int(answer.bond) if answer else None,
            "took": self._elapsed(letter.duties[0].login, letter.post.at, answer.at) if answer else None,
        }


def _standing_of(letter: Letter, duty: Duty) -> dict[str, int]:
    return {"passed": int(duty.passed), "waits": int(letter.state is State.WAITING and not duty.passed)}


def _duty(row: Any) -> Duty:
    return Duty(row["login"], row["mailbox"], row["due"], bool(row["passed"]))


def _letter(row: Any, theirs: list[Duty]) -> Letter:
    answer = None
    if row["answered_at"] is not None:
        answer = Answer(row["answered_by"], row["answered_at"], row["answered_login"], Bond(row["bond"]))
    return Letter(
        _post(row["post"]), theirs, State(row["state"]), row["fingerprint"], row["why"], answer, row["number"]
    )


def as_json(post: Post) -> dict[str, Any]:
    """A post as its row holds it."""
    values = {name: getattr(post, name) for name in _POST}
    return values | {name: sorted(values[name]) for name in _SETS}


def _post(values: dict[str, Any]) -> Post:
    values = {"to": values["people"]} | values  # a row that was written before To stood in it
    whole = values | {name: frozenset(values[name]) for name in _SETS} | {name: tuple(values[name]) for name in _LISTS}
    return Post(**whole, subject=subject(values["title"]))


def post_of(value: str | dict[str, Any]) -> Post:
    """The post that a row holds."""
    return _post(json.loads(value) if isinstance(value, str) else value)


_BY_FINGERPRINT = sa.select(letters).where(letters.c.fingerprint == sa.bindparam("of"))
_BY_NUMBERS = sa.select(letters).where(letters.c.number.in_(sa.bindparam("numbers", expanding=True)))
_BY_KEYS = (
    sa.select(letter_keys.c.key, letters)
    .join(letters, letters.c.number == letter_keys.c.letter)
    .where(letter_keys.c.key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(letters.c.received.desc(), letters.c.number.desc())
    .limit(_MOST_FOUND)
)
_SENT_BY_KEYS = (
    sa.select(sent_keys.c.key, sent)
    .join(sent, sent.c.number == sent_keys.c.sent)
    .where(sent_keys.c.key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(sent.c.at, sent.c.number)
    .limit(_MOST_FOUND)
)
_DUTIES_OF = (
    sa.select(duties).where(duties.c.letter.in_(sa.bindparam("letters", expanding=True))).order_by(duties.c.number)
)
_KNOWN_SENT = sa.select(sent.c.number).where(sent.c.fingerprint == sa.bindparam("of"))
_INSERT_LETTER = sa.insert(letters)
_INSERT_SENT = sa.insert(sent)
_INSERT_LETTER_KEY = sa.insert(letter_keys)
_INSERT_SENT_KEY = sa.insert(sent_keys)
_INSERT_DUTY = sa.insert(duties)
_UPDATE_LETTER = sa.update(letters).where(letters.c.number == sa.bindparam("of"))
_UPDATE_DUTY = sa.update(duties).where(duties.c.letter == sa.bindparam("of"), duties.c.login == sa.bindparam("whose"))
