"""The tables. Every change here is a migration in `migrations/versions`; a test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    CursorResult,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect

HEAD = "0004"  # the newest migration; `database.py` refuses to start on any other


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept as microseconds since 1970 UTC: SQLite has no time zones, and integers sort and index alike everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Refuses naive moments: they mean another instant on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value}")
        delta = value - _EPOCH
        return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware, in UTC."""
        return None if value is None else datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REPEAT = text("kind = 'repeat'")
_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER column

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

setting = Table("setting", metadata, Column("name", String(64), primary_key=True), Column("value", Text, nullable=False))

mailbox = Table(
    "mailbox",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("cursor", BigInteger, nullable=False),  # every UID up to here is in the journal or gone from the server
)

client = Table(
    "client",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("language", String(2)),
    Column("client_class", String(40), nullable=False),
    Column("handed_over", Date),
    Column("contract", String(10), nullable=False),
    Column("since", Date),
    Column("fee", String(40)),
    Column("included_minutes", Integer),
    Column("rate", String(40)),
    Column("legal", JSON),  # what stands on its acts: name, address, tax_id, registration, bank, signatory; null: nothing is known
    Column("added_at", UtcDateTime, nullable=False),
)

contract_before = Table(
    "contract_before",
    metadata,
    Column("client_id", ForeignKey("client.id", ondelete="CASCADE"), primary_key=True),
    Column("until", Date, primary_key=True),  # the first day on which it no longer held
    Column("contract", String(10), nullable=False),
    Column("since", Date),
    Column("fee", String(40)),
    Column("included_minutes", Integer),
    Column("rate", String(40)),
)

contact = Table(
    "contact",
    metadata,
    Column("addr", String(320), primary_key=True),
    Column("client_id", ForeignKey("client.id", ondelete="CASCADE"), nullable=False, index=True),
)

domain = Table(
    "domain",
    metadata,
    Column("domain", String(255), primary_key=True),
    Column("client_id", ForeignKey("client.id", ondelete="CASCADE"), nullable=False, index=True),
)

ticket = Table(
    "ticket",
    metadata,
    Column("number", _Id, primary_key=True),
    Column("status", String(10), nullable=False),
    Column("client_id", ForeignKey("client.id")),
    Column("requester", String(320), nullable=False),
    Column("requester_name", Text, nullable=False),
    Column("answer_to", String(320), nullable=False),
    Column("language", String(2), nullable=False),
    Column("subject", Text, nullable=False),
    Column("coverage", String(10), nullable=False),
    Column("terms", String(40)),  # the version of the terms that the requester was told last; null: he was told none
    Column("terms_at", UtcDateTime),
    Column("urgent", Boolean, nullable=False),
    Column("cause", String(40)),
    Column("cause_by", String(320)),  # who said so; null: mailbot proposed it, and nobody has confirmed it
    Column("repeats", Integer, nullable=False),
    Column("possible_repeat_of", BigInteger),
    Column("related_to", BigInteger),
    Column("merged_into", BigInteger),  # an operator said that it repeats this one: what is sent to it goes there
    Column("opened_at", UtcDateTime, nullable=False),
    Column("verdict_due_at", UtcDateTime),
    Column("first_response_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Index(None, "client_id", "opened_at"),
    Index(None, "opened_at"),
    Index(None, "closed_at"),
    Index(None, "first_response_at"),
    # The promises that are still to be kept: few among very many tickets.
    Index(
        "ix_ticket_promised",
        "verdict_due_at",
        sqlite_where=text("first_response_at IS NULL AND closed_at IS NULL"),
        postgresql_where=text("first_response_at IS NULL AND closed_at IS NULL"),
    ),
    sqlite_autoincrement=True,  # a number is never given twice
)

journal = Table(
    "journal",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("mailbox", String(64), nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),  # 0: the source has none (Maildir, import), then `uid` is a file's name or digest
    Column("uid", String(255), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("journalled_at", UtcDateTime, nullable=False),
    Column("octets", LargeBinary),  # zstd; null: in the blob store under `sha256`
    Column("imported", Boolean, nullable=False),
    Column("message_id", Text),
    Column("identity", String(64), unique=True),  # null for duplicates and for rows that wait
    Column("outcome", String(12), nullable=False),
    Column("ticket", BigInteger),
    Column("because", JSON, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime),
    UniqueConstraint("mailbox", "uidvalidity", "uid"),
    Index(None, "outcome", "id"),
    Index(None, "sha256"),
    Index(None, "ticket"),
    Index(None, "journalled_at"),
)

message = Table(
    "message",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("ticket", ForeignKey("ticket.number"), nullable=False, index=True),
    Column("journal_id", ForeignKey("journal.id"), index=True),
    Column("direction", String(3), nullable=False),  # in, out
    Column("kind", String(12), nullable=False),  # request, follow-up, repeat, operator, bounce, machine, reply, note
    Column("message_id", Text),
    Column("from_addr", String(320), nullable=False),
    Column("from_name", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("visible", Text),  # null: the same as text
    Column("because", JSON, nullable=False),
    Column("party", String(340)),  # whose words these are: `c5` a client, `a…` an address; set with `words`
    Column("words", String(64)),
    Column("sketch", LargeBinary),  # which words it has, for finding likely repeats; set with `words`
    Column("links", LargeBinary),  # where its links lead, as hashes of four octets; set with `words`
    Column("from_ticket", BigInteger),  # the ticket that it stood on before an operator moved it
    Index(None, "message_id"),
    Index(None, "words", "party"),
    Index(None, "party", "at"),
    Index(None, "at", sqlite_where=_REPEAT, postgresql_where=_REPEAT),  # the weekly summary counts them
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("message_id", ForeignKey("message.id"), nullable=False, index=True),
    Column("filename", Text),
    Column("content_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content_id", Text),
    Column("inline", Boolean, nullable=False),
    Column("start", BigInteger, nullable=False),  # where the encoded body stands in the journal's octets
    Column("end", BigInteger, nullable=False),
    Column("encoding", String(20), nullable=False),
)

participant = Table(
    "participant",
    metadata,
    Column("ticket", ForeignKey("ticket.number"), primary_key=True),
    Column("addr", String(320), primary_key=True),
)

event = Table(
    "event",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("ticket", ForeignKey("ticket.number"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("what", String(20), nullable=False),
    Column("who", String(320), nullable=False),
    Column("detail", Text, nullable=False),
)

suggestion = Table(
    "suggestion",
    metadata,
    Column("ticket", ForeignKey("ticket.number"), primary_key=True),
    Column("of", BigInteger, primary_key=True),  # the ticket that it may repeat
    Column("score", Float, nullable=False),
    Column("because", JSON, nullable=False),
)

label = Table(
    "label",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("what", String(10), nullable=False),  # repeat, cause, urgent
    Column("ticket", BigInteger, nullable=False, index=True),
    Column("of", BigInteger),  # repeat: the ticket that it repeats or does not repeat
    Column("value", String(40), nullable=False),  # a cause's name, or yes, or no; the newest of a ticket (and `of`) counts
    Column("score", Float),  # repeat: what the trained score had said
    Column("who", String(320), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "what", "id"),
)

learned = Table(
    "learned",
    metadata,
    Column("name", String(10), primary_key=True),  # cause, urgent, repeat
    Column("octets", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),  # of the octets: whoever has read them need not read them again
    Column("labels", BigInteger, nullable=False),  # the newest label's id that it has seen
    Column("trained_at", UtcDateTime, nullable=False),
)

fixed = Table(
    "fixed",
    metadata,
    Column("cause", String(40), primary_key=True),
    Column("day", Date, nullable=False),
    Column("who", String(320), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

work = Table(
    "work",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("ticket", ForeignKey("ticket.number"), nullable=False, index=True),
    Column("client_id", ForeignKey("client.id")),
    Column("minutes", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("who", String(320), nullable=False),
    Column("note", Text, nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Index(None, "client_id", "day"),
)

courtesy = Table(
    "courtesy",
    metadata,
    Column("client_id", ForeignKey("client.id"), primary_key=True),  # once per client, ever
    Column("ticket", ForeignKey("ticket.number"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

reminded = Table(
    "reminded",
    metadata,
    Column("ticket", ForeignKey("ticket.number"), primary_key=True),
    Column("due_at", UtcDateTime, primary_key=True),  # the promise: an operator can move it
    Column("what", String(6), primary_key=True),  # soon, broken
    Column("at", UtcDateTime, nullable=False),
)

alarm = Table(
    "alarm",
    metadata,
    Column("kind", String(10), primary_key=True),  # mailbox, audit, grant
    Column("name", String(320), primary_key=True),  # of the mailbox; '' for the desk
    Column("because", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("tell_at", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime),
)

act = Table(
    "act",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),  # of the year, from 1, without gaps
    Column("client_id", ForeignKey("client.id"), nullable=False),
    Column("period", String(7), nullable=False),  # 2026-10
    Column("edition", Integer, nullable=False),  # 1; a correction is the next one, and names the one before
    Column("total", String(40), nullable=False),
    Column("content", JSON, nullable=False),  # all that stands on it, as it stood when it was made
    Column("html", LargeBinary, nullable=False),  # zstd
    Column("pdf", LargeBinary),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", String(320), nullable=False),
    UniqueConstraint("year", "number"),
    UniqueConstraint("client_id", "period", "edition"),
)

offer = Table(
    "offer",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("kind", String(10), nullable=False),  # terms, estimate, proposal, act
    Column("client_id", ForeignKey("client.id"), index=True),
    Column("ticket", ForeignKey("ticket.number"), index=True),  # terms and estimates
    Column("act", ForeignKey("act.id"), index=True),
    Column("to_addr", String(320), nullable=False),
    Column("language", String(2), nullable=False),
    Column("version", String(40), nullable=False),  # of the templates that gave it words
    Column("detail", JSON, nullable=False),  # the figures: coverage, minutes, rate, price…
    Column("message_id", String(255), unique=True),  # of the letter that made it; null only until that is composed
    Column("sent_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False),  # open, agreed, objected, withdrawn
    Column("settled_at", UtcDateTime),
    Column("reminders", Integer, nullable=False),
    Column("remind_at", UtcDateTime),  # null: it is not reminded of any more
    Index(None, "state", "remind_at"),
)

consent = Table(
    "consent",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("offer", ForeignKey("offer.id"), nullable=False, index=True),
    Column("verdict", String(10), nullable=False),  # agreed, objected, unclear
    Column("who", String(320), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("journal_id", ForeignKey("journal.id")),  # null: an operator entered what he was told
    Column("sha256", String(64)),  # of the raw message
    Column("authenticated", String(200), nullable=False),  # what the mailbox's own server said of the sender; '' when nothing was asked
    Column("words", Text, nullable=False),
)

undeliverable = Table(
    "undeliverable",
    metadata,
    Column("addr", String(320), primary_key=True),
    Column("until", UtcDateTime, nullable=False),
    Column("because", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("automatic", Boolean, nullable=False),  # nobody asked for it: in doubt it is not sent twice, and it counts for the limits
    Column("ticket", BigInteger),
    Column("to_addr", String(320), nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", String(255), nullable=False, unique=True),
    Column("octets", LargeBinary, nullable=False),  # zstd
    Column("encloses", ForeignKey("journal.id")),  # attachments of that message are put in on the way out
    Column("state", String(8), nullable=False),  # due, sending, sent, failed
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_attempt_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    Column("error", Text),
    Index(None, "state", "next_attempt_at"),
    # The limits of automatic answers are counted on these, a ticket's and an address's without a look at the others.
    Index(None, "automatic", "created_at"),
    Index(None, "ticket", "automatic", "created_at"),
    Index(None, "to_addr", "automatic", "created_at"),
)

weekly = Table(
    "weekly",
    metadata,
    Column("week", String(8), primary_key=True),  # 2026-W47
    Column("recipient", String(320), primary_key=True),  # an operator, or a client's contact
    Column("outbox_id", ForeignKey("outbox.id"), nullable=False),
)


def insert_or_ignore(connection: Connection, table: Table) -> Any:
    """An INSERT that does nothing when a UNIQUE constraint has such a row already."""
    if connection.dialect.name == "sqlite":  # each brings its dialect, and only one is in use
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table).on_conflict_do_nothing()


def new_id(inserted: CursorResult[Any]) -> int:
    """The number that the database gave to a row that was just inserted, without the round of a RETURNING where the driver knows it."""
    key = inserted.inserted_primary_key
    assert key is not None  # nosec B101  # noqa: S101 -- one row was inserted
    return int(key[0])
