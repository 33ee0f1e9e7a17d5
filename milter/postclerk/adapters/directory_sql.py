"""The directory of people in a database: queries of rules.yaml over any SQLAlchemy URL, with bound values only.

A login is bound as collect.normal_login gives it and an address as its comparison key, so queries do best to compare
lower(…). Where a query is asked for many addresses at once, it selects first the one that a row is for. Failure modes:
Unavailable, with a reason that names no password; nothing is written anywhere.
"""

from __future__ import annotations

import contextlib
import re
import stat
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from postclerk.collect import normal_login
from postclerk.core.addresses import whole_address
from postclerk.core.people import MOST_COUNTED, Listing, Person
from postclerk.core.ports import Unavailable
from postclerk.settings import Sql

_QUERIES = {
    "person": "login", "addresses": "login", "groups": "login", "mailbox": "address", "members": "address",
    "may_send": "address", "everybody": "",
}  # fmt: skip
"""The queries, each with the name that it binds."""

_MANY = "addresses"
"""What a query binds instead of :address that is asked for many at once."""

_TOGETHER = {"postgresql": 5000, "sqlite": 5000}
_TOGETHER_ELSEWHERE = 1000
"""Addresses of one question: as many as a database takes, and a plan for them is worth."""

_MOST_ROWS = MOST_COUNTED
_BRACKETED = re.compile(rf"\(\s*(:{_MANY})\s*\)")
_Row = tuple[Any, ...]
_SELECT = re.compile(r"\s*(select|with|values|table)\b", re.IGNORECASE)


def mistakes(settings: Sql, folder: Path) -> list[str]:
    """What is wrong with a section of rules.yaml that can be told without the database."""
    found = []
    try:
        _engine(settings, folder).dispose()
    except Unavailable as fault:
        found.append(str(fault))
    for name, bound in _QUERIES.items():
        query = getattr(settings, name)
        if not query:
            continue
        names = _Query(query).names
        allowed = [{bound}, {_MANY}] if bound == "address" else [{bound} - {""}]
        if not _SELECT.match(query) or ";" in query.rstrip().rstrip(";"):
            found.append(f"`{name}` must be one SELECT")
        elif names not in allowed:
            several = f" or :{_MANY}" if bound == "address" else ""
            says = f"must name what it looks for :{bound}{several}" if bound else "binds nothing"
            found.append(f"`{name}` {says}; it names {', '.join(f':{one}' for one in sorted(names)) or 'nothing'}")
    return found


class _Query:
    """A query of rules.yaml. `IN :addresses` and `IN (:addresses)` are the same."""

    def __init__(self, written: str) -> None:
        self.statement = sa.text(_BRACKETED.sub(r"\1", written))
        self.names = set(self.statement.compile().params)
        self.asks_for_many = _MANY in self.names
        if self.asks_for_many:
            self.statement = self.statement.bindparams(sa.bindparam(_MANY, expanding=True))


class SqlDirectory:
    """A directory.Source in a database."""

    def __init__(self, settings: Sql, folder: Path, domains: Iterable[str]) -> None:
        self._settings = settings
        self._folder = folder
        self._domains = frozenset(domains)
        self._lock = threading.Lock()
        self._opened: sa.Engine | None = None
        self._down_until = 0.0
        self._queries = {name: _Query(query) for name in _QUERIES if (query := getattr(settings, name))}

    def person(self, login: str) -> Person | None:
        """See directory.Source."""
        if "\0" in login:
            return None
        with self._connection() as connection:
            told: dict[str, str] = {}
            if "person" in self._queries:
                rows = self._rows(connection, "person", login=login)
                if not rows:
                    return None
                if len(rows) > 1:
                    raise Unavailable(f"the database knows {len(rows)} people with one login")
                told = {name.lower(): _text(value) for name, value in rows[0]._mapping.items()}
            addresses = self._rows(connection, "addresses", login=login)
            if not addresses and not told:
                return None
            groups = frozenset(_text(row[0]) for row in self._rows(connection, "groups", login=login)) - {""}
        owned, on_behalf, whole_domains, mailbox = _rights(addresses)
        superior = told.get("superior", "")
        return Person(
            login=login,
            owned=frozenset(owned),
            owned_domains=frozenset(whole_domains),
            on_behalf=frozenset(on_behalf),
            name=told.get("name", ""),
            mailbox=mailbox,
            unit=told.get("unit", ""),
            groups=groups,
            superior=normal_login(superior, self._domains) or "",
            language=told.get("language", "")[:2].lower(),
        )

    def at(self, addresses: Collection[str]) -> Mapping[str, Listing]:
        """See directory.Source."""
        if not addresses or not self._queries.keys() & {"mailbox", "members"}:
            return {}
        asked = [address for address in addresses if "\0" not in address]
        with self._connection() as connection:
            # As long as others wait for the same answer (CachedSource), and never nearly as long as Postfix does.
            deadline = time.monotonic() + min(2 * self._settings.timeout, 10.0)
            question = _Question(connection, self._queries, deadline)
            members, cut = question.members(asked)
            may_send = question.rows("may_send", list(members))
            mailboxes = question.rows("mailbox", [address for address in asked if address not in members])
        found = {
            address: Listing(
                address,
                tuple(dict.fromkeys(key for row in rows if (key := _key(row[0])))),
                tuple(self._allowed(text) for row in may_send.get(address, ()) if (text := _text(row[0]))),
                more=address in cut,
            )
            for address, rows in members.items()
        }
        for address, rows in mailboxes.items():
            for row in rows:
                if mailbox := _key(row[0]):
                    owner = normal_login(_text(row[1]), self._domains) if len(row) > 1 else None
                    found[address] = Listing(mailbox, owner=owner or "")
                    break
        return found

    def _allowed(self, text: str) -> str:
        if text.startswith(("unit:", "group:")) or text == "inside":
            return text
        return normal_login(text, self._domains) or text

    def everybody(self) -> Iterator[tuple[str, str]]:
        """See directory.Source."""
        if "everybody" not in self._queries:
            return
        with self._connection() as connection:
            for row in connection.execution_options(yield_per=1000).execute(self._queries["everybody"].statement):
                if len(row) < 2:
                    raise Unavailable("`everybody` must select a login and an address")
                login, key = normal_login(_text(row[0]), self._domains), _key(row[1])
                if login and key:
                    yield login, key

    def close(self) -> None:
        """See directory.Source."""
        with self._lock:
            if self._opened is not None:
                self._opened.dispose()
                self._opened = None

    def _rows(self, connection: sa.Connection, name: str, **bound: str) -> list[sa.Row[Any]]:
        if name not in self._queries:
            return []
        rows = list(connection.execute(self._queries[name].statement, bound).fetchmany(_MOST_ROWS + 1))
        if len(rows) > _MOST_ROWS:
            raise Unavailable(f"the query `{name}` finds more than {_MOST_ROWS} rows")
        return rows

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        if self._down_until > time.monotonic():
            raise Unavailable("the database did not answer a moment ago")
        try:
            with self._engine().connect() as connection:
                yield connection
        except SQLAlchemyError as fault:
            if isinstance(fault, sa.exc.DBAPIError) and not fault.connection_invalidated and _is_query_fault(fault):
                raise Unavailable(f"the database refuses a query: {_reason(fault)}") from None
            self._down_until = time.monotonic() + self._settings.retry_after
            raise Unavailable(f"the database does not answer: {_reason(fault)}") from None
        except OSError as fault:
            raise Unavailable(f"the database does not answer: {fault.strerror}") from None

    def _engine(self) -> sa.Engine:
        with self._lock:
            if self._opened is None:
                self._opened = _engine(self._settings, self._folder)
            return self._opened


class _Question:
    """What stands at many addresses, asked until `deadline`, on the monotonic clock. Raises Unavailable."""

    def __init__(self, connection: sa.Connection, queries: Mapping[str, _Query], deadline: float) -> None:
        self._connection = connection
        self._queries = queries
        self._deadline = deadline

    def rows(self, name: str, addresses: Sequence[str]) -> dict[str, list[_Row]]:
        """What a query finds, by address; those are left out for which it finds nothing."""
        found: dict[str, list[_Row]] = {}
        for some in self._portions(name, addresses):
            rows, more = self._asked(name, some)
            if more:
                raise Unavailable(f"the query `{name}` finds more than {_MOST_ROWS} rows")
            found |= rows
        return found

    def members(self, addresses: Sequence[str]) -> tuple[dict[str, list[_Row]], set[str]]:
        """The members of those that are lists, and which of the lists have still more."""
        found: dict[str, list[_Row]] = {}
        cut: set[str] = set()
        waiting = list(self._portions("members", addresses))[::-1]
        while waiting:
            some = waiting.pop()
            rows, more = self._asked("members", some)
            if more and len(some) > 1:
                # Together they are too many: which of them is, or whether all are few, is to be told one by one.
                waiting += [some[len(some) // 2 :], some[: len(some) // 2]]
                continue
            cut.update(some if more else ())
            found |= rows
        return found, cut

    def _portions(self, name: str, addresses: Sequence[str]) -> Iterator[Sequence[str]]:
        if name in self._queries:
            most = _TOGETHER.get(self._connection.dialect.name, _TOGETHER_ELSEWHERE)
            size = most if self._queries[name].asks_for_many else 1
            yield from (addresses[start : start + size] for start in range(0, len(addresses), size))

    def _asked(self, name: str, addresses: Sequence[str]) -> tuple[dict[str, list[_Row]], bool]:
        """The rows of a portion, by address, and whether there were more than anybody reads."""
        if time.monotonic() > self._deadline:
            raise Unavailable("not all addresses were looked up in time")
        query = self._queries[name]
        bound = {_MANY: list(addresses)} if query.asks_for_many else {"address": addresses[0]}
        # Read as they come: all rows of a query without end would not fit into memory.
        connection = self._connection.execution_options(stream_results=name == "members")
        with connection.execute(query.statement, bound) as result:
            rows = [tuple(row) for row in result.fetchmany(_MOST_ROWS + 1)]
        more = len(rows) > _MOST_ROWS
        if not query.asks_for_many:
            return ({addresses[0]: rows[:_MOST_ROWS]} if rows else {}), more
        if rows and len(rows[0]) < 2:
            raise Unavailable(f"`{name}` with :{_MANY} must select first the address that a row is for")
        found: dict[str, list[_Row]] = {}
        asked = frozenset(addresses)
        for first, *rest in rows[:_MOST_ROWS]:
            address = first if first in asked else _key(first)
            if address not in asked:
                # Not left out: without its may_send a list would be open to all.
                raise Unavailable(f"`{name}` with :{_MANY} finds a row for an address that it was not asked about")
            found.setdefault(address, []).append(tuple(rest))
        return found, more


def _rights(rows: list[sa.Row[Any]]) -> tuple[set[str], set[str], set[str], str]:
    """What belongs to a login, whom it may write for, domains of which it may use any address, and its mailbox."""
    owned: set[str] = set()
    on_behalf: set[str] = set()
    whole: set[str] = set()
    mailbox = ""
    for row in rows:
        columns = [_text(value) for value in row]
        written, right = columns[0], "".join(columns[1:2])
        key = _key(written)
        match right or "own":
            case "send-as" if written.startswith("*@"):
                whole.add((_key(f"x{written[1:]}") or "").rpartition("@")[2])
            case "own" | "send-as" if key:
                owned.add(key)
                if right in ("", "own") and not mailbox:
                    mailbox = written
            case "on-behalf" if key:
                on_behalf.add(key)
            case "own" | "send-as" | "on-behalf":
                pass  # not an address: of no use to anybody
            case _:
                raise Unavailable(f"`addresses` says {right!r} of an address; own, send-as and on-behalf are known")
    return owned, on_behalf, whole - {""}, mailbox


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _key(value: object) -> str | None:
    address = whole_address(_text(value))
    return address.key if address else None


def _is_query_fault(fault: sa.exc.DBAPIError) -> bool:
    """A query that is wrong, or takes too long, says nothing about the next one."""
    return isinstance(fault, sa.exc.ProgrammingError | sa.exc.DataError) or "timeout" in str(fault.orig).lower()


def _reason(fault: Exception) -> str:
    text = str(getattr(fault, "orig", None) or fault).strip().splitlines()
    return re.sub(r"(?i)(password\S*\s*[=:]\s*)\S+", r"\1…", text[0]) if text else type(fault).__name__


def _engine(settings: Sql, folder: Path) -> sa.Engine:
    """An engine that has not connected yet. Raises Unavailable."""
    try:
        url = sa.make_url(settings.url or _secret(folder / settings.url_file))
    except SQLAlchemyError:
        raise Unavailable("the URL is no database URL such as postgresql+psycopg://user@host/database") from None
    seconds = max(1, round(settings.timeout))
    arguments: dict[str, Any] = {}
    options: dict[str, Any] = {"pool_size": settings.at_once, "max_overflow": 0, "pool_timeout": settings.timeout}
    match url.get_backend_name():
        case "postgresql":
            limits = f"-c statement_timeout={round(settings.timeout * 1000)} -c default_transaction_read_only=on"
            arguments = {"connect_timeout": seconds, "options": limits}
        case "mysql" | "mariadb":
            arguments = {"connect_timeout": seconds, "read_timeout": seconds}
        case "sqlite":
            # A file that is not there is not made: it would be a directory in which nobody is known.
            path = (folder / (url.database or "")).absolute()
            url = url.set(database=f"file:{path}", query={"mode": "ro", "uri": "true"})
            arguments = {"timeout": settings.timeout, "check_same_thread": False}
    try:
        return sa.create_engine(url, connect_args=arguments, pool_pre_ping=True, **options)
    except (SQLAlchemyError, ImportError) as fault:
        raise Unavailable(f"{url.render_as_string()} cannot be used: {fault}") from None


def _secret(path: Path) -> str:
    """The URL in a file that nobody else may read. Raises Unavailable."""
    try:
        with path.open() as opened:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise Unavailable(f"{path} holds a password: others must not read it (chmod 600)")
            return opened.read().strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise Unavailable(f"cannot read {path}: {getattr(fault, 'strerror', None) or fault}") from None
