"""Likely repeats, what operators said of them, and causes that are learned and fixed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Columns and tables of repeats and causes."""
    op.add_column("ticket", sa.Column("cause_by", sa.String(length=320), nullable=True))
    op.add_column("ticket", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("sketch", sa.LargeBinary(), nullable=True))
    op.add_column("message", sa.Column("links", sa.LargeBinary(), nullable=True))
    op.add_column("message", sa.Column("from_ticket", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_message_party_at"), "message", ["party", "at"], unique=False)
    # Until now only a person could name a cause.
    op.execute("UPDATE ticket SET cause_by = 'operator' WHERE cause IS NOT NULL")
    op.create_table(
        "suggestion",
        sa.Column("ticket", _Id, nullable=False),
        sa.Column("of", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("because", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_suggestion_ticket")),
        sa.PrimaryKeyConstraint("ticket", "of", name=op.f("pk_suggestion")),
    )
    op.create_table(
        "label",
        sa.Column("id", _Id, nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("ticket", sa.BigInteger(), nullable=False),
        sa.Column("of", sa.BigInteger(), nullable=True),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("who", sa.String(length=320), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
    )
    op.create_index(op.f("ix_label_ticket"), "label", ["ticket"], unique=False)
    op.create_index(op.f("ix_label_what_id"), "label", ["what", "id"], unique=False)
    op.create_table(
        "learned",
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("labels", sa.BigInteger(), nullable=False),
        sa.Column("trained_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_learned")),
    )
    op.create_table(
        "fixed",
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("who", sa.String(length=320), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cause", name=op.f("pk_fixed")),
    )
