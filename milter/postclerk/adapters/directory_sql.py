"""The directory of people in a database: queries of rules.yaml over any SQLAlchemy URL, with bound values only.

A login is bound as collect.normal_login gives it and an address as its comparison key, so queries do best to compare
lower(…). Failure modes: Unavailable, with a reason that names no password; nothing is written anywhere.
"""

from __future__ import annotations

import contextlib
import re
import stat
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from postclerk.collect import normal_login
from postclerk.core.addresses import whole_address
from postclerk.core.people import Listing, Person
from postclerk.core.ports import Unavailable
from postclerk.settings import Sql

_QUERIES = {
    "person": "login", "addresses": "login", "groups": "login", "mailbox": "address", "members": "address",
    "may_send": "address", "everybody": "",
}  # fmt: skip
"""The queries, each with the name that it binds."""

_MOST_ROWS = 100_000
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
        names = set(sa.text(query).compile().params)
        if not _SELECT.match(query) or ";" in query.rstrip().rstrip(";"):
            found.append(f"`{name}` must be one SELECT")
        elif names != ({bound} if bound else set()):
            says = f"must name what it looks for :{bound}" if bound else "binds nothing"
            found.append(f"`{name}` {says}; it names {', '.join(f':{one}' for one in sorted(names)) or 'nothing'}")
    return found


class SqlDirectory:
    """A directory.Source in a database."""

    def __init__(self, settings: Sql, folder: Path, domains: Iterable[str]) -> None:
        self._settings = settings
        self._folder = folder
        self._domains = frozenset(domains)
        self._lock = threading.Lock()
        self._opened: sa.Engine | None = None
        self._down_until = 0.0
        self._queries = {name: sa.text(query) for name in _QUERIES if (query := getattr(settings, name))}

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
        found = {}
        # Each address is a query or two, and a list may have members without end: as long as others wait for this.
        deadline = time.monotonic() + 2 * self._settings.timeout
        with self._connection() as connection:
            for number, address in enumerate(addresses):
                if time.monotonic() > deadline:
                    raise Unavailable(f"{number} of {len(addresses)} addresses were looked up in time")
                there = None if "\0" in address else self._listing(connection, address)
                if there is not None:
                    found[address] = there
        return found

    def _listing(self, connection: sa.Connection, address: str) -> Listing | None:
        members = [_key(row[0]) for row in self._rows(connection, "members", address=address)]
        if members:
            allowed = (_text(row[0]) for row in self._rows(connection, "may_send", address=address))
            may_send = tuple(self._allowed(text) for text in allowed if text)
            return Listing(address, tuple(key for key in members if key), may_send)
        for row in self._rows(connection, "mailbox", address=address):
            mailbox = _key(row[0])
            if mailbox:
                columns = tuple(row)
                owner = normal_login(_text(columns[1]), self._domains) if len(columns) > 1 else None
                return Listing(mailbox, owner=owner or "")
        return None

    def _allowed(self, text: str) -> str:
        if text.startswith(("unit:", "group:")) or text == "inside":
            return text
        return normal_login(text, self._domains) or text

    def everybody(self) -> Iterator[tuple[str, str]]:
        """See directory.Source."""
        if "everybody" not in self._queries:
            return
        with self._connection() as connection:
            for row in connection.execution_options(yield_per=1000).execute(self._queries["everybody"]):
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
        rows = list(connection.execute(self._queries[name], bound).fetchmany(_MOST_ROWS + 1))
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
