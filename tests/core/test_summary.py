"""The numbers of a week against rows counted by hand: the operators' summary, and the client's own."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mailbot.core.money.statement import Entry, statement
from mailbot.core.report.causes import CauseLine, FixedLine, Worth
from mailbot.core.report.clients import ClientLine, More, billed, months_of, price_of, terms_of
from mailbot.core.report.own import OwnMonth, OwnRows, OwnTicket, gets_summary, own_week
from mailbot.core.report.rows import Account, Activity, CauseRow, FixedRow, OfferRow, OpenRow, Rows, TicketRow, WeekRow
from mailbot.core.report.summary import Count, OfferLine, OpenLine, Summary, summarise
from mailbot.core.report.week import Week
from tests.core.build import policy

MOSCOW = ZoneInfo("Europe/Moscow")
LATER = datetime(2026, 12, 1, tzinfo=UTC)
W47 = Week(2026, 47)  # 16–22 November
SUNDAY = date(2026, 11, 22)
MONEY = policy().money  # 2000 an hour, in steps of 15 minutes; the price in steps of 500, over three months


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW).astimezone(UTC)


def row(opened: str, due: str | None = None, answered: str | None = None, closed: str | None = None) -> TicketRow:
    return TicketRow(moscow(opened), *(moscow(at) if at else None for at in (due, answered, closed)))


def of(rows: Rows, now: datetime = LATER) -> Summary:
    return summarise(W47, rows, MOSCOW, now, MONEY)


TICKETS = [
    row("2026-11-10T10:00", "2026-11-10T18:00", "2026-11-10T19:00", "2026-11-16T00:00"),  # late, the week before
    row("2026-11-15T23:59", "2026-11-16T11:00", None, None),  # broken in this week
    row("2026-11-16T00:00", "2026-11-16T18:00", "2026-11-16T00:10", "2026-11-17T10:00"),
    row("2026-11-17T10:00", "2026-11-17T11:00", "2026-11-17T11:30", None),  # broken
    row("2026-11-17T12:00", "2026-11-17T13:00", None, "2026-11-17T12:30"),  # closed in time
    row("2026-11-22T23:59", "2026-11-23T11:00", "2026-11-23T10:00", None),  # of the week after
]
WEEKS = (*(WeekRow(0, 0, 0),) * 9, WeekRow(2, 5, 4), WeekRow(3, 1, 1), WeekRow(4, 2, 3))
ROWS = Rows(
    outcomes={"ticket": 4, "repeat": 2, "machine": 1},
    tickets=TICKETS,
    weeks=WEEKS,
    days=(1, 2, 0, 0, 0, 0, 1),
    backlog=3,
    failed=[("gone@rose.example", "reply", "550 no such user")],
    quarantined=[(9, "it does not parse")],
    left_out={"outbox": 3},
)


def test_the_numbers_of_a_week() -> None:
    summary = of(ROWS)
    assert (summary.first_day, summary.last_day) == (date(2026, 11, 16), SUNDAY)
    assert (summary.received, summary.audit) == (7, "7 received = 4 new + 2 joined + 1 machine")
    assert summary.opened == Count(4, 3)
    assert summary.repeats == Count(2, 1)
    assert summary.closed == Count(3, 1)
    assert summary.backlog == Count(3, 2)
    assert (summary.responses, summary.median_minutes, summary.slow_minutes) == (2, 50, 90)  # 10 and 90 minutes
    assert summary.broken == Count(2, 1)
    assert summary.days[::6] == [(date(2026, 11, 16), 1), (SUNDAY, 1)]
    assert summary.failed == ROWS.failed
    assert summary.quarantined == ROWS.quarantined
    assert summary.left_out == {"outbox": 3}


def test_the_backlog_of_the_trend_follows_backwards_from_what_is_open() -> None:
    trend = of(ROWS).trend
    assert [str(one.week) for one in trend] == [f"2026-W{number}" for number in range(36, 48)]
    assert [(one.opened, one.repeats, one.backlog) for one in trend[-4:]] == [(0, 0, 2), (2, 5, 0), (3, 1, 2), (4, 2, 3)]


def test_open_tickets_and_offers_have_their_age_at_the_end_of_the_week() -> None:
    oldest = [OpenRow(3, "three", None, "anna@rose.example", moscow("2026-11-15T23:59"))]
    offers = [
        OfferRow("act", "Rose Shop", "anna@rose.example", None, 3, "2026-10", moscow("2026-11-02T12:00"), 2),
        OfferRow("terms", None, "new@elm.example", 7, None, None, moscow("2026-11-22T12:00"), 0),
    ]
    summary = of(replace(ROWS, oldest=oldest, offers=offers))
    assert summary.oldest_days == 7
    assert summary.oldest == [OpenLine(3, "three", None, "anna@rose.example", 7)]
    assert summary.offers == [
        OfferLine("act", "Rose Shop", None, 3, "2026-10", days=20, reminders=2),
        OfferLine("terms", "new@elm.example", 7, None, None, days=0, reminders=0),
    ]


def test_a_promise_that_is_not_due_yet_is_not_broken_and_ages_count_until_now() -> None:
    oldest = [OpenRow(3, "three", None, "anna@rose.example", moscow("2026-11-15T23:59"))]
    summary = of(replace(ROWS, oldest=oldest), moscow("2026-11-17T10:30"))
    assert summary.broken == Count(1, 1)  # another has half an hour left
    assert summary.oldest[0].days == 1


def test_a_quiet_week_has_a_summary() -> None:
    summary = of(Rows())
    assert (summary.audit, summary.opened, summary.oldest_days, summary.median_minutes) == ("0 received", Count(0, 0), 0, None)
    assert [count for _, count in summary.days] == [0] * 7
    assert (summary.clients, summary.more_clients, summary.causes, summary.worth) == ([], None, [], None)


def test_the_slowest_tenth_is_left_out_of_the_ninetieth_percentile() -> None:
    answered = [row("2026-11-17T10:00", answered=f"2026-11-17T10:{number:02}") for number in range(1, 11)]
    summary = of(Rows(tickets=answered))
    assert (summary.responses, summary.slow_minutes) == (10, 9)


def test_a_count_tells_its_change() -> None:
    assert (Count(5, 3).change, Count(0, 3).change) == (2, -3)


# Causes


def cause(name: str, closed: dict[int, int] | None = None, minutes: dict[int, int] | None = None) -> CauseRow:
    """A cause by weeks ago."""
    return CauseRow(name, *([(numbers or {}).get(ago, 0) for ago in range(11, -1, -1)] for numbers in (closed, minutes)))


CAUSES = [
    cause("fault", {0: 2, 1: 1, 5: 9}, {0: 30}),
    cause("how-to", {0: 2}, {0: 90}),
    cause("hosting", {3: 4}, {3: 600}),
    cause("old", {11: 1}),
]


def test_causes_of_the_week_stand_against_the_week_before_with_their_minutes() -> None:
    assert [(one.name, one.count, one.before, one.minutes) for one in of(replace(ROWS, causes=CAUSES)).causes] == [
        ("how-to", 2, 0, 90),
        ("fault", 2, 1, 30),
    ]
    (line,) = of(replace(ROWS, causes=CAUSES[:1])).causes
    assert line == CauseLine("fault", 2, 1, 30, [0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1, 2])


@pytest.mark.parametrize(
    ("causes", "fixed", "expected"),
    [
        pytest.param(CAUSES, None, Worth("hosting", 4, 600, 83), id="the one that cost most minutes in twelve weeks, not in this one"),
        pytest.param(CAUSES, ("hosting", "2026-11-02"), Worth("how-to", 2, 90, 12), id="one that is fixed is prevented already"),
        pytest.param(CAUSES, ("hosting", "2026-11-23"), Worth("hosting", 4, 600, 83), id="one that was fixed after the week was not"),
        pytest.param(
            [cause("a", {0: 1}, {0: 5}), cause("b", {0: 3}, {0: 5})],
            None,
            Worth("b", 3, 5, 50),
            id="of two alike the one with more tickets",
        ),
        pytest.param([cause("fault", {0: 9})], None, None, id="without time none"),
        pytest.param([cause("fault", {0: 9}, {0: 30, 1: -30})], None, None, id="nor with time that was taken back"),
    ],
)
def test_one_cause_is_worth_preventing(causes: list[CauseRow], fixed: tuple[str, str] | None, expected: Worth | None) -> None:
    fixes = [FixedRow(fixed[0], date.fromisoformat(fixed[1]), [])] if fixed else []
    assert of(replace(ROWS, causes=causes, fixed=fixes)).worth == expected


FIXED = {
    "as many days after as before": ("2026-11-16", [("2026-11-08T10:00", 0), ("2026-11-09T00:00", 1), ("2026-11-15T23:59", 1)], 7),
    "only whole days, of the desk's time zone": (
        "2026-11-22",
        [("2026-11-20T23:59", 0), ("2026-11-21T00:00", 1), ("2026-11-21T23:59", 1)],
        1,
    ),
    "ninety days at most": ("2026-01-01", [("2025-10-02T10:00", 0), ("2025-10-03T10:00", 1), ("2025-12-31T23:59", 1)], 90),
}


@pytest.mark.parametrize(("day", "moments", "days"), FIXED.values(), ids=FIXED)
def test_a_fixed_cause_is_compared(day: str, moments: list[tuple[str, int]], days: int) -> None:
    fixed = date.fromisoformat(day)
    since = [moscow(f"{fixed}T00:00"), moscow(f"{fixed + timedelta(days=days)}T00:00")]
    found = FixedRow("hosting", fixed, [moscow(moment) for moment, _ in moments] + since)
    assert of(replace(ROWS, fixed=[found])).fixed == [
        FixedLine("hosting", fixed, days, before=sum(counts for _, counts in moments), since=1)
    ]


@pytest.mark.parametrize("day", ["2026-11-23", "2026-12-01"], ids=["on the day after the week", "later"])
def test_a_cause_that_was_fixed_after_the_week_is_not_in_its_summary(day: str) -> None:
    assert of(replace(ROWS, fixed=[FixedRow("hosting", date.fromisoformat(day), [])])).fixed == []


# Clients


def work(minutes: int, day: str, ticket: int = 1, coverage: str = "monthly") -> Entry:
    return Entry(ticket, f"request {ticket}", coverage, date.fromisoformat(day), minutes)


def account(*entries: Entry, **values: Any) -> Account:
    usual: dict[str, Any] = {"name": "Rose Shop", "client_class": "standard", "contract": "monthly", "fee": Decimal(15000)}
    usual |= {"included_minutes": 300, "rate": None, "first_ticket": date(2026, 1, 1), "entries": entries}
    return Account(**(usual | values))


NONE = {"contract": "none", "fee": None, "included_minutes": None}


def test_clients_with_most_minutes_come_first_and_strangers_last() -> None:
    activity = [Activity(None, 9, 9, 900), Activity(1, 1, 0, 30), Activity(2, 3, 1, 65, 25), Activity(3, 5, 0, 0), Activity(4, 0, 1)]
    accounts = {number: account(name=f"client {number}") for number in range(1, 5)}
    lines = of(replace(ROWS, activity=activity, accounts=accounts)).clients
    assert [(one.name, one.requests, one.repeats, one.minutes, one.given_free) for one in lines] == [
        ("client 2", 3, 1, 65, 25),
        ("client 1", 1, 0, 30, 0),
        ("client 3", 5, 0, 0, 0),
        ("client 4", 0, 1, 0, 0),
        (None, 9, 9, 900, 0),
    ]


def test_of_many_clients_twenty_are_named_and_the_others_told_together() -> None:
    activity = [Activity(number, 2, 1, 100 + number) for number in range(1, 26)]
    summary = of(replace(ROWS, activity=[*activity, Activity(None, 1)], accounts={number: account() for number in range(6, 26)}))
    assert [one.minutes for one in summary.clients] == [*range(125, 105, -1), 0]
    assert summary.more_clients == More(5, 10, 5, 101 + 102 + 103 + 104 + 105)


BILLED = {
    "work within the included minutes costs nothing more": ({}, [work(290, "2026-11-18")], 0),
    "what is over them is billed": ({}, [work(330, "2026-11-18")], 1000),
    "they were used up before the week": ({}, [work(300, "2026-11-10"), work(60, "2026-11-18", 2)], 2000),
    "they end within the week": ({}, [work(270, "2026-11-10"), work(60, "2026-11-18", 2)], 1000),
    "what was over before the week is not billed again": ({}, [work(400, "2026-11-10")], 0),
    "the month before has minutes of its own": ({}, [work(400, "2026-10-31"), work(60, "2026-11-18", 2)], 0),
    "later work is not in it": ({}, [work(400, "2026-11-23")], 0),
    "a contract without a limit includes all": ({"included_minutes": None}, [work(4000, "2026-11-18")], 0),
    "each entry is rounded up": (NONE, [work(20, "2026-11-18", 1, "none"), work(1, "2026-11-19", 1, "hourly")], 1500),
    "the client's own rate": (NONE | {"rate": Decimal(1000)}, [work(60, "2026-11-18", 1, "hourly")], 1000),
    "warranty, courtesy and projects cost nothing here": (
        NONE,
        [work(60, "2026-11-18", 1, "warranty"), work(60, "2026-11-18", 2, "courtesy"), work(60, "2026-11-18", 3, "project")],
        0,
    ),
    "time that is taken back lowers the bill": (NONE, [work(60, "2026-11-10", 1, "none"), work(-30, "2026-11-18", 1, "none")], -1000),
    "a contract that is not monthly includes nothing": (
        {"contract": "hourly", "fee": None},
        [work(60, "2026-11-18", 1, "hourly")],
        2000,
    ),
}


@pytest.mark.parametrize(("values", "entries", "expected"), BILLED.values(), ids=BILLED)
def test_billed_is_by_how_much_the_bill_grew_in_the_week(values: dict[str, Any], entries: list[Entry], expected: int) -> None:
    assert billed(account(*entries, **values), W47, SUNDAY, MONEY) == expected


def test_rounded_by_ticket_the_weeks_of_a_month_add_up_to_its_statement() -> None:
    money = replace(MONEY, rounds="ticket")
    entries = [work(50, f"2026-11-{day:02}", day % 3) for day in range(1, 31)]
    client = account(*entries)
    whole = statement(entries, terms_of("monthly", None, 300, money)).total
    november = [Week(2026, number) for number in range(44, 50)]
    assert whole == Decimal(41000)  # 3 × 510 minutes without the 300 included, at 2000 an hour
    assert sum(billed(client, week, min(week.sunday, date(2026, 11, 30)), money) for week in november) == whole


def test_a_week_in_two_months_has_days_of_both() -> None:
    week = Week.of(date(2026, 11, 1))
    assert months_of(week, week.sunday) == [
        (date(2026, 10, 1), date(2026, 11, 1)),
        (date(2026, 11, 1), date(2026, 11, 2)),
    ]
    assert months_of(week, date(2026, 10, 30)) == [(date(2026, 10, 1), date(2026, 10, 31))]
    both = account(work(330, "2026-10-31"), work(330, "2026-11-01", 2))
    assert billed(both, week, week.sunday, MONEY) == 2000


PRICES = {
    "above the fee": ({}, [600, 600, 600], (26000, 15000)),
    "not above the fee": ({"fee": Decimal(26000)}, [600, 600, 600], (None, 26000)),
    "without a contract": (NONE, [600, 600, 600], (26000, None)),
    "by the client's class": (NONE | {"client_class": "premium"}, [600, 600, 600], (40000, None)),
    "the rate is the studio's": (NONE | {"rate": Decimal(1)}, [600, 600, 600], (26000, None)),
    "of months that exist": (NONE | {"first_ticket": date(2026, 10, 5)}, [0, 0, 600], (26000, None)),
    "of months without work": (NONE, [0, 0, 600], (9000, None)),
    "nothing was worked": (NONE, [0, 0, 0], (None, None)),
}


@pytest.mark.parametrize(("values", "months", "expected"), PRICES.values(), ids=PRICES)
def test_the_price_of_support_is_told_where_it_is_above_what_is_paid(
    values: dict[str, Any], months: list[int], expected: tuple[int | None, int | None]
) -> None:
    entries = [work(minutes, f"2026-{month:02}-17") for month, minutes in zip((8, 9, 10), months, strict=True) if minutes]
    entries += [work(5000, "2026-11-17"), work(5000, "2026-09-17", 2, "project")]  # neither a full month nor support
    (line,) = of(replace(ROWS, activity=[Activity(1, 1)], accounts={1: account(*entries, **values)})).clients
    assert (line.price, line.fee) == expected


def test_a_price_is_of_the_full_months_before_the_week_s_end() -> None:
    worked = account(work(60, "2026-10-17"), first_ticket=date(2026, 10, 1))
    assert price_of(worked, date(2026, 10, 31), MONEY) is None
    price = price_of(worked, date(2026, 11, 1), MONEY)
    assert price is not None
    assert price.amount == 3000


def test_a_client_that_only_asked_costs_nothing() -> None:
    (line,) = of(replace(ROWS, activity=[Activity(1, 1)], accounts={1: account()})).clients
    assert line == ClientLine("Rose Shop", 1, 0, 0, 0, Decimal(0), None, Decimal(15000), "monthly")


# The client's own summary


def ticket(number: int, opened: str, closed: str | None = None, status: str = "open") -> OwnTicket:
    return OwnTicket(number, f"request {number}", status, moscow(opened), moscow(closed) if closed else None)


OWN = OwnRows(
    name="Rose Shop",
    contract="monthly",
    included_minutes=300,
    rate=None,
    tickets=[
        ticket(1, "2026-11-01T10:00"),
        ticket(2, "2026-11-16T00:00", "2026-11-22T23:59", "closed"),
        ticket(3, "2026-11-17T10:00", "2026-11-23T00:00", "closed"),  # closed after the week
        ticket(4, "2026-11-10T10:00", "2026-11-16T00:00", "solved"),
    ],
    entries=[work(100, "2026-11-18"), work(20, "2026-11-19", 2, "warranty"), work(600, "2026-11-23")],
)


def test_a_client_s_week_has_what_was_open_and_what_was_closed() -> None:
    own = own_week(W47, OWN, MOSCOW, MONEY)
    assert (own.opened, [one.number for one in own.open], [one.number for one in own.closed]) == (2, [1, 3], [2, 4])
    assert (own.first_day, own.last_day, own.more_open, own.more_closed) == (date(2026, 11, 16), SUNDAY, 0, 0)


def test_long_lists_of_a_client_s_week_are_cut_and_counted() -> None:
    many = [ticket(number, "2026-11-16T10:00") for number in range(60)]
    own = own_week(W47, replace(OWN, tickets=many), MOSCOW, MONEY)
    assert (len(own.open), own.more_open) == (50, 10)


OWN_TIME = {
    "used and left, rounded up as it is billed": ({}, [OwnMonth(date(2026, 11, 1), SUNDAY, 105, 300, 195)]),
    "more than is included": ({"included_minutes": 60}, [OwnMonth(date(2026, 11, 1), SUNDAY, 105, 60, 0)]),
    "a contract without a limit": ({"included_minutes": None}, [OwnMonth(date(2026, 11, 1), SUNDAY, 105, None, None)]),
    "nothing worked yet": ({"entries": []}, [OwnMonth(date(2026, 11, 1), SUNDAY, 0, 300, 300)]),
    "paid hours": (
        {"contract": "hourly", "entries": [work(50, "2026-11-18", 1, "hourly"), work(9, "2026-11-18", 2, "project")]},
        [OwnMonth(date(2026, 11, 1), SUNDAY, 60, None, None)],
    ),
    "only what was free": ({"contract": "none", "entries": [work(50, "2026-11-18", 1, "courtesy")]}, []),
}


@pytest.mark.parametrize(("values", "expected"), OWN_TIME.values(), ids=OWN_TIME)
def test_a_client_sees_the_minutes_that_count_for_it(values: dict[str, Any], expected: list[OwnMonth]) -> None:
    assert own_week(W47, replace(OWN, **values), MOSCOW, MONEY).months == expected


def test_a_week_in_two_months_tells_the_minutes_of_both() -> None:
    entries = [work(60, "2026-10-20"), work(30, "2026-11-01", 2), work(600, "2026-11-02", 3)]
    assert own_week(Week.of(date(2026, 11, 1)), replace(OWN, entries=entries), MOSCOW, MONEY).months == [
        OwnMonth(date(2026, 10, 1), date(2026, 10, 31), 60, 300, 240),
        OwnMonth(date(2026, 11, 1), date(2026, 11, 1), 30, 300, 270),
    ]


@pytest.mark.parametrize(
    ("addr", "gets"),
    [
        ("anna@rose.example", True),
        ("no-reply@rose.example", False),
        ("mailer-daemon@rose.example", False),
        ("boss@studio.example", False),
        ("support@studio.example", False),
        ("support+t12-abc@studio.example", False),
        ("anna", False),
    ],
    ids=["a person", "an address nobody reads", "a mail system", "an operator", "the desk", "a reply address of the desk", "no address"],
)
def test_who_gets_a_client_s_summary(addr: str, gets: bool) -> None:
    assert gets_summary(addr, policy()) is gets
