"""Who is told, and how often."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from postclerk.adapters import notices
from postclerk.adapters.store import Store
from postclerk.adapters.tables import notices as table

HOUR = 3600.0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A new store."""
    store = Store(f"sqlite:///{tmp_path}/postclerk.db")
    store.migrate()
    return store


def _concern(store: Store, incident: str, login: str = "a.serik", code: str = "sender-not-own") -> None:
    row = {"incident": incident, "time": 1.0, "login": login, "role": "sender", "rule": "sender", "code": code}
    with store.write() as connection:
        connection.execute(sa.insert(table), {**row, "asks": [{"value": "x"}], "header": "Subject: x"})


def _tell(store: Store, at: float) -> list[tuple[str, str, int]]:
    told = []
    for group in notices.due(store, at, HOUR):
        assert notices.tell(store, group, at, HOUR, lambda _connection: None)
        told.append((group.login, group.incident, group.times))
    return told


def test_the_same_is_told_once_an_hour(store: Store) -> None:
    """The first at once; what comes within the hour later, together, by the newest of it."""
    _concern(store, "AAAAAAAA")
    assert _tell(store, 0.0) == [("a.serik", "AAAAAAAA", 1)]
    for incident in ("BBBBBBBB", "CCCCCCCC"):
        _concern(store, incident)
        assert _tell(store, HOUR - 1) == []
    assert _tell(store, HOUR + 1) == [("a.serik", "CCCCCCCC", 2)]
    assert _tell(store, 9 * HOUR) == []


def test_other_people_and_findings_are_told_at_once(store: Store) -> None:
    """What is grouped is the same finding to the same person."""
    _concern(store, "AAAAAAAA")
    _tell(store, 0.0)
    _concern(store, "BBBBBBBB", login="b.head")
    _concern(store, "CCCCCCCC", code="sender-syntax")
    assert _tell(store, 1.0) == [("b.head", "BBBBBBBB", 1), ("a.serik", "CCCCCCCC", 1)]


def test_what_cannot_be_written_stays(store: Store) -> None:
    """When writing fails, nobody counts as told."""
    _concern(store, "AAAAAAAA")

    def fails(_connection: Any) -> None:
        raise RuntimeError

    (group,) = notices.due(store, 0.0, HOUR)
    with pytest.raises(RuntimeError):
        notices.tell(store, group, 0.0, HOUR, fails)
    assert _tell(store, 1.0) == [("a.serik", "AAAAAAAA", 1)]


def test_two_couriers(store: Store) -> None:
    """Who comes second with the same, or with more of it, tells nothing."""
    _concern(store, "AAAAAAAA")
    (first,) = notices.due(store, 0.0, HOUR)
    _concern(store, "BBBBBBBB")
    (second,) = notices.due(store, 0.0, HOUR)
    written: list[str] = []
    assert notices.tell(store, first, 0.0, HOUR, lambda _connection: written.append("first"))
    assert not notices.tell(store, second, 0.0, HOUR, lambda _connection: written.append("second"))
    assert not notices.tell(store, first, 2 * HOUR, HOUR, lambda _connection: written.append("again"))
    assert written == ["first"]
    assert _tell(store, 2 * HOUR) == [("a.serik", "BBBBBBBB", 1)]


def test_the_header_is_forgotten_once_told(store: Store) -> None:
    """It is kept for the notice alone."""
    _concern(store, "AAAAAAAA")
    _tell(store, 0.0)
    with store.read() as connection:
        assert connection.scalar(sa.select(table.c.header)) == ""


def test_whom_it_concerns(store: Store) -> None:
    """A decision concerns those who were written down with it, and nobody else."""
    _concern(store, "AAAAAAAA")
    assert notices.concerns(store, "AAAAAAAA", "a.serik") == {"role": "sender", "asks": [{"value": "x"}]}
    assert notices.concerns(store, "AAAAAAAA", "b.head") is None
    assert notices.concerns(store, "BBBBBBBB", "a.serik") is None
    row = {"login": "a.serik", "role": "sender", "told_at": None, "header": "Subject: x"}
    assert notices.concerned(store, "AAAAAAAA") == [row]
