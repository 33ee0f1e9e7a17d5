"""Whom to tell, mail on its way, what people ask for, and what is to be done with held mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Creates the four tables."""
    op.create_table(
        "notices",
        sa.Column("seq", _SEQUENCE, primary_key=True),
        sa.Column("incident", sa.String(8), nullable=False, index=True),
        sa.Column("time", sa.Double, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("role", sa.String(9), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("asks", sa.JSON, nullable=False),
        sa.Column("header", sa.Text, nullable=False),
        sa.Column("told_at", sa.Double),
    )
    op.create_index("ix_notices_told_at", "notices", ["told_at", "login"])
    op.create_table(
        "outbox",
        sa.Column("seq", _SEQUENCE, primary_key=True),
        sa.Column("once", sa.String(255), unique=True),
        sa.Column("made_at", sa.Double, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.Double),
        sa.Column("claimed_by", sa.String(255)),
        sa.Column("sent_at", sa.Double),
        sa.Column("trouble", sa.Text, nullable=False),
    )
    op.create_index("ix_outbox_next_at", "outbox", ["next_at"])
    op.create_table(
        "requests",
        sa.Column("number", _SEQUENCE, primary_key=True),
        sa.Column("incident", sa.String(8), nullable=False, index=True),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("option", sa.String(64)),
        sa.Column("amount", sa.Integer),
        sa.Column("value", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_at", sa.Double, nullable=False),
        sa.Column("decider", sa.Text, nullable=False),
        sa.Column("decided_at", sa.Double),
        sa.Column("decided_by", sa.Text),
        sa.Column("approved", sa.Integer),
        sa.Column("answer", sa.Text, nullable=False),
    )
    op.create_table(
        "orders",
        sa.Column("number", _SEQUENCE, primary_key=True),
        sa.Column("queue_id", sa.String(255), nullable=False),
        sa.Column("incident", sa.String(8), nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("made_at", sa.Double, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("done_at", sa.Double),
        sa.Column("outcome", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drops them, with what was not sent yet."""
    op.drop_table("orders")
    op.drop_table("requests")
    op.drop_table("outbox")
    op.drop_table("notices")
