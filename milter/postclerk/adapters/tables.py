"""The tables of the store; adapters/migrations brings a store to this shape."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Double, Index, Integer, LargeBinary, MetaData, String, Table, Text

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

grants = Table(
    "grants",
    metadata,
    Column("number", _SEQUENCE, primary_key=True),
    Column("login", Text),
    Column("unit", Text),
    Column("rule", String(64), nullable=False),
    Column("option", String(64)),
    Column("amount", Integer),
    Column("value", Text),
    Column("reason", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("begins", Double, nullable=False),
    Column("ends", Double),
    Column("made_at", Double, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("revoked_at", Double),
    Column("revoked_by", Text),
)
"""Exemptions (1.1.3): for a login or a unit, of one rule; an option raised to an amount, or a value exempted. Rows are
ended and never deleted."""

suspensions = Table(
    "suspensions",
    metadata,
    Column("number", _SEQUENCE, primary_key=True),
    Column("login", Text, nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("begins", Double, nullable=False),
    Column("ends", Double),
    Column("made_at", Double, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("automatic", Integer, nullable=False),
    Column("lifted_at", Double),
    Column("lifted_by", Text),
)
"""Logins that may not send for a while (1.1.6). Rows are ended and never deleted."""

notices = Table(
    "notices",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True),
    Column("incident", String(8), nullable=False, index=True),
    Column("time", Double, nullable=False),
    Column("login", Text, nullable=False),
    Column("role", String(9), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("code", String(64), nullable=False),
    Column("asks", JSON, nullable=False),
    Column("header", Text, nullable=False),
    Column("told_at", Double),
    Index("ix_notices_told_at", "told_at", "login"),
)
"""Whom a decision concerns among our own people, as `sender` or `recipient`, and when he was told of it; `asks` is what
he may ask a grant for, `header` the header of his message until he is told."""

outbox = Table(
    "outbox",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True),
    Column("once", String(255), unique=True),
    Column("made_at", Double, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Double),
    Column("claimed_by", String(255)),
    Column("sent_at", Double),
    Column("trouble", Text, nullable=False),
    Index("ix_outbox_next_at", "next_at"),
)
"""Mail of our own on its way to Postfix. `next_at` is when it is tried next, NULL once it is sent or given up; `once`
names what is written one time only."""

requests = Table(
    "requests",
    metadata,
    Column("number", _SEQUENCE, primary_key=True),
    Column("incident", String(8), nullable=False, index=True),
    Column("login", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("option", String(64)),
    Column("amount", Integer),
    Column("value", Text),
    Column("reason", Text, nullable=False),
    Column("asked_at", Double, nullable=False),
    Column("decider", Text, nullable=False),
    Column("decided_at", Double),
    Column("decided_by", Text),
    Column("approved", Integer),
    Column("answer", Text, nullable=False),
)
"""What our own people ask for: a `grant` or a `release`; `decider` is the superior's login, empty: the IT department.
Rows are decided once and never deleted."""

orders = Table(
    "orders",
    metadata,
    Column("number", _SEQUENCE, primary_key=True),
    Column("queue_id", String(255), nullable=False),
    Column("incident", String(8), nullable=False),
    Column("action", String(8), nullable=False),
    Column("why", Text, nullable=False),
    Column("made_at", Double, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("done_at", Double),
    Column("outcome", Text, nullable=False),
)
"""What is to be done with held messages, `release` or `delete`, and what came of it."""
