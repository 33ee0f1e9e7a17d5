"""A book for one run: the store's own tables of letters in a file without a name, of which nothing is left however the
run ends.

Failure modes: OSError, as when the disk is full.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator

import sqlalchemy as sa

from postclerk.adapters.book import Elapsed, StoreBook, as_json, post_of
from postclerk.adapters.tables import duties, letter_keys, letters, sent, sent_keys
from postclerk.core.tracker import Letter, Post

_posts = sa.Table(
    "posts",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("post", sa.Text, nullable=False),
    sa.Index("ix_posts_at", "at"),
)
_AT_ONCE = 500


class ScratchBook:
    """Messages that were read, and the book that is made of them."""

    def __init__(self, elapsed: Elapsed) -> None:
        # Without a name: a temporary file, and not the memory, as SQLAlchemy would have it.
        self._engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(""), poolclass=sa.NullPool)
        self._elapsed = elapsed
        self._waiting: list[dict[str, object]] = []

    @contextlib.contextmanager
    def opened(self) -> Iterator[ScratchBook]:
        """The book for as long as the block. Raises OSError."""
        try:
            with self._engine.connect() as connection:
                # Nothing here has to survive anything.
                for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-65536"):
                    connection.exec_driver_sql(f"PRAGMA {pragma}")
                tables = [letters, duties, letter_keys, sent, sent_keys]
                letters.metadata.create_all(connection, tables=tables)
                _posts.metadata.create_all(connection)
                self._connection = connection
                self.book = StoreBook(connection, self._elapsed)
                yield self
        except sa.exc.DBAPIError as fault:
            raise OSError(f"what was read cannot be kept: {fault.orig}") from fault

    def put(self, post: Post) -> None:
        """Keeps a message that was read."""
        self._waiting.append({"at": post.at, "post": json.dumps(as_json(post))})
        if len(self._waiting) >= _AT_ONCE:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            self._connection.execute(sa.insert(_posts), self._waiting)
            self._waiting = []

    def posts(self) -> Iterator[Post]:
        """Every message, in the order of their times."""
        self._write()
        last = (float("-inf"), -1)
        while True:
            query = sa.select(_posts).where(sa.tuple_(_posts.c.at, _posts.c.number) > last)
            rows = self._connection.execute(query.order_by(_posts.c.at, _posts.c.number).limit(_AT_ONCE)).all()
            if not rows:
                return
            for row in rows:
                yield post_of(row.post)
            last = (rows[-1].at, rows[-1].number)

    def all_letters(self) -> Iterator[Letter]:
        """Every letter, the oldest first."""
        query = sa.select(letters.c.number).order_by(letters.c.received, letters.c.number)
        numbers = self._connection.scalars(query).all()
        for start in range(0, len(numbers), _AT_ONCE):
            part = numbers[start : start + _AT_ONCE]
            there = self.book.several(part)
            yield from (there[number] for number in part)
