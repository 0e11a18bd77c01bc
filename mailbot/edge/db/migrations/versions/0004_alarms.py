"""Trouble that lasts, and whether operators have heard of it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """The table of alarms."""
    op.create_table(
        "alarm",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=320), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("tell_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_alarm")),
    )
