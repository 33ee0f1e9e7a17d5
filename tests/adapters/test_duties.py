"""What people say of letters that wait, and what is told and flagged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from postclerk.adapters import duties
from postclerk.adapters.book import StoreBook
from postclerk.adapters.store import Store
from postclerk.core.facts import Headers
from postclerk.core.tracker import Addressee, Bond, State, Tracker
from postclerk.mail.post import post

SERIK, HEAD, GUEST = "a.serik@uni.example", "b.head@uni.example", "guest@example.org"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in which one letter waits for a.serik, due after a day."""
    store = Store(f"sqlite:///{tmp_path}/postclerk.db")
    store.migrate()
    _take(store, GUEST, SERIK, "The plan", "<q@example.org>", at=0.0)
    yield store
    store.close()


def _take(store: Store, sender: str, to: str, subject: str, ident: str, *, at: float, **fields: str) -> None:
    named = {"From": sender, "To": to, "Subject": subject, "Message-ID": ident, **fields}
    headers = Headers([(name.replace("_", "-"), f" {value}".encode()) for name, value in named.items()])
    logins = {SERIK: "a.serik", HEAD: "b.head"}
    with store.write() as connection:
        book = StoreBook(connection, lambda _login, begin, end: end - begin)
        tracker = Tracker(book, lambda _login, at: at + 86400, lambda _login: ())
        writers = (logins[sender],) if sender in logins else ()
        tracker.take(post(headers, key=ident, at=at), writers, [Addressee(logins[to], to)] if to in logins else [])


def _state(store: Store, number: int = 1, login: str = "a.serik") -> State:
    found = duties.find(store, number, login)
    assert found is not None
    return found[1]


def test_answered_by_telephone(store: Store) -> None:
    """It counts as answered from then on; a message that comes later is taken like any other."""
    assert duties.settle(store, 1, "a.serik", "answered by telephone", answered_at=3600.0)
    assert not duties.settle(store, 1, "a.serik", "again")
    _take(store, SERIK, GUEST, "Re: The plan", "<a@uni.example>", at=7200.0, In_Reply_To="<q@example.org>")
    with store.read() as connection:
        letter = StoreBook(connection, lambda *_: 0.0).get(1)
    assert letter is not None
    assert letter.answer is not None
    assert (letter.answer.bond, letter.answer.at) == (Bond.WORD, 3600.0)


def test_no_answer_needed(store: Store) -> None:
    """Nobody is asked about it again; an answer that comes all the same counts."""
    assert duties.settle(store, 1, "a.serik", "the reader said so")
    assert _state(store) is State.UNNEEDED
    assert duties.waiting_for(store, "a.serik") == []
    _take(store, SERIK, GUEST, "Re: The plan", "<a@uni.example>", at=7200.0, In_Reply_To="<q@example.org>")
    assert _state(store) is State.ANSWERED


def test_who_passed_it_on_may_still_say_so(store: Store) -> None:
    """His old link is good as long as it waits for somebody."""
    _take(store, SERIK, HEAD, "Fwd: The plan", "<f@uni.example>", at=60.0, References="<q@example.org>")
    assert [one.login for one in duties.waiting_for(store, "b.head")] == ["b.head"]
    assert duties.waiting_for(store, "a.serik") == []
    assert duties.settle(store, 1, "a.serik", "answered by telephone", answered_at=120.0)
    assert duties.waiting_for(store, "b.head") == []


def test_nobody_says_so_of_anothers_letter(store: Store) -> None:
    """Only whose it is."""
    assert not duties.settle(store, 1, "b.head", "the reader said so")
    assert _state(store) is State.WAITING


def test_flags_follow_what_is_due(store: Store) -> None:
    """Set once it is overdue, taken away once it waits no longer, tried again later where that failed."""
    assert duties.to_be_flagged(store, 86399.0) == []
    assert [one.number for one in duties.to_be_flagged(store, 86401.0)] == [1]
    duties.flag_later(store, [1], 90000.0)
    assert duties.to_be_flagged(store, 86402.0) == []
    duties.flagged(store, 1, is_set=True)
    assert duties.to_be_flagged(store, 90001.0) == []
    assert duties.to_be_unflagged(store, 90001.0) == []
    duties.settle(store, 1, "a.serik", "the reader said so")
    assert [one.number for one in duties.to_be_unflagged(store, 90001.0)] == [1]


def test_what_is_old_is_forgotten_and_what_waits_is_not(store: Store) -> None:
    """Nothing that waits or bears a flag goes."""
    duties.forget(store, 1e9)
    assert _state(store) is State.WAITING
    duties.settle(store, 1, "a.serik", "the reader said so")
    duties.forget(store, 1e9)
    assert duties.find(store, 1, "a.serik") is None
