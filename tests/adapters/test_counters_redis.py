"""Recipients counted in a real Redis: what holds beside what test_counters.py asks of every place."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis

from postclerk.adapters import counters_redis
from postclerk.adapters.counters_redis import ReadOnlyRedisCounters, RedisCounters
from postclerk.core.facts import Window
from postclerk.core.ports import Counters, Unavailable
from tests.stack.redis import PrivateRedis

HOUR, DAY = Window(3600.0, 5, "an hour"), Window(86400.0, 8, "24 hours")
WINDOWS = (HOUR, DAY)
NOON = 1_000_000.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRedis]:
    """A Redis for all tests."""
    with PrivateRedis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def asked(running: PrivateRedis) -> Iterator[Any]:
    """Another client of the Redis, which is empty."""
    with redis.Redis.from_url(running.url, decode_responses=True) as asked:
        asked.flushall()
        yield asked


@pytest.fixture
def server(running: PrivateRedis, asked: Any) -> PrivateRedis:
    """The Redis, empty."""
    return running


def _reserve(
    counting: Counters, adding: int = 1, at: float = NOON, *, incident: str = "A", keep_over: bool = False
) -> tuple[int, ...]:
    return counting.reserve("login:a", adding, WINDOWS, incident=incident, at=at, keep_over=keep_over).used


def _fault(counting: Counters) -> str:
    with pytest.raises(Unavailable) as fault:
        _reserve(counting)
    return str(fault.value)


# -- what lies in the server -------------------------------------------------------------------------------------------


def test_nothing_stays_for_ever(server: PrivateRedis, asked: Any) -> None:
    """Every key is under our prefix and expires, an hour after the widest window that was asked about."""
    counting = RedisCounters(server.url, "mx:1")
    _reserve(counting)
    counting.reserve("login:b", 1, (HOUR,), incident="A", at=NOON, keep_over=False)
    left = {key: asked.ttl(key) for key in asked.scan_iter()}
    day, hour = pytest.approx(90000, abs=5), pytest.approx(7200, abs=5)
    assert left == {
        "postclerk:counted:0:login:a": day,
        "postclerk:counted:0:login:b": hour,
        "postclerk:incident:mx:1:A": day,
        "postclerk:holder:mx:1": day,
        "postclerk:holders": day,
    }


def test_sets_hold_what_the_widest_window_reaches(server: PrivateRedis, asked: Any) -> None:
    """Someone who never stops sending, and workers that come and go, leave no more than a day's worth."""
    for day in range(5):
        for number in range(3):
            _reserve(
                RedisCounters(server.url, f"mx:{day}{number}"),
                at=NOON + day * 100_000 + number,
                incident=f"{day}{number}",
                keep_over=True,
            )
    assert [one.split()[1] for one in asked.zrange("postclerk:counted:0:login:a", 0, -1)] == ["40", "41", "42"]
    assert asked.zrange("postclerk:holders", 0, -1) == ["mx:40", "mx:41", "mx:42"]
    counting = RedisCounters(server.url, "mx:1")
    for number in range(5):
        _reserve(counting, at=NOON + number * 100_000, incident=str(number), keep_over=True)
    assert asked.zrange("postclerk:holder:mx:1", 0, -1) == ["4"]


def test_what_is_given_back_leaves_nothing(server: PrivateRedis, asked: Any) -> None:
    """A message that was refused is not to be found any longer, whatever it was counted for."""
    counting = RedisCounters(server.url, "mx:1")
    for key in ("login:a", "login:b"):
        counting.reserve(key, 1, WINDOWS, incident="A", at=NOON, keep_over=False)
    counting.release("A")
    assert list(asked.scan_iter()) == ["postclerk:holders"]


def test_what_does_not_fit_leaves_nothing(server: PrivateRedis, asked: Any) -> None:
    """A message over the limit writes nothing at all."""
    assert _reserve(RedisCounters(server.url, "mx:1"), 6) == (0, 0)
    assert asked.dbsize() == 0


def test_a_trial_writes_nothing(server: PrivateRedis, asked: Any) -> None:
    """`postclerk try` leaves nothing behind."""
    assert _reserve(ReadOnlyRedisCounters(server.url)) == (0, 0)
    assert asked.dbsize() == 0


def test_a_call_that_is_sent_again_counts_once(server: PrivateRedis) -> None:
    """Where the connection breaks after the server has counted, the second attempt finds what the first one did."""
    counting = RedisCounters(server.url, "mx:1")
    _reserve(counting, 1)
    ask, calls = counting._reserve, list[Any]()

    def lossy(**call: Any) -> Any:
        calls.append(call)
        answer = ask(**call)
        if len(calls) == 1:
            raise redis.ConnectionError("gone")
        return answer

    counting._reserve = lossy
    assert [_reserve(counting, 3, incident="B"), len(calls), _reserve(counting, 1, incident="C")] == [(1, 1), 2, (4, 4)]


def test_many_undecided_messages(server: PrivateRedis, asked: Any) -> None:
    """What a host had undecided is given back in portions; only known incidents are asked about, each once."""
    wide = (Window(3600.0, 10_000, "an hour"),)
    for worker in range(2):
        counting = RedisCounters(server.url, f"mx:{worker}")
        for number in range(600):
            counting.reserve("login:a", 1, wide, incident=f"{worker}-{number}", at=NOON, keep_over=False)
    portions: list[list[str]] = []

    def accepted(incidents: list[str]) -> set[str]:
        portions.append(incidents)
        return {one for one in incidents if one.endswith("7")}

    counters_redis.give_back(server.url, "mx:", accepted)
    assert [len(portion) for portion in portions] == [500, 100, 500, 100]
    assert len({one for portion in portions for one in portion}) == 1200
    assert asked.zcard("postclerk:counted:0:login:a") == 120
    counters_redis.give_back(server.url, "mx:0", lambda _incidents: set())
    assert asked.zcard("postclerk:counted:0:login:a") == 60


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_a_server_that_restarts(server: PrivateRedis) -> None:
    """Counters come back with their server, on all their connections, and its scripts with them."""
    counting = RedisCounters(server.url, "mx:1")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: _reserve(counting, incident=str(number)), range(20)))
        server.restart()
        used = list(threads.map(lambda number: _reserve(counting, incident=str(number)), range(20)))
    assert sorted(used) == [(n, n) for n in range(5)] + [(5, 5)] * 15
    server.restart()
    counting.release("0")


def test_a_server_that_is_down(server: PrivateRedis) -> None:
    """Without their server counters are unavailable at once."""
    counting, looking = RedisCounters(server.url, "mx:1"), ReadOnlyRedisCounters(server.url)
    _reserve(counting)
    server.stop()
    began = time.monotonic()
    expected = f"cannot count at {server.url}: Connection refused"
    assert [_fault(counting), _fault(looking)] == [expected, expected]
    with pytest.raises(Unavailable, match="Connection refused"):
        counting.release("A")
    with pytest.raises(Unavailable, match="Connection refused"):
        counters_redis.give_back(server.url, "mx:1", set)
    assert time.monotonic() - began < 0.9
    server.start()
    assert [_reserve(counting), _reserve(looking)] == [(0, 0), (1, 1)]


@pytest.mark.parametrize("connected", [pytest.param(True, id="connected"), pytest.param(False, id="not-connected")])
def test_a_server_that_hangs(server: PrivateRedis, connected: bool) -> None:
    """Nobody waits for longer than the timeout, nor for one another."""
    counting = RedisCounters(server.url, "mx:1", timeout=0.2)
    if connected:
        _reserve(counting)
    server.freeze()
    began = time.monotonic()
    try:
        with ThreadPoolExecutor(4) as threads:
            faults = set(threads.map(lambda _number: _fault(counting), range(4)))
        waited = time.monotonic() - began
    finally:
        server.thaw()
    assert faults == {f"cannot count at {server.url}: no answer within 0.2 s"}
    assert 0.2 <= waited < 0.7
    counting.release("A")
    assert len(_reserve(counting)) == 2


def test_a_replica(server: PrivateRedis, asked: Any) -> None:
    """A replica does not count; it may be looked at."""
    counting = RedisCounters(server.url, "mx:1")
    _reserve(counting)
    asked.execute_command("REPLICAOF", "127.0.0.1", "1")
    try:
        assert _fault(counting) == (f"cannot count at {server.url}: You can't write against a read only replica")
        assert _reserve(ReadOnlyRedisCounters(server.url)) == (1, 1)
    finally:
        asked.execute_command("REPLICAOF", "NO", "ONE")
    assert _reserve(counting) == (1, 1)


def test_a_server_that_is_full(server: PrivateRedis, asked: Any) -> None:
    """What does not fit into the memory is not counted by half, and can still be given back."""
    counting = RedisCounters(server.url, "mx:1")
    _reserve(counting, incident="A")
    before = sorted(asked.scan_iter())
    asked.config_set("maxmemory", 1)
    try:
        assert _fault(counting).startswith(f"cannot count at {server.url}: command not allowed when used memory")
        assert [sorted(asked.scan_iter()), asked.zcard("postclerk:counted:0:login:a")] == [before, 1]
        counting.release("A")
    finally:
        asked.config_set("maxmemory", 0)
    assert _reserve(counting) == (0, 0)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("postclerk:counted:0:login:a", id="counts"),
        pytest.param("postclerk:incident:mx:1:A", id="a-message"),
        pytest.param("postclerk:holder:mx:1", id="a-holder"),
        pytest.param("postclerk:holders", id="holders"),
    ],
)
def test_a_key_of_another_kind(server: PrivateRedis, asked: Any, key: str) -> None:
    """Where somebody else uses our names, nothing is counted."""
    asked.set(key, "mine")
    reason = "Operation against a key holding the wrong kind of value"
    assert _fault(RedisCounters(server.url, "mx:1")) == f"cannot count at {server.url}: WRONGTYPE {reason}"
    assert asked.exists("postclerk:counted:0:login:a") == (key == "postclerk:counted:0:login:a")
    assert asked.get(key) == "mine"


def test_passwords_are_not_told(server: PrivateRedis, asked: Any) -> None:
    """A password is used, and named nowhere."""
    asked.config_set("requirepass", "right")
    try:
        right, wrong = (server.url.replace("//", f"//:{word}@") for word in ("right", "wr%6Fng"))
        assert _reserve(RedisCounters(right, "mx:1")) == (0, 0)
        assert [_fault(RedisCounters(url, "mx:1")) for url in (server.url, wrong)] == [
            f"cannot count at {server.url}: Authentication required",
            f"cannot count at {server.url}: invalid username-password pair or user is disabled",
        ]
    finally:
        asked.config_set("requirepass", "")


def test_sockets_and_databases(server: PrivateRedis) -> None:
    """A server is reached by its socket too, and each of its databases counts for itself."""
    urls = [f"{server.socket_url}?db=3", f"{server.url}/3", f"{server.url}?db=3", f"{server.url}/4", server.socket_url]
    assert [_reserve(RedisCounters(url, "mx:1")) for url in urls] == [(0, 0), (1, 1), (2, 2), (0, 0), (0, 0)]


def _reserve_in_a_fork(counting: RedisCounters, told: Any) -> None:
    told.put(_reserve(counting, incident="child"))


def test_a_fork_has_its_own_connection(server: PrivateRedis) -> None:
    """Counters that were opened too early do not mix up two processes' answers."""
    counting = RedisCounters(server.url, "mx:1")
    _reserve(counting)
    context = multiprocessing.get_context("fork")
    told: Any = context.Queue()
    child = context.Process(target=_reserve_in_a_fork, args=(counting, told))
    child.start()
    assert told.get(timeout=10) == (1, 1)
    child.join(10)
    assert _reserve(counting) == (2, 2)


def test_a_login_that_is_no_text(server: PrivateRedis) -> None:
    """A login of bytes that are no UTF-8 counts like any other."""
    counting = RedisCounters(server.url, "mx:1")
    for used in (0, 1):
        usage = counting.reserve("login:\udcff", 1, (HOUR,), incident="A", at=NOON, keep_over=False)
        assert usage.used == (used,)


# -- URLs --------------------------------------------------------------------------------------------------------------

NOT_A_URL = "not a URL; in a name or password, characters other than letters and digits are written as %XX"
QUERY = "only these may follow the `?`: a number as db, and files as ssl_ca_certs, ssl_certfile, ssl_keyfile"


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        pytest.param("redis://redis.uni.example", None, id="a-host"),
        pytest.param("redis://postclerk:s%2Fecret@127.0.0.1:6380/2", None, id="everything"),
        pytest.param("redis://[2001:db8::1]:6379", None, id="ipv6"),
        pytest.param("redis://localhost/", None, id="a-slash"),
        pytest.param("rediss://redis.uni.example?ssl_ca_certs=/etc/ca.pem", None, id="tls"),
        pytest.param("unix:///run/redis/redis.sock?db=1", None, id="a-socket"),
        pytest.param("unix://:secret@/run/redis/redis.sock", None, id="a-socket-with-a-password"),
        pytest.param("store", "a server's URL begins with redis://, rediss:// or unix://", id="no-url"),
        pytest.param("http://host", "a server's URL begins with redis://, rediss:// or unix://", id="http"),
        pytest.param("redis:///2", "the URL names no host", id="no-host"),
        pytest.param("redis://host:port", NOT_A_URL, id="a-port-in-words"),
        pytest.param("redis://host:99999", NOT_A_URL, id="a-large-port"),
        pytest.param("redis://[::1", NOT_A_URL, id="half-an-ipv6"),
        pytest.param("redis://host/db", "after the host only the number of a database may follow", id="a-named-db"),
        pytest.param("redis://:se/cret@host", NOT_A_URL, id="a-slash-in-the-password"),
        pytest.param("redis://:12/cret@host", "the URL names no host", id="a-slash-after-digits"),
        pytest.param("redis://a:12/cret@host", "after the host only the number of a database may follow", id="slash"),
        pytest.param("redis://a:12#cret@host", QUERY, id="a-hash-in-the-password"),
        pytest.param("redis://a:12?cret@host", QUERY, id="a-question-mark-in-the-password"),
        pytest.param("redis://host?socket_timeout=60", QUERY, id="another-option"),
        pytest.param("redis://host?db=one", QUERY, id="a-db-in-words"),
        pytest.param("redis://host?ssl_ca_certs=/etc/ca.pem", "only rediss:// has certificates", id="no-tls"),
        pytest.param("unix://run/redis.sock", "a socket's URL is unix:///path/of/the/socket", id="two-slashes"),
        pytest.param("unix://", "a socket's URL is unix:///path/of/the/socket", id="no-path"),
    ],
)
def test_mistakes(url: str, wrong: str | None) -> None:
    """What is wrong with a URL is said without repeating it; a right one can be opened, a wrong one cannot."""
    assert counters_redis.mistake(url) == wrong
    if wrong is None:
        RedisCounters(url, "mx:1")
    else:
        with pytest.raises(Unavailable) as fault:
            RedisCounters(url, "mx:1")
        assert str(fault.value) == wrong


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who counts in Redis needs its library, and is told so."""
    monkeypatch.setitem(sys.modules, "redis", None)
    missing = "counters in Redis need the Python package redis: pip install postclerk[redis]"
    assert counters_redis.mistake("redis://host") == missing
    with pytest.raises(Unavailable) as fault:
        ReadOnlyRedisCounters("redis://host")
    assert str(fault.value) == missing
