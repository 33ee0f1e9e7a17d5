"""Recipients counted in sliding windows, on a real SQLite file."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from postclerk.adapters import counters, journal
from postclerk.adapters.counters import ReadOnlyCounters, StoreCounters
from postclerk.adapters.store import Store
from postclerk.core.facts import Usage, Window
from postclerk.core.ports import Unavailable

HOUR, DAY = Window(3600.0, 5, "an hour"), Window(86400.0, 8, "24 hours")
WINDOWS = (HOUR, DAY)
NOON = 1_000_000.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store in a file."""
    store = Store(f"sqlite:///{tmp_path}/postclerk.db")
    store.migrate()
    yield store
    store.close()


def _reserve(counting: Any, adding: int, at: float, *, incident: str = "A", keep_over: bool = False) -> tuple[int, ...]:
    usage = counting.reserve("login:a", adding, WINDOWS, incident=incident, at=at, keep_over=keep_over)
    assert usage == Usage(usage.used, WINDOWS, adding)
    return tuple(usage.used)


def test_windows_slide(store: Store) -> None:
    """A recipient counts for exactly as long as the window, and exactly the limit fits."""
    counting = StoreCounters(store, "mx:1")
    assert [
        _reserve(counting, 3, NOON),
        _reserve(counting, 3, NOON + 1),  # 6 within an hour: not counted
        _reserve(counting, 2, NOON + 2),  # exactly 5
        _reserve(counting, 1, NOON + 3599.75),
        _reserve(counting, 3, NOON + 3600),  # the first three are out of the hour, not of the day
        _reserve(counting, 1, NOON + 3601),
        _reserve(counting, 4, NOON + 86400),  # only the last three are left of the day
        _reserve(counting, 1, NOON + 86402),
    ] == [(0, 0), (3, 3), (3, 3), (5, 5), (2, 5), (5, 8), (0, 5), (0, 3)]


def test_keys_are_apart(store: Store) -> None:
    """What one sender uses is not another's."""
    counting = StoreCounters(store, "mx:1")
    _reserve(counting, 5, NOON)
    assert counting.reserve("login:b", 1, (HOUR,), incident="B", at=NOON, keep_over=False).used == (0,)


def test_what_is_given_back_is_free_again(store: Store) -> None:
    """A released reservation of one message leaves the others."""
    counting = StoreCounters(store, "mx:1")
    _reserve(counting, 2, NOON, incident="A")
    _reserve(counting, 3, NOON, incident="B")
    counting.release("A")
    counting.release("A")
    counting.release("nobody")
    assert _reserve(counting, 2, NOON) == (3, 3)


def test_what_is_over_can_be_kept(store: Store) -> None:
    """A monitored rule counts what it lets pass."""
    counting = StoreCounters(store, "mx:1")
    assert [_reserve(counting, 9, NOON, keep_over=True), _reserve(counting, 1, NOON)] == [(0, 0), (9, 9)]


def test_a_trial_counts_nothing(store: Store) -> None:
    """`postclerk try` sees what is used and leaves it as it is; without a store nothing is used."""
    _reserve(StoreCounters(store, "mx:1"), 2, NOON)
    looking = ReadOnlyCounters(store)
    assert [_reserve(looking, 3, NOON), _reserve(looking, 3, NOON), _reserve(ReadOnlyCounters(None), 3, NOON)] == [
        (2, 2),
        (2, 2),
        (0, 0),
    ]


def test_threads_never_take_more_than_is_left(store: Store) -> None:
    """Of forty messages at once only as many fit as the window has room for."""
    counting = StoreCounters(store, "mx:1")
    with ThreadPoolExecutor(8) as threads:
        used = list(threads.map(lambda number: _reserve(counting, 1, NOON, incident=str(number)), range(40)))
    assert sorted(used) == [(n, n) for n in range(5)] + [(5, 5)] * 35


def _reserve_many(url: str, worker: int, told: Any) -> None:
    counting = StoreCounters(Store(url), f"mx:{worker}")
    told.put([_reserve(counting, 1, NOON, incident=f"{worker}-{number}") for number in range(40)])


def test_processes_never_take_more_than_is_left(store: Store) -> None:
    """Two workers at once share one window."""
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    workers = [context.Process(target=_reserve_many, args=(str(store.url), number, told)) for number in range(2)]
    for worker in workers:
        worker.start()
    used = told.get(timeout=30) + told.get(timeout=30)
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert sorted(used) == [(n, n) for n in range(5)] + [(5, 5)] * 75


def _count(store: Store) -> list[str]:
    with store.read() as connection:
        return list(connection.scalars(sa.text("SELECT incident FROM counted ORDER BY incident")))


@pytest.mark.parametrize(
    ("holders", "left"),
    [
        pytest.param("mx:1", ["accepted", "held", "other-host", "other-worker"], id="a-worker"),
        pytest.param("mx:", ["accepted", "held", "other-host"], id="a-host"),
        pytest.param("mx", ["accepted", "held", "open", "other-host", "other-worker", "refused"], id="nobody"),
    ],
)
def test_what_the_dead_had_reserved(store: Store, holders: str, left: list[str]) -> None:
    """A worker that is gone keeps nothing but what it accepted; what no window reaches any longer is forgotten."""
    mine, other, foreign = (StoreCounters(store, name) for name in ("mx:1", "mx:12", "mx2:1"))
    for incident in ("accepted", "held", "refused", "open"):
        _reserve(mine, 1, NOON, incident=incident, keep_over=True)
    _reserve(mine, 1, NOON - 86401, incident="old", keep_over=True)
    _reserve(other, 1, NOON, incident="other-worker", keep_over=True)
    _reserve(foreign, 1, NOON, incident="other-host", keep_over=True)
    records = [
        {**RECORD, "id": incident, "action": action}
        for incident, action in (("accepted", "accept"), ("held", "hold"), ("refused", "reject"))
    ]
    with store.write() as connection:
        journal.write(connection, records)
    counters.give_back(store, holders)
    counters.forget(store, NOON)
    assert _count(store) == left


RECORD: dict[str, Any] = {
    "time": NOON, "queue_id": None, "login": "a", "client": None, "envelope_from": "", "recipients": [],
    "recipient_count": 0, "size": None, "stage": "message", "findings": [], "header": {}, "submission": None,
}  # fmt: skip


def test_a_store_that_is_gone(store: Store, tmp_path: Path) -> None:
    """Counters without their table are unavailable, and come back with it."""
    counting = StoreCounters(store, "mx:1")
    with store.write() as connection:
        connection.execute(sa.text("ALTER TABLE counted RENAME TO elsewhere"))
    for attempt in (lambda: _reserve(counting, 1, NOON), lambda: counting.release("A")):
        with pytest.raises(Unavailable, match=r"^cannot write the store .*: no such table: counted$"):
            attempt()
    with pytest.raises(Unavailable, match=r"no such table: counted$"):
        _reserve(ReadOnlyCounters(store), 1, NOON)
    with store.write() as connection:
        connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO counted"))
    assert _reserve(counting, 1, NOON) == (0, 0)


def test_a_store_that_is_full(store: Store) -> None:
    """A count that does not fit on the disk is unavailable, and what was counted stays."""
    counting = StoreCounters(store, "mx:1")
    _reserve(counting, 1, NOON)
    assert counting._connection is not None
    pages = counting._connection.connection.cursor().execute("PRAGMA page_count").fetchone()[0]
    counting._connection.connection.cursor().execute(f"PRAGMA max_page_count={pages}")

    def fill() -> None:
        for number in range(10_000):
            counting.reserve("k" * 1000, 1, (HOUR,), incident=str(number), at=NOON, keep_over=True)

    with pytest.raises(Unavailable, match="database or disk is full"):
        fill()
    assert _reserve(ReadOnlyCounters(store), 1, NOON) == (1, 1)
