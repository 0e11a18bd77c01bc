"""The weekly summary on real databases: what is counted, and which client's contacts get one of their own, once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from mailbot import operate
from mailbot.app import App
from mailbot.core.report.rows import LISTED, OLDEST_SHOWN, WeekRow
from mailbot.core.report.summary import Summary
from mailbot.core.report.week import Week
from mailbot.edge.db import clients, report, tables, weekly
from mailbot.weekly import send_owed, send_to_client, summary_of
from tests.conftest import Studio
from tests.duties.mails import mail

BOSS, ANNA, OLEG = "boss@studio.example", "anna@rose.example", "oleg@oak.example"
W46, W47, W48 = (Week(2026, number) for number in (46, 47, 48))  # W47 is 16–22 November
WEDNESDAY = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def app(any_studio: Studio) -> App:
    """A desk in Berlin, installed on a Wednesday, that writes to its clients too."""
    any_studio.configure(desk={"timezone": "Europe/Berlin"}, summary={"clients": True, "at": "10:00"})
    any_studio.clock.now = WEDNESDAY
    opened = any_studio.open()
    add_client(opened, "Rose Shop", ANNA)
    send_owed(opened.desk, opened.schedule)  # from now on clients get theirs
    return opened


def add_client(app: App, name: str, *contacts: str, **values: Any) -> int:
    with app.desk.database.writing() as transaction:
        clients.save(transaction, clients.ClientRecord(name, contacts=contacts, **values), app.desk.clock())
        return clients.id_by_name(transaction, name) or 0


def due(studio: Studio, app: App, now: datetime = DUE) -> int:
    studio.clock.now = now
    return send_owed(app.desk, app.schedule)


def written_to(studio: Studio, app: App) -> list[tuple[str, str]]:
    """(week, recipient) of the clients' summaries."""
    with app.desk.database.reading() as transaction:
        rows = transaction.execute(select(tables.weekly.c.week, tables.weekly.c.recipient)).all()
    assert len(studio.outbox(app, "summary")) == len(rows)
    return sorted((week, recipient) for week, recipient in rows if recipient != BOSS)


# What is counted


def put(app: App, table: str, **values: Any) -> int:
    with app.desk.database.writing() as transaction:
        made = transaction.execute(insert(getattr(tables, table)).values(**values)).inserted_primary_key
    return made[0] if made else 0


def put_ticket(app: App, opened: str, **values: Any) -> int:
    moments = {name: datetime.fromisoformat(at) if isinstance(at, str) and name.endswith("_at") else at for name, at in values.items()}
    usual = {"status": "open", "client_id": 1, "requester": ANNA, "requester_name": "", "answer_to": ANNA, "language": "en"}
    usual |= {"subject": "request", "coverage": "none", "urgent": False, "repeats": 0, "opened_at": datetime.fromisoformat(opened)}
    return put(app, "ticket", **(usual | moments))


def put_work(app: App, ticket: int, day: str, minutes: int, client: int | None = 1) -> None:
    usual = {"ticket": ticket, "client_id": client, "minutes": minutes, "who": BOSS, "note": "", "entered_at": WEDNESDAY}
    put(app, "work", **usual, day=date.fromisoformat(day))


def put_repeat(app: App, ticket: int, at: str) -> None:
    usual = {"direction": "in", "kind": "repeat", "from_addr": ANNA, "from_name": "", "text": "", "because": []}
    put(app, "message", **usual, ticket=ticket, at=datetime.fromisoformat(at))


def counted(app: App, week: Week = W47) -> Summary:
    with app.desk.database.reading() as transaction:
        return summary_of(transaction, app.desk, week)


# The first and the last moment of the week in Berlin, and the moments beside them.
BEFORE, FIRST, LAST, AFTER = "2026-11-15T23:59:59+01:00", "2026-11-16T00:00+01:00", "2026-11-22T23:59:59+01:00", "2026-11-23T00:00+01:00"


def test_the_trend_counts_each_week_from_monday_to_sunday_at_the_desk(any_studio: Studio, app: App) -> None:
    for moment in (BEFORE, FIRST, LAST, AFTER):
        put_ticket(app, moment)
        put_repeat(app, put_ticket(app, "2026-01-01T00:00+01:00"), moment)
        put_ticket(app, "2026-01-01T00:00+01:00", closed_at=moment, status="closed")
    put_ticket(app, FIRST, merged_into=1, status="closed", closed_at=LAST)  # what it asks is a repeat
    put_ticket(app, "2026-08-31T00:00+02:00")  # the first moment of the trend: in summer time
    put_ticket(app, "2026-08-30T23:59+02:00")
    any_studio.clock.now = DUE + timedelta(days=30)
    found = counted(app)
    assert (found.opened.now, found.opened.before) == (2, 1)
    assert (found.repeats.now, found.repeats.before) == (2, 1)
    assert (found.closed.now, found.closed.before) == (2, 1)
    assert [count for _, count in found.days] == [1, 0, 0, 0, 0, 0, 1]
    assert [one.opened for one in found.trend] == [1, *[0] * 9, 1, 2]
    # 4 asked again, 4 that were closed, 2 of August; then what was opened and closed at the moments.
    assert [one.backlog for one in found.trend] == [*[10] * 10, 10, 10]
    assert (found.backlog.now, found.oldest_days) == (10, 326)


def test_promises_and_first_responses_of_the_week(any_studio: Studio, app: App) -> None:
    for due_at, answered, closed in (
        (BEFORE, None, None),  # broken in the week before
        (FIRST, None, None),
        (FIRST, LAST, LAST),
        (LAST, LAST, None),  # kept, by the skin of its teeth
        (LAST, None, FIRST),  # kept: closed in time
        (LAST, AFTER, AFTER),
        (AFTER, None, None),
    ):
        moments = {"verdict_due_at": due_at, "first_response_at": answered, "closed_at": closed}
        put_ticket(app, "2026-11-15T22:59:59+01:00", **moments)
    any_studio.clock.now = DUE
    found = counted(app)
    assert (found.broken.now, found.broken.before) == (3, 1)
    assert (found.responses, found.median_minutes) == (2, 7 * 24 * 60 + 60)


def test_causes_count_as_a_person_named_them(any_studio: Studio, app: App) -> None:
    for cause, by, closed in (
        ("fault", BOSS, FIRST),
        ("fault", BOSS, BEFORE),
        ("fault", None, FIRST),  # proposed
        (None, None, LAST),
        ("hosting", BOSS, AFTER),
    ):
        number = put_ticket(app, "2026-11-01T00:00+01:00", cause=cause, cause_by=by, closed_at=closed)
        put_work(app, number, "2026-11-16", 30)
        put_work(app, number, "2026-11-15", 7)
    any_studio.clock.now = DUE
    found = counted(app)
    assert [(one.name, one.count, one.before, one.minutes) for one in found.causes] == [("fault", 1, 1, 60), ("hosting", 0, 0, 30)]
    assert (found.proposed, found.unnamed) == (1, 1)
    assert found.worth is not None
    assert (found.worth.name, found.worth.count, found.worth.minutes) == ("fault", 2, 74)


def test_a_client_s_line_and_the_price_that_quote_would_tell(any_studio: Studio, app: App) -> None:
    contract: dict[str, Any] = {"contract": "monthly", "fee": Decimal(100), "included_minutes": 60}
    oak = add_client(app, "Oak Ltd", OLEG, **contract)
    asked = put_ticket(app, FIRST, client_id=oak, coverage="monthly")
    free = put_ticket(app, BEFORE, client_id=oak, coverage="warranty")
    apart = put_ticket(app, BEFORE, client_id=oak, coverage="project")
    put_ticket(app, FIRST, client_id=None)
    put_repeat(app, free, LAST)
    for number, day, minutes in (
        (asked, "2026-11-15", 50),
        (asked, "2026-11-16", 40),
        (free, "2026-11-22", 20),
        (apart, "2026-11-22", 500),
        (asked, "2026-11-23", 500),
        (asked, "2026-10-31", 600),
        (apart, "2026-10-31", 6000),
    ):
        put_work(app, number, day, minutes, oak)
    any_studio.clock.now = DUE
    oaks, stranger = counted(app).clients
    assert (oaks.name, oaks.requests, oaks.repeats, oaks.minutes, oaks.given_free) == ("Oak Ltd", 1, 1, 560, 20)
    assert (oaks.billed, oaks.price, oaks.fee) == (45, 780, 100)  # 60 + 45 minutes, 60 of them included, at 60 an hour; 10 h × 60 × 1.3
    assert (stranger.name, stranger.requests) == (None, 1)
    with app.desk.database.reading() as transaction:
        loaded = clients.load_client(transaction, oak, any_studio.clock(), app.desk.policy.timezone, app.desk.policy.money)
    assert loaded.months == (600,)


def test_lists_are_cut_and_what_is_left_out_is_counted(any_studio: Studio, app: App) -> None:
    for number in range(LISTED + 3):
        ticket = put_ticket(app, f"2026-11-{number % 9 + 1:02}T00:00+01:00", client_id=None if number else 1)
        usual = {"to_addr": ANNA, "language": "en", "version": "1", "detail": {}, "state": "open", "reminders": 1}
        put(app, "offer", **usual, kind="estimate", ticket=ticket, sent_at=WEDNESDAY, message_id=f"{number}@studio.example")
        queued = {"kind": "reply", "automatic": False, "to_addr": ANNA, "subject": "", "octets": b"", "attempts": 1}
        put(app, "outbox", **queued, message_id=f"m{number}@x", state="failed", created_at=WEDNESDAY, settled_at=WEDNESDAY, error="550")
    for state, sent in (("agreed", WEDNESDAY), ("open", DUE), ("open", WEDNESDAY - timedelta(days=100))):  # answered, later, long ago
        put(app, "offer", **(usual | {"state": state}), kind="terms", sent_at=sent)
    put(app, "offer", **usual, kind="terms", sent_at=WEDNESDAY - timedelta(days=20))
    any_studio.clock.now = DUE
    found = counted(app)
    assert (len(found.oldest), len(found.offers), len(found.failed)) == (OLDEST_SHOWN, LISTED, LISTED)
    assert found.left_out == {"ticket": LISTED + 3 - OLDEST_SHOWN, "offer": 4, "outbox": 3}
    assert {one.kind for one in found.offers} == {"estimate"}  # terms come last
    assert (found.oldest[0].client, found.oldest[0].days) == ("Rose Shop", 22)


def test_an_act_is_named_by_number_and_month(any_studio: Studio, app: App) -> None:
    act = put(
        app,
        "act",
        year=2026,
        number=3,
        client_id=1,
        period="2026-10",
        edition=1,
        total="100",
        content={},
        html=b"",
        made_at=WEDNESDAY,
        made_by=BOSS,
    )
    usual = {"to_addr": ANNA, "language": "en", "version": "1", "detail": {}, "state": "open", "reminders": 2}
    put(app, "offer", **usual, kind="act", act=act, client_id=1, sent_at=WEDNESDAY)
    any_studio.clock.now = DUE
    (offer,) = counted(app).offers
    assert (offer.kind, offer.to, offer.act, offer.period, offer.days, offer.reminders) == ("act", "Rose Shop", 3, "2026-10", 4, 2)


def test_rows_of_an_empty_desk_are_empty(any_studio: Studio, app: App) -> None:
    with app.desk.database.reading() as transaction:
        rows = report.rows_of(transaction, W47, app.desk.policy.timezone, 3)
    assert rows.weeks == [WeekRow(0, 0, 0)] * 12
    assert replace(rows, weeks=(), days=()) == replace(type(rows)(), weeks=(), days=(), tickets=[], activity=[], causes=[], fixed=[], oldest=[], offers=[], failed=[], quarantined=[])  # fmt: skip


# Clients


def test_each_contact_of_a_client_with_something_in_the_week_gets_one_summary(any_studio: Studio, app: App) -> None:
    add_client(app, "Oak Ltd", OLEG, "olga@oak.example", language="ru")
    add_client(app, "Elm Inc", "emma@elm.example")  # nothing happens there
    any_studio.take_in(app, mail(1), mail(2, sender=OLEG))
    assert due(any_studio, app, DUE - timedelta(minutes=1)) == 0
    assert due(any_studio, app) == 4  # and the operator's
    assert due(any_studio, app) == 0
    assert written_to(any_studio, app) == [("2026-W47", ANNA), ("2026-W47", OLEG), ("2026-W47", "olga@oak.example")]
    letters = {row["to"]: any_studio.letter(app, row) for row in any_studio.outbox(app, "summary")}
    assert letters[ANNA]["Subject"] == "Web Studio: your requests, 16–22 Nov 2026"
    assert " ".join(letters[OLEG]["Subject"].split()) == "Web Studio: ваши заявки, 16–22 нояб. 2026 г."
    assert letters[ANNA]["Auto-Submitted"] == "auto-generated"
    body = letters[ANNA].get_body(("plain",))
    assert body is not None
    assert "“Request 1”" in body.get_content()
    for foreign in ("Request 2", "Oak", OLEG):
        assert foreign not in body.get_content()
    assert letters[ANNA]["Reply-To"] is None  # an answer is a request of its own


def test_the_limits_of_automatic_answers_do_not_count_it(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    due(any_studio, app)
    with app.desk.database.reading() as transaction:
        flags = transaction.scalars(select(tables.outbox.c.automatic).where(tables.outbox.c.kind == "summary"))
        assert set(flags) == {False}


def something(app: App, **values: Any) -> None:
    put_ticket(app, "2026-11-01T00:00+01:00", **values)


HAPPENED = {
    "an open request": (something, True),
    "one closed on Monday": (lambda app: something(app, closed_at=FIRST), True),
    "one closed the Sunday before": (lambda app: something(app, closed_at=BEFORE), False),
    "one that came after it": (lambda app: put_ticket(app, AFTER), False),
    "one that was merged": (lambda app: something(app, merged_into=7), False),
    "paid work on a closed one": (lambda app: put_work(app, put_ticket(app, BEFORE, closed_at=BEFORE), "2026-11-22", 20), True),
    "free work": (lambda app: put_work(app, put_ticket(app, BEFORE, closed_at=BEFORE, coverage="warranty"), "2026-11-22", 20), False),
    "work on a project": (
        lambda app: put_work(app, put_ticket(app, BEFORE, closed_at=BEFORE, coverage="project"), "2026-11-22", 20),
        False,
    ),
    "work in the week after": (lambda app: put_work(app, put_ticket(app, BEFORE, closed_at=BEFORE), "2026-11-23", 20), False),
    "a stranger's request": (lambda app: something(app, client_id=None), False),
}


@pytest.mark.parametrize(("happens", "writes"), HAPPENED.values(), ids=HAPPENED)
def test_a_client_is_written_to_when_the_week_had(any_studio: Studio, app: App, happens: Any, writes: bool) -> None:
    happens(app)
    due(any_studio, app)
    assert written_to(any_studio, app) == ([("2026-W47", ANNA)] if writes else [])


def test_no_summary_goes_to_an_address_that_is_dead_or_not_a_person_s_or_ours(any_studio: Studio, app: App) -> None:
    add_client(app, "Rose Shop", ANNA, "gone@rose.example", "well@rose.example", "no-reply@rose.example", BOSS, "help@studio.example")
    any_studio.configure(desk={"also": ["help@studio.example"]})
    app = any_studio.open()
    for addr, days in (("gone@rose.example", 60), ("well@rose.example", 1)):
        put(app, "undeliverable", addr=addr, until=WEDNESDAY + timedelta(days=days), because="550")
    something(app)
    due(any_studio, app)
    assert written_to(any_studio, app) == [("2026-W47", ANNA), ("2026-W47", "well@rose.example")]


def test_a_missed_week_is_sent_late_and_who_was_added_later_is_owed_nothing_of_it(any_studio: Studio, app: App) -> None:
    something(app)
    any_studio.clock.now = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
    something(app, client_id=add_client(app, "Oak Ltd", OLEG))
    due(any_studio, app, datetime(2026, 12, 1, 13, 0, tzinfo=UTC))
    assert written_to(any_studio, app) == [("2026-W47", ANNA), ("2026-W48", ANNA)]
    add_client(app, "Rose Shop", ANNA, "new@rose.example")
    due(any_studio, app, datetime(2026, 12, 7, 9, 0, tzinfo=UTC))
    assert written_to(any_studio, app)[2:] == [("2026-W49", ANNA), ("2026-W49", "new@rose.example"), ("2026-W49", OLEG)]


def test_clients_hear_nothing_of_the_weeks_in_which_it_was_switched_off(any_studio: Studio, app: App) -> None:
    something(app)
    due(any_studio, app)
    any_studio.configure(summary={"clients": False})
    off = any_studio.open()
    due(any_studio, off, datetime(2026, 12, 7, 9, 0, tzinfo=UTC))
    any_studio.configure(summary={"clients": True})
    on = any_studio.open()
    due(any_studio, on, datetime(2026, 12, 9, 9, 0, tzinfo=UTC))
    due(any_studio, on, datetime(2026, 12, 14, 9, 0, tzinfo=UTC))
    assert written_to(any_studio, on) == [("2026-W47", ANNA), ("2026-W50", ANNA)]


def test_a_worker_that_died_between_two_contacts_is_followed_by_one_that_writes_to_the_others(any_studio: Studio, app: App) -> None:
    add_client(app, "Rose Shop", ANNA, "zoe@rose.example")
    something(app)
    any_studio.clock.now = DUE
    assert send_to_client(app.desk, W47, 1, ANNA)
    assert not send_to_client(app.desk, W47, 1, ANNA), "the primary key lets nobody do it again"
    asked = iter([False, False, True])  # told to stop after the operator's and before the second contact
    assert send_owed(app.desk, app.schedule, lambda: next(asked, True)) == 2
    assert due(any_studio, app) == 0
    assert written_to(any_studio, app) == [("2026-W47", ANNA), ("2026-W47", "zoe@rose.example")]


def test_a_week_that_another_worker_has_finished_is_not_begun_again(any_studio: Studio, app: App) -> None:
    with app.desk.database.writing() as transaction:
        weekly.clients_done(transaction, W48)
        weekly.clients_done(transaction, W46)  # a slow one
        assert weekly.clients_from(transaction) == W48.plus(1)


def test_two_rows_for_one_week_and_contact_cannot_be(any_studio: Studio, app: App) -> None:
    something(app)
    any_studio.clock.now = DUE
    send_to_client(app.desk, W47, 1, ANNA)
    with pytest.raises(IntegrityError), app.desk.database.writing() as transaction:
        weekly.remember(transaction, W47, ANNA, 1)


def test_the_command_shows_what_a_client_gets(any_studio: Studio, app: App) -> None:
    something(app, subject="the price list")
    with app.desk.database.writing() as transaction:
        operate.enter_time(transaction, app.desk, 1, 20, BOSS, app.desk.clock())
        transaction.execute(update(tables.client).values(contract="hourly"))
    shown = any_studio.run("summary", "--week", "2026-W47", "--client", "rose shop").stdout
    assert "• #1 “the price list”, of 1 November 2026: being worked on" in shown
    assert " ".join(shown.split()).find("Paid time, 1–22 Nov 2026: 30 mins.") > 0
    any_studio.run("summary", "--week", "2026-W47", "--client", "Rose Shop", "--out", "pages")
    assert (any_studio.folder / "pages" / "client-summary-2026-W47.html").read_text("utf-8").count("the price list") == 1
    refused = any_studio.run("summary", "--client", "Oak Ltd")
    assert (refused.returncode, refused.stderr) == (1, "mailbot: no client is named 'Oak Ltd'; `mailbot client list` shows them\n")
    assert any_studio.run("summary", "--client", "Rose Shop", "--send").returncode == 2
