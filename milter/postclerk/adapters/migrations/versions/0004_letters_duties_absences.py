"""What waits for an answer, what answers it, and who is away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Adds what the journal keeps for the tracker, and creates the tracker's own tables."""
    op.add_column("messages", sa.Column("tracked", sa.JSON))
    op.create_table(
        "letters",
        sa.Column("number", _SEQUENCE, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False, unique=True),
        sa.Column("post", sa.JSON, nullable=False),
        sa.Column("received", sa.Double, nullable=False, index=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("answered_at", sa.Double),
        sa.Column("answered_by", sa.Text),
        sa.Column("answered_login", sa.Text),
        sa.Column("bond", sa.Integer),
        sa.Column("took", sa.Double),
    )
    op.create_table(
        "duties",
        sa.Column("number", _SEQUENCE, primary_key=True),
        sa.Column("letter", sa.BigInteger, nullable=False, index=True),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("mailbox", sa.Text, nullable=False),
        sa.Column("due", sa.Double, nullable=False),
        sa.Column("passed", sa.Integer, nullable=False),
        sa.Column("waits", sa.Integer, nullable=False),
        sa.Column("flagged", sa.Integer, nullable=False),
        sa.Column("flag_next_at", sa.Double),
        sa.Column("warned_at", sa.Double),
        sa.Column("reminded_at", sa.Double),
        sa.Column("escalated_at", sa.Double),
    )
    op.create_index("ix_duties_waits_due", "duties", ["waits", "due"])
    op.create_index("ix_duties_login_waits_due", "duties", ["login", "waits", "due"])
    op.create_table(
        "letter_keys",
        sa.Column("seq", _SEQUENCE, primary_key=True),
        sa.Column("key", sa.String(24), nullable=False, index=True),
        sa.Column("letter", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "sent",
        sa.Column("number", _SEQUENCE, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False, unique=True),
        sa.Column("at", sa.Double, nullable=False, index=True),
        sa.Column("post", sa.JSON, nullable=False),
        sa.Column("logins", sa.JSON, nullable=False),
    )
    op.create_table(
        "sent_keys",
        sa.Column("seq", _SEQUENCE, primary_key=True),
        sa.Column("key", sa.String(24), nullable=False, index=True),
        sa.Column("sent", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "absences",
        sa.Column("number", _SEQUENCE, primary_key=True),
        sa.Column("login", sa.Text, nullable=False, index=True),
        sa.Column("begins", sa.String(10), nullable=False),
        sa.Column("ends", sa.String(10)),
        sa.Column("substitute", sa.Text, nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("learnt_at", sa.Double, nullable=False),
        sa.Column("told_at", sa.Double),
    )
    op.create_table(
        "left_off",
        sa.Column("login", sa.Text, primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_table(
        "progress",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
