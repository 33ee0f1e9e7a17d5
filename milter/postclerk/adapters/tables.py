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
    Column("tracked", JSON(none_as_null=True)),
)
"""One row for each decided message; `tracked` is what the tracker needs beside the header (see judge.tracked).
Every index is one more page that the disk is waited for, so there are two."""

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
he may ask a grant for, `header` the header of his message until he is told, or as long as it is held."""

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
"""What is to be done with held messages, `show`, `release` or `delete`, and what came of it."""

shown = Table(
    "shown",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""What was read of a held message, under the number of the order to show it; only for a short while."""

letters = Table(
    "letters",
    metadata,
    Column("number", _SEQUENCE, primary_key=True),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("post", JSON, nullable=False),
    Column("received", Double, nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("answered_at", Double),
    Column("answered_by", Text),
    Column("answered_login", Text),
    Column("bond", Integer),
    Column("took", Double),
)
"""Mail to our own people that waits, or waited, for an answer (see core.tracker.Letter); `took` is the working time in
seconds until it was answered."""

duties = Table(
    "duties",
    metadata,
    Column("number", _SEQUENCE, primary_key=True),
    Column("letter", BigInteger, nullable=False, index=True),
    Column("login", Text, nullable=False),
    Column("mailbox", Text, nullable=False),
    Column("due", Double, nullable=False),
    Column("passed", Integer, nullable=False),
    Column("waits", Integer, nullable=False),
    Column("flagged", Integer, nullable=False),
    Column("flag_next_at", Double),
    Column("warned_at", Double),
    Column("reminded_at", Double),
    Column("escalated_at", Double),
    Index("ix_duties_waits_due", "waits", "due"),
    Index("ix_duties_login_waits_due", "login", "waits", "due"),
)
"""Who is to answer a letter and until when. `waits` is 1 while nobody has, and he has not `passed` it on; `flagged` is
1 while the tracker's flag stands in the mailbox; 2: its owner's, 3: ours is going to be set."""

letter_keys = Table(
    "letter_keys",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True),
    Column("key", String(24), nullable=False, index=True),
    Column("letter", BigInteger, nullable=False, index=True),
)
"""Under what an answer finds its letter (see core.threads)."""

sent = Table(
    "sent",
    metadata,
    Column("number", _SEQUENCE, primary_key=True),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("at", Double, nullable=False, index=True),
    Column("post", JSON, nullable=False),
    Column("logins", JSON, nullable=False),
)
"""Messages of our own people, kept for letters that come after their answers."""

sent_keys = Table(
    "sent_keys",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True),
    Column("key", String(24), nullable=False, index=True),
    Column("sent", BigInteger, nullable=False, index=True),
)
"""Under what a letter finds an answer that came before it."""

absences = Table(
    "absences",
    metadata,
    Column("number", _SEQUENCE, primary_key=True),
    Column("login", Text, nullable=False, index=True),
    Column("begins", String(10), nullable=False),
    Column("ends", String(10)),
    Column("substitute", Text, nullable=False),
    Column("source", String(8), nullable=False),
    Column("learnt_at", Double, nullable=False),
    Column("told_at", Double),
)
"""Who is away, by his automatic replies (`reply`) or by a file (`file`): first and last day, and whom to turn to."""

left_off = Table(
    "left_off",
    metadata,
    Column("login", Text, primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("at", Double, nullable=False),
)
"""Who wants no weekly digest: of his own letters (`personal`), or of his unit's (`unit`)."""

progress = Table(
    "progress",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)
"""How far the tracker has read the journal, and the calendar that its dates rest on."""
