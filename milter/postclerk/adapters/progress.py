"""How far the tracker has come, by name; whoever claims an entry has it alone until his transaction ends.

Failure modes: those of the connection.
"""

from __future__ import annotations

import sqlalchemy as sa

from postclerk.adapters.store import insert_if_new
from postclerk.adapters.tables import progress


def claim(connection: sa.Connection, name: str) -> str | None:
    """The entry's value, None where there was none yet. SQLite has one writer anyway."""
    insert_if_new(connection, progress, name=name, value="")
    query = sa.select(progress.c.value).where(progress.c.name == name).with_for_update()
    return connection.scalar(query) or None


def advance(connection: sa.Connection, name: str, value: str) -> None:
    """Writes the entry's value."""
    connection.execute(sa.update(progress).where(progress.c.name == name).values(value=value))
