"""The tables of the store; adapters/migrations brings a store to this shape."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Double, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER PRIMARY KEY by itself

messages = Table(
    "messages",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True),
    Column("id", String(8), nullable=False, index=True),
    Column("time", Double, nullable=False, index=True),
    Column("queue_id", String(255)),
    Column("login", Text),
    Column("client", Text),
    Column("envelope_from", Text, nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("recipient_count", Integer, nullable=False),
    Column("size", BigInteger),
    Column("action", String(8), nullable=False),
    Column("stage", String(8), nullable=False),
    Column("header", JSON, nullable=False),
)
"""One row for each decided message. Every index is one more page that the disk is waited for, so there are two."""

submissions = Table(
    "submissions",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("message", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
)
"""Mail that a local program keeps submitting until it is no longer deferred: each attempt has another queue id, and all
of them are the one message that was written down first."""

findings = Table(
    "findings",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True),
    Column("message", String(8), nullable=False, index=True),
    Column("rule", String(64), nullable=False),
    Column("clause", String(16), nullable=False),
    Column("code", String(64), nullable=False),
    Column("action", String(8), nullable=False),
    Column("monitor", Integer, nullable=False),
    Column("detail", JSON, nullable=False),
)
"""What was found about a message, in the order of the rules."""

counted = Table(
    "counted",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True),
    Column("key", Text, nullable=False),
    Column("time", Double, nullable=False),
    Column("recipients", Integer, nullable=False),
    Column("incident", String(8), nullable=False, index=True),
    Column("until", Double, nullable=False),
    Column("holder", String(255), nullable=False),
    Index("ix_counted_key_time", "key", "time", "recipients"),
)
"""Recipients that count in sliding windows. `holder` is the worker that counted them; what a worker that died had
counted for messages without a decision is given back."""
