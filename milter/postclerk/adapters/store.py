"""The one SQL store: connections, and the store's shape.

SQLite by default; its writers, of all workers, queue on a lock file, because SQLite itself lets them sleep and try
again. Failure modes: StoreError, with one sentence for people.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.resources
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from postclerk.adapters.files import open_own

REVISION = "0005"
"""The newest migration; a test holds it against the folder."""

BUSY_SECONDS = 5


class StoreError(Exception):
    """The store cannot be opened, read or written."""


class Store:
    """A store that is open. Open it after a fork: connections are not shared between processes."""

    def __init__(self, url: str) -> None:
        self.url = _parsed(url)
        try:
            self._engine = sa.create_engine(self.url, connect_args=self._connect_args())
        except (SQLAlchemyError, ImportError) as fault:
            raise StoreError(f"cannot use the store {self.url.render_as_string()}: {fault}") from fault
        self._queue = threading.Lock()
        self._lock_file: int | None = None
        if self.is_sqlite:
            sa.event.listen(self._engine, "connect", _set_up_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)

    @property
    def is_sqlite(self) -> bool:
        """True for the default store."""
        return self.url.get_backend_name() == "sqlite"

    def _connect_args(self) -> dict[str, Any]:
        return {"check_same_thread": False, "timeout": BUSY_SECONDS} if self.is_sqlite else {}

    def exists(self) -> bool:
        """Whether there is a store to read, without making one. Raises StoreError."""
        with _as_store_error("read", self.url):
            if self.is_sqlite and not (self.url.database and Path(self.url.database).exists()):
                return False
            with self._engine.connect() as connection:
                return self._revision(connection) is not None

    def migrate(self) -> None:
        """Creates the store or brings it to the newest shape. Raises StoreError."""
        with _as_store_error("open", self.url):
            if self.is_sqlite and self.url.database and not Path(self.url.database).exists():
                os.close(open_own(Path(self.url.database)))
            with self._engine.connect() as connection:
                if self._revision(connection) == REVISION:
                    return
            self._upgrade()

    def _revision(self, connection: sa.Connection) -> str | None:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        version: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return version

    def _upgrade(self) -> None:
        # Imported here: only a new or an old store needs Alembic, and its import takes longer than a message.
        from alembic import command
        from alembic.config import Config

        config = Config()
        scripts = importlib.resources.files("postclerk.adapters") / "migrations"
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        with self.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def connect(self) -> sa.Connection:
        """A connection for a caller to keep. Raises StoreError."""
        with _as_store_error("open", self.url):
            return self._engine.connect()

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection to read with. Raises StoreError."""
        with _as_store_error("read", self.url), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self, kept: sa.Connection | None = None, *, durable: bool = True) -> Iterator[sa.Connection]:
        """One transaction that writes, on a connection that the caller keeps or on one of its own, alone among all
        writers of a SQLite store. One that need not be `durable` does not wait for the disk. Raises StoreError."""
        with _as_store_error("write", self.url), contextlib.ExitStack() as stack:
            connection = kept or stack.enter_context(self._engine.connect())
            stack.enter_context(self._alone())
            if self.is_sqlite:
                _wait_for_disk(connection, durable)
            with connection.execution_options(writes=True).begin():
                yield connection

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        if not self.is_sqlite or not self.url.database or self.url.database == ":memory:":
            yield
            return
        with self._queue:
            if self._lock_file is None:
                self._lock_file = open_own(Path(f"{self.url.database}.lock"))
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None


def insert_if_new(connection: sa.Connection, table: sa.Table, **values: Any) -> bool:
    """Inserts a row unless one is there that it would clash with; returns whether it did. Of two at once, one does."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return bool(connection.execute(insert(table).values(**values).on_conflict_do_nothing()).rowcount)


def _parsed(url: str) -> sa.URL:
    try:
        if "\0" in url:
            raise sa.exc.ArgumentError("NUL")
        return sa.make_url(url)
    except SQLAlchemyError as fault:
        raise StoreError(
            f"store: {url!r} is not a database URL such as sqlite:////var/lib/postclerk/postclerk.db"
        ) from fault


@contextlib.contextmanager
def _as_store_error(doing: str, url: sa.URL) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, OSError) as fault:
        reason = fault.orig if isinstance(fault, DBAPIError) else fault.strerror or fault
        raise StoreError(f"cannot {doing} the store {url.render_as_string()}: {reason}") from fault
    except SQLAlchemyError as fault:
        raise StoreError(f"cannot {doing} the store {url.render_as_string()}: {fault}") from fault


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy begins the transactions; FULL: a decision must outlive a loss of power.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _wait_for_disk(connection: sa.Connection, durable: bool) -> None:
    level = "FULL" if durable else "NORMAL"
    if connection.info.get("synchronous", "FULL") != level:
        # Past SQLAlchemy, which would begin a transaction, within which SQLite does not change this.
        connection.connection.cursor().execute(f"PRAGMA synchronous={level}")
        connection.info["synchronous"] = level


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
