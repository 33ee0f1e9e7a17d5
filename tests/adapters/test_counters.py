"""Recipients counted in sliding windows: the same for every place where they are counted, on a real SQLite file and a
real Redis; then what only a store can do."""

from __future__ import annotations

import itertools
import math
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import pytest
import redis
import sqlalchemy as sa

from postclerk.adapters import counters, counters_redis, journal
from postclerk.adapters.counters import ReadOnlyCounters, StoreCounters
from postclerk.adapters.counters_redis import ReadOnlyRedisCounters, RedisCounters
from postclerk.adapters.store import Store
from postclerk.core.facts import Usage, Window
from postclerk.core.ports import Counters, Unavailable
from tests.stack.redis import PrivateRedis

HOUR, DAY = Window(3600.0, 5, "an hour"), Window(86400.0, 8, "24 hours")
WINDOWS = (HOUR, DAY)
NOON = 1_000_000.0


class Place(Protocol):
    """Where recipients are counted, and what a test asks of it."""

    url: str

    def open(self, holder: str) -> Counters:
        """A worker's counters."""

    def look(self) -> Counters:
        """A trial's counters."""

    def give_back(self, holders: str, decided: dict[str, str]) -> None:
        """What the supervisor does when processes are gone; the journal knows these decisions."""

    def counted(self) -> list[str]:
        """The incidents that count for login:a, in their order."""


class StorePlace:
    """A SQLite file."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.store = Store(url)

    def open(self, holder: str) -> Counters:
        return StoreCounters(self.store, holder)

    def look(self) -> Counters:
        return ReadOnlyCounters(self.store)

    def give_back(self, holders: str, decided: dict[str, str]) -> None:
        with self.store.write() as connection:
            journal.write(connection, [{**RECORD, "id": one, "action": action} for one, action in decided.items()])
        counters.give_back(self.store, holders)

    def counted(self) -> list[str]:
        with self.store.read() as connection:
            return list(connection.scalars(sa.text("SELECT incident FROM counted ORDER BY incident")))


class RedisPlace:
    """A Redis."""

    def __init__(self, url: str) -> None:
        self.url = url

    def open(self, holder: str) -> Counters:
        return RedisCounters(self.url, holder, timeout=5)

    def look(self) -> Counters:
        return ReadOnlyRedisCounters(self.url)

    def give_back(self, holders: str, decided: dict[str, str]) -> None:
        accepted = {one for one, action in decided.items() if action != "reject"}
        counters_redis.give_back(self.url, holders, accepted.intersection)

    def counted(self) -> list[str]:
        with redis.Redis.from_url(self.url, decode_responses=True) as server:
            sets: Any = server.keys("postclerk:counted:*:login:a")
            return sorted({member.split()[1] for one in sets for member in server.zrange(one, 0, -1)})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store in a file."""
    store = Store(f"sqlite:///{tmp_path}/postclerk.db")
    store.migrate()
    yield store
    store.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRedis]:
    """A Redis for all tests."""
    with PrivateRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["store", "redis"])
def place(request: pytest.FixtureRequest) -> Place:
    """A new place of each kind."""
    if request.param == "store":
        url = request.getfixturevalue("store").url
        return StorePlace(url.render_as_string(hide_password=False))
    with redis.Redis.from_url(request.getfixturevalue("server").url) as asked:
        asked.flushall()
    return RedisPlace(request.getfixturevalue("server").url)


def _reserve(counting: Any, adding: int, at: float, *, incident: str = "A", keep_over: bool = False) -> tuple[int, ...]:
    usage = counting.reserve("login:a", adding, WINDOWS, incident=incident, at=at, keep_over=keep_over)
    assert usage == Usage(usage.used, WINDOWS, adding)
    return tuple(usage.used)


def test_windows_slide(place: Place) -> None:
    """A recipient counts for exactly as long as the window, and exactly the limit fits."""
    counting = place.open("mx:1")
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


def test_keys_are_apart(place: Place) -> None:
    """What one sender uses is not another's."""
    counting = place.open("mx:1")
    _reserve(counting, 5, NOON)
    assert counting.reserve("login:b", 1, (HOUR,), incident="B", at=NOON, keep_over=False).used == (0,)


def test_what_is_given_back_is_free_again(place: Place) -> None:
    """A released reservation of one message leaves the others."""
    counting = place.open("mx:1")
    _reserve(counting, 2, NOON, incident="A")
    _reserve(counting, 3, NOON, incident="B")
    counting.release("A")
    counting.release("A")
    counting.release("nobody")
    assert _reserve(counting, 2, NOON) == (3, 3)


def test_what_is_over_can_be_kept(place: Place) -> None:
    """A monitored rule counts what it lets pass."""
    counting = place.open("mx:1")
    assert [_reserve(counting, 9, NOON, keep_over=True), _reserve(counting, 1, NOON)] == [(0, 0), (9, 9)]


def test_what_another_holder_reserved_is_not_given_back(place: Place) -> None:
    """A worker gives back only what it has itself reserved, for every key of a message, and by its name."""
    mine, other = place.open("mx:1"), place.open("mx:12")
    for key in ("login:a", "login:b"):
        mine.reserve(key, 2, WINDOWS, incident="A", at=NOON, keep_over=False)
    other.release("A")
    assert [_used(mine, "login:a"), _used(mine, "login:b")] == [(2, 2), (2, 2)]
    place.open("mx:1").release("A")
    assert [_used(mine, "login:a"), _used(mine, "login:b")] == [(0, 0), (0, 0)]


def _used(counting: Counters, key: str) -> tuple[int, ...]:
    return counting.reserve(key, 9, WINDOWS, incident="?", at=NOON, keep_over=False).used


def test_one_message_counted_twice(place: Place) -> None:
    """What one message reserves at one moment adds up, and is given back together."""
    counting = place.open("mx:1")
    assert [_reserve(counting, 2, NOON), _reserve(counting, 2, NOON)] == [(0, 0), (2, 2)]
    counting.release("A")
    assert _used(counting, "login:a") == (0, 0)


def test_clocks_that_differ(place: Place) -> None:
    """What a host with a fast clock counted counts at once, and one with a slow clock takes nothing away."""
    counting = place.open("mx:1")
    _reserve(counting, 1, NOON - 86400 + 1)
    _reserve(counting, 2, NOON + 60)
    assert [_reserve(counting, 1, NOON), _reserve(counting, 1, NOON - 3599)] == [(2, 3), (3, 4)]


@pytest.mark.parametrize("seconds", [pytest.param(at, id=str(at)) for at in (0.1, 1_760_000_000.123456, 2.0**40 + 0.3)])
def test_no_fraction_is_lost(place: Place, seconds: float) -> None:
    """Times are compared as they are given, to the last bit."""
    counting, window = place.open("mx:1"), (Window(3600.0, 5, "an hour"),)
    edge = seconds + 3600.0
    for at in (seconds, math.nextafter(seconds, math.inf)):
        counting.reserve("login:a", 1, window, incident="A", at=at, keep_over=False)
    expected = sum(at > edge - 3600.0 for at in (seconds, math.nextafter(seconds, math.inf)))
    assert counting.reserve("login:a", 1, window, incident="B", at=edge, keep_over=False).used == (expected,)


def test_windows_in_any_order(place: Place) -> None:
    """Each sum stands where its window does, however many there are, and the widest need not be the last."""
    counting = place.open("mx:1")
    windows = (HOUR, Window(86400.0, 90, "24 hours"), Window(60.0, 5, "a minute"))
    for adding, at in ((4, NOON - 86000), (2, NOON - 3000), (1, NOON - 30)):
        counting.reserve("login:a", adding, windows, incident="A", at=at, keep_over=False)
    for order in itertools.permutations(windows):
        usage = counting.reserve("login:a", 9, order, incident="B", at=NOON, keep_over=False)
        assert dict(zip((window.name for window in order), usage.used, strict=True)) == {
            "24 hours": 7, "an hour": 3, "a minute": 1,
        }  # fmt: skip


def test_any_number(place: Place) -> None:
    """Numbers of recipients add up, whatever they are, and each is given back as it was counted."""
    counting, numbers = place.open("mx:1"), [0, 1, 2, 3, 7, 8, 50, 3000, 65535, 65536, 12_345_678]
    used = [_reserve(counting, number, NOON, incident=str(number), keep_over=True)[0] for number in numbers]
    assert used == [sum(numbers[:before]) for before in range(len(numbers))]
    assert _reserve(place.look(), 1, NOON) == (sum(numbers), sum(numbers))
    for number in reversed(numbers):
        assert _used(counting, "login:a")[0] == sum(one for one in numbers if one <= number)
        counting.release(str(number))


def test_any_key(place: Place) -> None:
    """A key may hold what it likes; it is one key."""
    counting = place.open("mx:1")
    for key in ("login:жанар", "login:", "client:2001:db8::1", "login:a b:c*", "login:" + "x" * 400):
        assert [_once(counting, key), _once(counting, key)] == [(0,), (1,)]


def _once(counting: Counters, key: str) -> tuple[int, ...]:
    return counting.reserve(key, 1, (HOUR,), incident="A", at=NOON, keep_over=False).used


def test_a_trial_counts_nothing(place: Place) -> None:
    """`postclerk try` sees what is used and leaves it as it is."""
    _reserve(place.open("mx:1"), 2, NOON - 3600)
    _reserve(place.open("mx:1"), 3, NOON)
    looking = place.look()
    assert [_reserve(looking, 3, NOON), _reserve(looking, 3, NOON, keep_over=True), _reserve(looking, 1, NOON + 1)] == [
        (3, 5),
        (3, 5),
        (3, 5),
    ]
    looking.release("A")
    assert _reserve(looking, 3, NOON) == (3, 5)


def test_threads_never_take_more_than_is_left(place: Place) -> None:
    """Of forty messages at once only as many fit as the window has room for."""
    counting = place.open("mx:1")
    with ThreadPoolExecutor(8) as threads:
        used = list(threads.map(lambda number: _reserve(counting, 1, NOON, incident=str(number)), range(40)))
    assert sorted(used) == [(n, n) for n in range(5)] + [(5, 5)] * 35


LARGE = (Window(86400.0, 1200, "24 hours"), Window(3600.0, 1000, "an hour"))


def _reserve_many(place: type[StorePlace | RedisPlace], url: str, worker: int, told: Any) -> None:
    counting = place(url).open(f"mx:{worker}")
    used = [
        counting.reserve("login:a", 1, LARGE, incident=f"{worker}-{number}", at=NOON + number, keep_over=False).used
        for number in range(200)
    ]
    told.put(used)


def test_processes_never_take_more_than_is_left(place: Place) -> None:
    """Eight workers at once share one window, and leave nothing of it."""
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    workers = [
        context.Process(target=_reserve_many, args=(type(place), place.url, number, told)) for number in range(8)
    ]
    for worker in workers:
        worker.start()
    used = [one for _worker in workers for one in told.get(timeout=60)]
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0] * 8
    assert sorted(used) == [(n, n) for n in range(1000)] + [(1000, 1000)] * 600


@pytest.mark.parametrize(
    ("holders", "left"),
    [
        pytest.param("mx:1", ["accepted", "held", "other-host", "other-worker"], id="a-worker"),
        pytest.param("mx:", ["accepted", "held", "other-host"], id="a-host"),
        pytest.param("mx", ["accepted", "held", "open", "other-host", "other-worker", "refused"], id="nobody"),
    ],
)
def test_what_the_dead_had_reserved(place: Place, holders: str, left: list[str]) -> None:
    """A worker that is gone keeps nothing but what it accepted."""
    mine, other, foreign = (place.open(name) for name in ("mx:1", "mx:12", "mx2:1"))
    for incident in ("accepted", "held", "refused", "open"):
        _reserve(mine, 1, NOON, incident=incident, keep_over=True)
    _reserve(other, 1, NOON, incident="other-worker", keep_over=True)
    _reserve(foreign, 1, NOON, incident="other-host", keep_over=True)
    place.give_back(holders, {"accepted": "accept", "held": "hold", "refused": "reject"})
    assert place.counted() == left


RECORD: dict[str, Any] = {
    "time": NOON, "queue_id": None, "login": "a", "client": None, "envelope_from": "", "recipients": [],
    "recipient_count": 0, "size": None, "stage": "message", "findings": [], "header": {}, "submission": None,
}  # fmt: skip


def test_a_trial_without_a_store() -> None:
    """Where there is no store yet, nothing is used."""
    assert _reserve(ReadOnlyCounters(None), 3, NOON) == (0, 0)


def test_what_no_window_reaches_is_forgotten(store: Store) -> None:
    """A store keeps what its longest window still reaches."""
    counting = StoreCounters(store, "mx:1")
    for incident, at in (("old", NOON - 86401), ("edge", NOON - 86400), ("new", NOON)):
        _reserve(counting, 1, at, incident=incident, keep_over=True)
    counters.forget(store, NOON)
    assert StorePlace(store.url.render_as_string()).counted() == ["edge", "new"]


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
