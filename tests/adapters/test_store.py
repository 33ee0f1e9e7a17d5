"""The store and its shape."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import alembic.autogenerate
import alembic.config
import alembic.migration
import alembic.script
import pytest
import sqlalchemy as sa

from postclerk.adapters.store import REVISION, Store, StoreError
from postclerk.adapters.tables import metadata


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A new store in a file."""
    store = Store(f"sqlite:///{tmp_path}/postclerk.db")
    store.migrate()
    return store


def test_the_newest_migration_is_known() -> None:
    """REVISION is the head of the migrations' folder, and the only one."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(importlib.resources.files("postclerk.adapters") / "migrations"))
    assert alembic.script.ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_migrations_lead_to_the_tables(store: Store) -> None:
    """Alembic finds no difference between a migrated store and tables.py."""
    with store.read() as connection:
        context = alembic.migration.MigrationContext.configure(connection, opts={"compare_type": True})
        assert alembic.autogenerate.compare_metadata(context, metadata) == []
        assert context.get_current_revision() == REVISION


def test_migrating_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    """A store of the newest shape is left alone."""
    before = (tmp_path / "postclerk.db").read_bytes()
    Store(str(store.url)).migrate()
    assert before == (tmp_path / "postclerk.db").read_bytes()


def test_nobody_else_reads_it(store: Store, tmp_path: Path) -> None:
    """Addresses of people are in it: owner and group only."""
    assert [path.name for path in tmp_path.iterdir() if path.stat().st_mode & 0o007] == []


def test_decisions_wait_for_the_disk(store: Store) -> None:
    """A transaction that must outlive a loss of power is synchronous, one that need not is not."""
    with store.write() as connection:
        assert connection.scalar(sa.text("PRAGMA synchronous")) == 2
    with store.write(durable=False) as connection:
        assert connection.scalar(sa.text("PRAGMA synchronous")) == 1
    with store.read() as connection:
        assert connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    """What a fault interrupts is undone, and the next writer is let in."""

    def broken() -> None:
        with store.write() as connection:
            connection.execute(sa.insert(metadata.tables["messages"]), {"id": "half"})

    with pytest.raises(StoreError, match=r"^cannot write the store sqlite:///.*: NOT NULL constraint failed"):
        broken()
    with store.write() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM messages")) == 0


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("frob", "store: 'frob' is not a database URL", id="no-url"),
        pytest.param("sqlite:///a\0b", "store: 'sqlite:///a", id="nul"),
        pytest.param("frob://x", "cannot use the store frob://x: ", id="no-such-database"),
        pytest.param(
            "sqlite:////nowhere/x.db", "cannot open the store sqlite:////nowhere/x.db: No such file", id="folder"
        ),
        pytest.param(
            "sqlite:////etc/passwd", "cannot open the store sqlite:////etc/passwd: file is not a database", id="x"
        ),
    ],
)
def test_a_store_that_cannot_be_opened(url: str, says: str) -> None:
    """One sentence says what is wrong."""
    with pytest.raises(StoreError) as caught:
        Store(url).migrate()
    assert str(caught.value)[: len(says)] == says


def test_passwords_are_not_told() -> None:
    """The URL of a store is shown without its password."""
    with pytest.raises(StoreError) as caught:
        Store("frob://me:secret@db.example/x")
    assert "secret" not in str(caught.value)
