"""How far the tracker has come, by name; whoever claims an entry has it alone until his transaction ends.

Failure modes: those of the connection.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from postclerk.adapters.tables import progress


def claim(connection: sa.Connection, name: str) -> str | None:
    """The entry's value, None where there was none yet. SQLite has one writer anyway."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(progress).values(name=name, value="").on_conflict_do_nothing())
    query = sa.select(progress.c.value).where(progress.c.name == name).with_for_update()
    return connection.scalar(query) or None


def advance(connection: sa.Connection, name: str, value: str) -> None:
    """Writes the entry's value."""
    connection.execute(sa.update(progress).where(progress.c.name == name).values(value=value))
