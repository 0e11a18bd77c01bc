"""Everything in the database, row by row, for whoever takes it away."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, select, text

from mailbot.edge.db.journal import GONE
from mailbot.edge.db.tables import act, alarm, journal, learned, mailbox, metadata, outbox, setting

# What mailbot needs for its own work and nobody else can use.
_INTERNAL = {alarm, learned, mailbox, setting}
TABLES: tuple[Table, ...] = tuple(one for one in metadata.sorted_tables if one not in _INTERNAL)
_AT_ONCE = 100  # rows in memory


def one_moment(connection: Connection) -> None:
    """Let everything that this transaction reads be of one moment; its first statement. SQLite does that anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    """The rows of a table in the order of its key, without octets and without what only finds repeats."""
    hidden = {"party", "identity"} | ({"words"} if "sketch" in table.c else set())  # a consent's words are words, a message's a digest
    columns = [one for one in table.c if not isinstance(one.type, LargeBinary) and one.name not in hidden]
    query = select(*columns).order_by(*table.primary_key.columns)
    for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}).mappings():
        yield dict(row)


def messages(connection: Connection) -> Iterator[tuple[int, bytes | None, str]]:
    """(id, packed octets or None for the blob store, digest) of every journalled message that has octets."""
    query = select(journal.c.id, journal.c.octets, journal.c.sha256).order_by(journal.c.id)
    for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        if row.octets != GONE:
            yield row.id, row.octets, row.sha256


def mails(connection: Connection) -> Iterator[tuple[int, bytes]]:
    """(id, packed octets) of every mail of the outbox that has octets."""
    query = select(outbox.c.id, outbox.c.octets).where(outbox.c.octets != GONE).order_by(outbox.c.id)
    for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield row.id, row.octets


def papers(connection: Connection) -> Iterator[tuple[int, int, bytes, bytes | None]]:
    """(year, number, packed HTML, PDF) of every act."""
    query = select(act.c.year, act.c.number, act.c.html, act.c.pdf).order_by(act.c.year, act.c.number)
    for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield row.year, row.number, row.html, row.pdf
