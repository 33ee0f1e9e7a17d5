"""Grants and suspensions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Creates both."""
    op.create_table(
        "grants",
        sa.Column("number", _SEQUENCE, primary_key=True),
        sa.Column("login", sa.Text),
        sa.Column("unit", sa.Text),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("option", sa.String(64)),
        sa.Column("amount", sa.Integer),
        sa.Column("value", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("approved_by", sa.Text, nullable=False),
        sa.Column("begins", sa.Double, nullable=False),
        sa.Column("ends", sa.Double),
        sa.Column("made_at", sa.Double, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("revoked_at", sa.Double),
        sa.Column("revoked_by", sa.Text),
    )
    op.create_table(
        "suspensions",
        sa.Column("number", _SEQUENCE, primary_key=True),
        sa.Column("login", sa.Text, nullable=False, index=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("begins", sa.Double, nullable=False),
        sa.Column("ends", sa.Double),
        sa.Column("made_at", sa.Double, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("automatic", sa.Integer, nullable=False),
        sa.Column("lifted_at", sa.Double),
        sa.Column("lifted_by", sa.Text),
    )


def downgrade() -> None:
    """Drops both, with their history."""
    op.drop_table("suspensions")
    op.drop_table("grants")
