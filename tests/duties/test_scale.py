"""What intake asks of the database is found by an index: a message costs the same, however many tickets other clients have."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from mailbot.app import App
from mailbot.edge.db import clients
from mailbot.edge.db.clients import ClientRecord
from mailbot.retention import drop_old
from tests.conftest import Studio
from tests.duties.mails import mail

FIRST = "The order form on the page of contacts loses the second line of the delivery address since the update."
AGAIN = "My manager reminds me of this: the order form on the page of contacts loses the second line of an address."
SEARCHES = {  # what a statement of the search for repeats is known by, and which condition its index must serve
    "candidates": ("message.sketch IS NOT NULL", "message", "party"),
    # The index of (party, at) would serve as well, and read all that the client wrote within the window.
    "the same words": ("message.words = ", "message", "words"),
    "texts": ("message.links", "message", "id"),
    "tickets": ("AS automatic_today", "ticket", "number"),
}


@contextmanager
def asked(app: App) -> Iterator[dict[str, Any]]:
    """The statements that the database is asked meanwhile, with the values of the last time."""
    found: dict[str, Any] = {}

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool) -> None:
        found[statement] = parameters

    engine = app.desk.database.engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def plan(app: App, statement: str, parameters: Any) -> str:
    """How the database goes about a statement, a line each step."""
    with app.desk.database.reading() as transaction:
        if app.desk.database.is_sqlite:
            return "\n".join(str(row[3]) for row in transaction.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))
        transaction.exec_driver_sql(
            "SET LOCAL enable_seqscan = off"
        )  # of a few rows it would read all; it still does where no index serves
        return "\n".join(str(row[0]) for row in transaction.exec_driver_sql(f"EXPLAIN {statement}", parameters))


@pytest.mark.parametrize("search", SEARCHES)
def test_the_search_for_repeats_reads_the_clients_rows_only(any_studio: Studio, search: str) -> None:
    app = any_studio.open()
    with app.desk.database.writing() as transaction:
        clients.save(transaction, ClientRecord(name="Rose Shop", domains=["rose.example"]), app.desk.clock())
    any_studio.take_in(app, mail(1, text=FIRST))
    with asked(app) as statements:
        any_studio.take_in(app, mail(2, text=AGAIN))
    mark, table, column = SEARCHES[search]
    ((statement, parameters),) = [one for one in statements.items() if mark in one[0]]
    steps = plan(app, statement, parameters)
    if app.desk.database.is_sqlite:
        key = "rowid" if column in ("id", "number") else column
        assert re.search(rf"SEARCH {table} USING (INTEGER PRIMARY KEY|INDEX \w+) \({key}[=<>]", steps), steps
        assert not re.search(r"SCAN (message|ticket|attachment|participant|outbox)\b", steps), steps
    else:
        # Which of two indexes serves better PostgreSQL knows by its statistics, and of two messages it has none: both hold the client.
        key = "party" if column == "words" else column
        assert re.search(rf"Scan (?:Backward )?using \w+ on {table}\b.*\n\s*Index Cond: .*\b{key}\b", steps), steps
        assert "Seq Scan" not in steps, steps


@pytest.mark.parametrize("table", ["journal", "outbox"])
def test_dropping_old_octets_goes_on_where_the_last_batch_ended(studio: Studio, table: str) -> None:
    studio.configure(storage={"keep_octets_days": 1})
    app = studio.open()
    with asked(app) as statements:
        drop_old(app.desk)
    ((statement, parameters),) = [one for one in statements.items() if f"SELECT {table}.id" in one[0]]
    steps = plan(app, statement, parameters)
    assert f"SEARCH {table} USING INTEGER PRIMARY KEY (rowid>?)" in steps
    assert "TEMP B-TREE" not in steps, steps
