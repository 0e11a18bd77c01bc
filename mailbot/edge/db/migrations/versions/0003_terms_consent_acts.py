"""Terms that were told, offers and what clients said of them, promises that operators were reminded of, acts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Columns and tables of terms, offers, consent, promises and acts."""
    op.create_table(
        "contract_before",
        sa.Column("client_id", _Id, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("contract", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("fee", sa.String(length=40), nullable=True),
        sa.Column("included_minutes", sa.Integer(), nullable=True),
        sa.Column("rate", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_contract_before_client_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("client_id", "until", name=op.f("pk_contract_before")),
    )
    op.add_column("client", sa.Column("legal", sa.JSON(), nullable=True))
    op.add_column("ticket", sa.Column("terms", sa.String(length=40), nullable=True))
    op.add_column("ticket", sa.Column("terms_at", sa.BigInteger(), nullable=True))
    still = sa.text("first_response_at IS NULL AND closed_at IS NULL")
    op.create_index("ix_ticket_promised", "ticket", ["verdict_due_at"], unique=False, sqlite_where=still, postgresql_where=still)
    op.create_table(
        "reminded",
        sa.Column("ticket", _Id, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=6), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_reminded_ticket")),
        sa.PrimaryKeyConstraint("ticket", "due_at", "what", name=op.f("pk_reminded")),
    )
    op.create_table(
        "act",
        sa.Column("id", _Id, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("client_id", _Id, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("total", sa.String(length=40), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("html", sa.LargeBinary(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=320), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_act_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
        sa.UniqueConstraint("client_id", "period", "edition", name=op.f("uq_act_client_id_period_edition")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_act_year_number")),
    )
    op.create_table(
        "offer",
        sa.Column("id", _Id, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("client_id", _Id, nullable=True),
        sa.Column("ticket", _Id, nullable=True),
        sa.Column("act", _Id, nullable=True),
        sa.Column("to_addr", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("remind_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["act"], ["act.id"], name=op.f("fk_offer_act")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_offer_client_id")),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_offer_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("message_id", name=op.f("uq_offer_message_id")),
    )
    for columns in (["act"], ["client_id"], ["ticket"], ["state", "remind_at"]):
        op.create_index(op.f(f"ix_offer_{'_'.join(columns)}"), "offer", columns, unique=False)
    op.create_table(
        "consent",
        sa.Column("id", _Id, nullable=False),
        sa.Column("offer", _Id, nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("who", sa.String(length=320), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("journal_id", _Id, nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("authenticated", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name=op.f("fk_consent_journal_id")),
        sa.ForeignKeyConstraint(["offer"], ["offer.id"], name=op.f("fk_consent_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_offer"), "consent", ["offer"], unique=False)
    repeats = sa.text("kind = 'repeat'")
    op.create_index(op.f("ix_message_at"), "message", ["at"], unique=False, sqlite_where=repeats, postgresql_where=repeats)
