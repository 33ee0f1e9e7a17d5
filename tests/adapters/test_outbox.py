"""The outbox: what is in it gets to Postfix, whatever happens on the way."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import sqlalchemy as sa

from postclerk.adapters import outbox
from postclerk.adapters.store import Store
from postclerk.adapters.tables import outbox as table


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A new store."""
    store = Store(f"sqlite:///{tmp_path}/postclerk.db")
    store.migrate()
    return store


def _put(store: Store, once: str | None = None, at: float = 0.0) -> bool:
    with store.write() as connection:
        return outbox.put(connection, "a.serik@uni.example", b"Subject: x\r\n\r\n\xff", at=at, once=once)


def _state(store: Store) -> list[tuple[float | None, float | None, str]]:
    with store.read() as connection:
        return [tuple(row) for row in connection.execute(sa.select(table.c.next_at, table.c.sent_at, table.c.trouble))]


def test_a_mail_is_claimed_once(store: Store) -> None:
    """Whoever claims it has it for a while; after that another may."""
    _put(store)
    (mail,) = outbox.claim(store, "one", 1.0)
    assert (mail.content, mail.attempts) == (b"Subject: x\r\n\r\n\xff", 1)
    assert outbox.claim(store, "two", 2.0) == []
    (again,) = outbox.claim(store, "two", 1000.0)
    assert (again.number, again.attempts) == (mail.number, 2)
    outbox.sent(store, again, 1001.0)
    assert outbox.claim(store, "one", 10_000.0) == []
    assert _state(store) == [(None, 1001.0, "")]


def test_what_was_rolled_back_is_not_sent(store: Store) -> None:
    """A mail belongs to the transaction of what it tells of."""

    def fails() -> None:
        with store.write() as connection:
            outbox.put(connection, "a@uni.example", b"", at=0.0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert outbox.claim(store, "one", 1.0) == []


def test_pauses_grow(store: Store) -> None:
    """A mail that is not taken is tried again after ever longer pauses, an hour at most, until it is given up."""
    _put(store)
    at, pauses = 0.0, []
    for _ in range(12):
        (mail,) = outbox.claim(store, "one", at)
        outbox.failed(store, mail, "451 later", at, give_up=False)
        ((next_at, _sent, trouble),) = _state(store)
        assert next_at is not None
        pauses.append(next_at - at)
        at = next_at
    assert (pauses[0], pauses[-1], sorted(pauses) == pauses, trouble) == (30.0, 3600.0, True, "451 later")
    (mail,) = outbox.claim(store, "one", at)
    outbox.failed(store, mail, "550 no" + "x" * 1000, at, give_up=True)
    assert outbox.claim(store, "one", at + 1e9) == []


def test_once(store: Store) -> None:
    """What is written one time only is there one time only, also when it was sent long ago."""
    assert [_put(store, "digest 2026-W47 a"), _put(store, "digest 2026-W47 a"), _put(store, "digest 2026-W47 b")] == [
        True,
        False,
        True,
    ]
    for mail in outbox.claim(store, "one", 1.0):
        outbox.sent(store, mail, 1.0)
    assert _put(store, "digest 2026-W47 a") is False


def test_the_oldest_go_first(store: Store) -> None:
    """In the order in which they were written, so many at a time."""
    for number in range(30):
        _put(store, at=float(number))
    first = outbox.claim(store, "one", 100.0)
    assert [mail.made_at for mail in first] == [float(number) for number in range(20)]
    assert len(outbox.claim(store, "two", 100.0)) == 10


def test_forgetting(store: Store) -> None:
    """What was sent a month ago is removed; what waits is not."""
    _put(store, at=0.0)
    _put(store, at=1.0)
    mail = outbox.claim(store, "one", 0.5)[0]
    outbox.sent(store, dataclasses.replace(mail), 2.0)
    outbox.forget(store, 40 * 86400.0)
    assert [sent for _next, sent, _trouble in _state(store)] == [None]
