"""Recipients counted in sliding windows, in Redis or Valkey: for workers on many hosts that share no store.

A server does one script at a time, so that two workers never both take what is left. Under the prefix `postclerk:` lie

- `counted:BIT:KEY`, sorted sets: what was counted for a key, by time; a member is `RECIPIENTS INCIDENT HOLDER NONCE`;
- `incident:HOLDER:INCIDENT`, a hash: the members that a holder counted for a message, and the key of each;
- `holder:HOLDER`, a sorted set: the incidents of a holder, by the time until which they count;
- `holders`, a sorted set: all holders, by the same.

A member is in the set of each bit of its number of recipients: one with 5 in those of bit 0 and bit 2. So the server
only counts members, which takes it as long for someone who has sent ten thousand messages as for one who has sent ten.

All of them expire. It is one server, with or without replicas, not a cluster: a script reaches sets that it finds by
name. A server that evicts (any `maxmemory-policy` but `noeviction`) or that restarts without its data forgets what was
used, and nobody notices.

Failure modes: Unavailable, with a reason that names no password. An answer that does not come in time leaves it open
whether the message counts; if it does, it does until its worker is gone. The name of the server, where it has one, is
looked up by the system's resolver, which has a time limit of its own.
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

from postclerk.core.facts import Usage, Window
from postclerk.core.ports import Unavailable

if TYPE_CHECKING:
    from redis import Redis

_T = TypeVar("_T")

_PREFIX = "postclerk:"
_HOLDERS = f"{_PREFIX}holders"
_SLACK = 3600
"""Seconds for which counts outlive the widest window, so that hosts whose clocks differ still see the same."""

_AT_ONCE = 500
"""Incidents that are asked about and given back in one go: few enough that nobody waits for the script."""

_BITS = 24
"""More recipients than this has bits for, no message has."""

# First everything that may be refused, for want of memory or for a key of another kind, last the count itself: a script
# that fails in the middle undoes nothing. A member that is already there is this very call, sent a second time because
# its connection broke.
_RESERVE = """
local incident, holder, holders = unpack(KEYS)
local key, member, adding, keep_over, at, ttl, stale, until_, incident_id, holder_name, bits = unpack(ARGV)
local first = 12
local windows = (#ARGV - first + 1) / 2
local after, limit, used, sets = {}, {}, {}, {}
for w = 1, windows do
    after[w], limit[w], used[w] = '(' .. ARGV[first + 2 * w - 2], tonumber(ARGV[first + 2 * w - 1]), 0
end

-- The first window is the widest: what it does not reach none does.
for bit = 0, bits - 1 do
    local set = 'postclerk:counted:' .. bit .. ':' .. key
    local reached = redis.call('ZCOUNT', set, after[1], '+inf')
    local mine = math.floor(adding / 2 ^ bit) % 2 == 1
    if reached > 0 or mine then sets[#sets + 1] = {set, mine} end
    if reached > 0 then
        used[1] = used[1] + reached * 2 ^ bit
        for w = 2, windows do used[w] = used[w] + redis.call('ZCOUNT', set, after[w], '+inf') * 2 ^ bit end
    end
end

if redis.call('HEXISTS', incident, member) == 1 then
    for w = 1, windows do used[w] = used[w] - adding end
    return used
end
local fits = true
for w = 1, windows do
    if used[w] + adding > limit[w] then fits = false end
end
if not (fits or keep_over == '1') then return used end

local function stay(name)
    if redis.call('PTTL', name) < tonumber(ttl) then redis.call('PEXPIRE', name, ttl) end
end
redis.call('HSET', incident, member, key)
redis.call('ZADD', holder, 'GT', until_, incident_id)
redis.call('ZADD', holders, 'GT', until_, holder_name)
for _, set in ipairs(sets) do
    if set[2] then
        redis.call('ZADD', set[1], at, member)
        stay(set[1])
    end
    redis.call('ZREMRANGEBYSCORE', set[1], '-inf', stale)
end
redis.call('ZREMRANGEBYSCORE', holder, '-inf', '(' .. at)
redis.call('ZREMRANGEBYSCORE', holders, '-inf', '(' .. at)
for _, name in ipairs(KEYS) do stay(name) end
return used
"""

_RELEASE = """
local holder, prefix, first = KEYS[1], ARGV[1], 2
for i = first, #ARGV do
    local members = redis.call('HGETALL', prefix .. ARGV[i])
    for m = 1, #members, 2 do
        local recipients, bit = tonumber(string.match(members[m], '^%d+')), 0
        while recipients >= 2 ^ bit do
            redis.call('ZREM', 'postclerk:counted:' .. bit .. ':' .. members[m + 1], members[m])
            bit = bit + 1
        end
    end
    redis.call('DEL', prefix .. ARGV[i])
    redis.call('ZREM', holder, ARGV[i])
end
return 0
"""

_PARAMETERS = frozenset({"db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})


def mistake(url: str) -> str | None:
    """What is wrong with the URL of a server, the missing library included, or None; no word of it is the URL's, which
    may hold a password."""
    try:
        import redis  # noqa: F401 - an extra of the package: a site that counts in its store does without
    except ImportError:
        return "counters in Redis need the Python package redis: pip install postclerk[redis]"
    try:
        parts = urlsplit(url)
        _port = parts.port
        wrong = _mistake_in(parts)
    except ValueError:
        # The library's own words may quote a password with a character that ends the host's part.
        return "not a URL; in a name or password, characters other than letters and digits are written as %XX"
    return wrong


def _mistake_in(parts: SplitResult) -> str | None:
    names = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    database = dict(parse_qsl(parts.query)).get("db", "0")
    if parts.scheme not in ("redis", "rediss", "unix"):
        return "a server's URL begins with redis://, rediss:// or unix://"
    if parts.fragment or not names <= _PARAMETERS or not re.fullmatch("[0-9]+", database):
        return f"only these may follow the `?`: a number as db, and files as {', '.join(sorted(_PARAMETERS - {'db'}))}"
    if parts.scheme != "rediss" and names - {"db"}:
        return "only rediss:// has certificates"
    if parts.scheme == "unix":
        if parts.hostname or parts.path in ("", "/"):
            return "a socket's URL is unix:///path/of/the/socket"
        return None
    if not parts.hostname:
        return "the URL names no host"
    if not re.fullmatch("(/[0-9]*)?", parts.path):
        return "after the host only the number of a database may follow"
    return None


class _Server:
    """A server, connected to with the first question, and again whenever the connection has broken."""

    def __init__(self, url: str, timeout: float) -> None:
        wrong = mistake(url)
        if wrong is not None:
            raise Unavailable(wrong)
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        parts = urlsplit(url)
        self._timeout = timeout
        self._where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        self.redis: Redis = Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            # Its retries multiply: of connecting, of greeting, of asking. Ours is the only one.
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            encoding_errors="surrogateescape",
            **({"ssl_check_hostname": True} if parts.scheme == "rediss" else {}),
        )

    def ask(self, question: Callable[[], _T]) -> _T:
        """The answer to a question, which is asked a second time on a new connection where one has broken: that of a
        server that was restarted since. Raises Unavailable."""
        from redis.exceptions import ConnectionError as Broken
        from redis.exceptions import RedisError

        try:
            try:
                return question()
            except Broken:
                return question()
        except (RedisError, OSError) as fault:
            raise Unavailable(f"cannot count at {self._where}: {self._reason(fault)}") from fault

    def _reason(self, fault: Exception) -> str:
        from redis.exceptions import TimeoutError as Late

        cause = fault.__cause__ or fault.__context__
        if isinstance(fault, Late):
            return f"no answer within {self._timeout:g} s"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        if "unauthenticated" in str(fault):
            # So it puts it of a call with many words, which it does not even read.
            return "Authentication required"
        # A script's fault ends with where in the script it was.
        return str(fault).partition(" script: ")[0].partition("\n")[0].rstrip(".")


class RedisCounters:
    """A worker's counters; `holder` is the worker's name among all that count at the server. Open it after a fork.

    It waits for a connection, and for an answer, for at most `timeout` seconds. Threads may share it. Raises
    Unavailable for a URL that is mistaken, and where the library is missing.
    """

    def __init__(self, url: str, holder: str, *, timeout: float = 1.0) -> None:
        self._server = _Server(url, timeout)
        self._holder = holder
        self._reserve: Any = self._server.redis.register_script(_RESERVE)
        self._release: Any = self._server.redis.register_script(_RELEASE)
        self._start = secrets.token_hex(4)
        self._number = itertools.count()

    def reserve(
        self, key: str, adding: int, windows: tuple[Window, ...], *, incident: str, at: float, keep_over: bool
    ) -> Usage:
        """See core.ports.Counters."""
        longest = max(window.seconds for window in windows)
        bounds = [(at - window.seconds, window.limit) for window in windows]
        # `order` leads back from the script's, the widest first, to the caller's.
        order = sorted(range(len(windows)), key=lambda number: bounds[number])
        keys = [f"{_incidents_of(self._holder)}{incident}", _of_holder(self._holder), _HOLDERS]
        values: list[str | int | float] = [
            key,
            f"{adding} {incident} {self._holder} {self._start}-{next(self._number)}",
            adding,
            int(keep_over),
            at,
            int((longest + _SLACK) * 1000),
            at - longest - _SLACK,
            at + longest,
            incident,
            self._holder,
            _BITS,
        ]
        for number in order:
            values.extend(bounds[number])
        sums = self._server.ask(lambda: self._reserve(keys=keys, args=values))
        used = dict(zip(order, sums, strict=True))
        return Usage(tuple(used[number] for number in range(len(windows))), windows, adding)

    def release(self, incident: str) -> None:
        """See core.ports.Counters."""
        keys, values = [_of_holder(self._holder)], [_incidents_of(self._holder), incident]
        self._server.ask(lambda: self._release(keys=keys, args=values))

    def close(self) -> None:
        """Closes the connections."""
        self._server.redis.close()


class ReadOnlyRedisCounters:
    """Counters that are looked at and not touched: what `postclerk try` sees. A replica will do."""

    def __init__(self, url: str, *, timeout: float = 1.0) -> None:
        self._server = _Server(url, timeout)

    def reserve(
        self, key: str, adding: int, windows: tuple[Window, ...], *, incident: str, at: float, keep_over: bool
    ) -> Usage:
        """What is used, without counting anything."""
        counted = iter(self._server.ask(lambda: self._counts(key, windows, at)))
        used = [0] * len(windows)
        for bit in range(_BITS):
            for number in range(len(windows)):
                used[number] += next(counted) << bit
        return Usage(tuple(used), windows, adding)

    def _counts(self, key: str, windows: tuple[Window, ...], at: float) -> list[int]:
        with self._server.redis.pipeline() as asking:
            for bit in range(_BITS):
                for window in windows:
                    asking.zcount(f"{_PREFIX}counted:{bit}:{key}", f"({at - window.seconds!r}", "+inf")
            return asking.execute()

    def release(self, incident: str) -> None:
        """Nothing was counted."""


def give_back(url: str, holders: str, accepted: Callable[[list[str]], set[str]], *, timeout: float = 1.0) -> None:
    """Gives back what processes that are gone had counted for messages that were never accepted. `holders` is one
    process or, ending with `:`, all of a host; `accepted` tells which of these incidents were, a few hundred at a time.
    Raises Unavailable, and what `accepted` raises."""
    server = _Server(url, timeout)
    try:
        for holder in _those(server, holders):
            counted: Any = server.ask(lambda of=holder: server.redis.zrange(_of_holder(of), 0, -1))  # type: ignore[misc]
            incidents = [_text(one) for one in counted]
            for begin in range(0, len(incidents), _AT_ONCE):
                some = incidents[begin : begin + _AT_ONCE]
                kept = accepted(some)
                _give_back(server, holder, [one for one in some if one not in kept])
    finally:
        server.redis.close()


def _those(server: _Server, holders: str) -> list[str]:
    if not holders.endswith(":"):
        return [holders]
    known: Any = server.ask(lambda: server.redis.zrange(_HOLDERS, 0, -1))
    return [name for name in map(_text, known) if name.startswith(holders)]


def _give_back(server: _Server, holder: str, incidents: Sequence[str]) -> None:
    if incidents:
        script: Any = server.redis.register_script(_RELEASE)
        server.ask(lambda: script(keys=[_of_holder(holder)], args=[_incidents_of(holder), *incidents]))


def _of_holder(holder: str) -> str:
    return f"{_PREFIX}holder:{holder}"


def _incidents_of(holder: str) -> str:
    return f"{_PREFIX}incident:{holder}:"


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
