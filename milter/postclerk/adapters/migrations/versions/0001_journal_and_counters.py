"""The journal of decisions and the counters of recipients."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Creates both."""
    op.create_table(
        "messages",
        sa.Column("seq", _SEQUENCE, primary_key=True),
        sa.Column("id", sa.String(8), nullable=False, index=True),
        sa.Column("time", sa.Double, nullable=False, index=True),
        sa.Column("queue_id", sa.String(255)),
        sa.Column("login", sa.Text),
        sa.Column("client", sa.Text),
        sa.Column("envelope_from", sa.Text, nullable=False),
        sa.Column("recipients", sa.JSON, nullable=False),
        sa.Column("recipient_count", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("stage", sa.String(8), nullable=False),
        sa.Column("header", sa.JSON, nullable=False),
    )
    op.create_table(
        "submissions",
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("message", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
    )
    op.create_table(
        "findings",
        sa.Column("seq", _SEQUENCE, primary_key=True),
        sa.Column("message", sa.String(8), nullable=False, index=True),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("clause", sa.String(16), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("monitor", sa.Integer, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_table(
        "counted",
        sa.Column("seq", _SEQUENCE, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("time", sa.Double, nullable=False),
        sa.Column("recipients", sa.Integer, nullable=False),
        sa.Column("incident", sa.String(8), nullable=False, index=True),
        sa.Column("until", sa.Double, nullable=False),
        sa.Column("holder", sa.String(255), nullable=False),
    )
    op.create_index("ix_counted_key_time", "counted", ["key", "time", "recipients"])


def downgrade() -> None:
    """Drops both, with all that was written down."""
    for table in ("counted", "findings", "submissions", "messages"):
        op.drop_table(table)
