"""The weekly summary: which one is owed when, and its numbers against rows counted by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.core.desk.facts import Outcome
from mailbot.core.report.week import (
    CauseLine,
    ClientLine,
    Count,
    FixedLine,
    FixedRow,
    Rows,
    Schedule,
    TicketRow,
    Week,
    audit_line,
    owed,
    summarise,
)
from mailbot.edge.db.clients import month_starts

MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY_AT_NINE = Schedule(0, 9 * 60, MOSCOW, ("boss@studio.example", "ann@studio.example"))
LATER = datetime(2026, 12, 1, tzinfo=UTC)
W46, W47, W48 = Week(2026, 46), Week(2026, 47), Week(2026, 48)  # W47 is 16–22 November


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 11, 16), "2026-W47"),
        (date(2026, 11, 22), "2026-W47"),
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2025, 12, 29), "2026-W01"),
    ],
)
def test_a_day_lies_in_its_iso_week(day, week):
    assert str(Week.of(day)) == week
    assert Week.parse(week) == Week.of(day)
    assert Week.parse(week).monday <= day <= Week.parse(week).monday + timedelta(days=6)


@pytest.mark.parametrize("text", ["", "2026", "2026-47", "2026-W", "2026-W00", "2026-W54", "2027-W53", "x-W1", "2026-W1-1"])
def test_what_is_no_week_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        Week.parse(text)


def test_weeks_count_on_over_the_end_of_a_year():
    assert [str(Week(2026, 52).plus(weeks)) for weeks in (-1, 0, 1, 2)] == ["2026-W51", "2026-W52", "2026-W53", "2027-W01"]
    assert sorted([Week(2027, 1), Week(2026, 53)]) == [Week(2026, 53), Week(2027, 1)]


def test_a_week_begins_at_midnight_of_the_desk_also_when_the_clock_changes():
    start, end = Week.of(date(2026, 10, 20)).bounds(ZoneInfo("Europe/Berlin"))
    assert (start.isoformat(), end.isoformat()) == ("2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00")
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(days=7, hours=1)


BOSS, ANN = MONDAY_AT_NINE.recipients
INSTALLED = moscow("2026-11-18T12:00")
OWED = {
    "nothing in the week of the installation": ("2026-11-22T23:59", (), []),
    "nothing before its hour": ("2026-11-23T08:59", (), []),
    "the week of the installation, at its hour, to each": ("2026-11-23T09:00", (), [(W47, BOSS), (W47, ANN)]),
    "only to whom it was not sent": ("2026-11-23T09:00", (("2026-W47", BOSS),), [(W47, ANN)]),
    "nothing once it was sent to all": ("2026-11-23T09:00", (("2026-W47", BOSS), ("2026-W47", ANN)), []),
    "what downtime missed, late and oldest first": (
        "2026-12-03T15:00",
        (("2026-W47", BOSS),),
        [(W47, ANN), (W48, BOSS), (W48, ANN)],
    ),
    "a hole that was left between": ("2026-12-03T15:00", (("2026-W48", BOSS), ("2026-W48", ANN), ("2026-W47", ANN)), [(W47, BOSS)]),
    "nothing for who is no recipient any more": (
        "2026-11-23T09:00",
        (("2026-W47", "gone@studio.example"), ("2026-W47", ANN), ("2026-W47", BOSS)),
        [],
    ),
}


@pytest.mark.parametrize(("now", "sent", "expected"), OWED.values(), ids=OWED)
def test_a_summary_is_owed(now, sent, expected):
    assert owed(MONDAY_AT_NINE, INSTALLED, sent, moscow(now)) == expected


def test_weeks_are_owed_over_the_end_of_a_year():
    pairs = owed(Schedule(0, 0, MOSCOW, (BOSS,)), moscow("2026-12-23T12:00"), (), moscow("2027-01-11T00:00"))
    assert [str(week) for week, _ in pairs] == ["2026-W52", "2026-W53", "2027-W01"]


def test_a_summary_on_friday_is_owed_on_the_friday_after_its_week():
    friday = Schedule(4, 17 * 60 + 30, MOSCOW, (BOSS,))
    assert friday.due_at(W47) == moscow("2026-11-27T17:30")
    assert owed(friday, INSTALLED, (), moscow("2026-11-27T17:29")) == []
    assert owed(friday, INSTALLED, (), moscow("2026-11-27T17:30")) == [(W47, BOSS)]


def test_an_installation_on_sunday_night_counts_in_the_desks_time_zone():
    late = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)  # already Monday in Moscow
    assert [week for week, _ in owed(MONDAY_AT_NINE, late, (), moscow("2026-11-30T09:00"))] == [W48, W48]


def test_without_recipients_nothing_is_owed():
    assert owed(Schedule(0, 540, MOSCOW, ()), INSTALLED, (), moscow("2027-11-23T09:00")) == []


@pytest.mark.parametrize(
    ("outcomes", "line"),
    [
        (
            {"ticket": 97, "follow-up": 20, "repeat": 4, "machine": 6, "quarantined": 1},
            "128 received = 97 new + 24 joined + 6 machine + 1 quarantined",
        ),
        ({"pending": 2, "duplicate": 1, "bounce": 1, "operator": 3, "refused": 1},
         "8 received = 3 from operators + 1 bounced + 1 delivered twice + 1 refused + 2 waiting"),
        ({"ticket": 0}, "0 received"),
        ({}, "0 received"),
    ],
    ids=["an ordinary week", "the rarer outcomes", "zeros", "nothing"],
)  # fmt: skip
def test_the_audit_line(outcomes, line):
    assert audit_line(outcomes) == line


@given(st.dictionaries(st.sampled_from(get_args(Outcome)), st.integers(1, 999), min_size=1))
def test_the_audit_line_adds_up(outcomes):
    total, _, parts = audit_line(outcomes).partition(" received = ")
    assert int(total) == sum(outcomes.values()) == sum(int(part.split(" ")[0]) for part in parts.split(" + "))


def row(number: int, opened: str, due=None, answered=None, closed=None, **values) -> TicketRow:
    settings = {"subject": f"ticket {number}", "client": "Rose Shop", "requester": "anna@rose.example", "status": "open"}
    settings |= {"cause": None}
    moments = {"verdict_due_at": due, "first_response_at": answered, "closed_at": closed}
    return TicketRow(
        number=number,
        opened_at=moscow(opened),
        **{name: moscow(at) if at else None for name, at in moments.items()},
        **{**settings, **values},
    )


TICKETS = [
    # the week before
    row(1, "2026-11-09T10:00", "2026-11-09T18:00", "2026-11-09T11:00", "2026-11-10T10:00", cause="fault"),
    row(2, "2026-11-10T10:00", "2026-11-10T18:00", "2026-11-10T19:00", "2026-11-16T00:00", cause="fault"),  # late; closed on Monday
    row(3, "2026-11-15T23:59", "2026-11-16T11:00", None, None, client=None),  # its promise is broken in this week
    # the week: opened at its first and last minute, and between
    row(4, "2026-11-16T00:00", "2026-11-16T18:00", "2026-11-16T00:10", "2026-11-17T10:00", cause="how-to"),
    row(5, "2026-11-17T10:00", "2026-11-17T11:00", "2026-11-17T11:30", None),
    row(6, "2026-11-17T12:00", "2026-11-17T13:00", None, "2026-11-17T12:30", cause="fault", client="Oak Ltd"),  # closed in time
    row(7, "2026-11-22T23:59", "2026-11-23T11:00", "2026-11-23T10:00", None, client=None),  # answered in the week after
    # the week after
    row(8, "2026-11-23T00:00"),
]
ROWS = Rows(
    outcomes={"ticket": 4, "repeat": 2, "machine": 1},
    tickets=TICKETS,
    repeats=[
        (moscow("2026-11-15T23:59"), "Rose Shop"),
        (moscow("2026-11-16T00:00"), "Rose Shop"),
        (moscow("2026-11-20T12:00"), "Elm Inc"),
        (moscow("2026-11-23T00:00"), "Elm Inc"),
    ],
    work=[
        ("Rose Shop", "none", date(2026, 11, 16), 40),
        ("Rose Shop", "warranty", date(2026, 11, 22), 20),
        ("Rose Shop", "courtesy", date(2026, 11, 17), 5),
        ("Oak Ltd", "monthly", date(2026, 11, 17), 30),
        ("Rose Shop", "none", date(2026, 11, 15), 500),
        ("Rose Shop", "none", date(2026, 11, 23), 500),
    ],
    failed=[("gone@rose.example", "reply", "550 no such user")],
    quarantined=[(9, "it does not parse")],
)


def test_the_numbers_of_a_week():
    summary = summarise(W47, ROWS, MOSCOW, LATER)
    assert (summary.first_day, summary.last_day) == (date(2026, 11, 16), date(2026, 11, 22))
    assert (summary.received, summary.audit) == (7, "7 received = 4 new + 2 joined + 1 machine")
    assert summary.opened == Count(4, 3)
    assert summary.repeats == Count(2, 1)
    assert summary.closed == Count(3, 1)  # 2, 4, 6; the week before: 1
    assert summary.backlog == Count(3, 2)  # 3, 5, 7; a week before: 2, 3
    assert summary.oldest_days == 7
    assert (summary.responses, summary.median_minutes, summary.slow_minutes) == (2, 50, 90)  # 10 and 90 minutes
    assert summary.broken == Count(2, 1)  # 3 and 5; the week before: 2
    assert summary.failed == ROWS.failed
    assert summary.quarantined == ROWS.quarantined


def test_each_client_has_a_line_and_strangers_the_last_one():
    assert summarise(W47, ROWS, MOSCOW, LATER).clients == [
        ClientLine("Rose Shop", requests=2, repeats=1, minutes=65, given_free=25),
        ClientLine("Oak Ltd", requests=1, repeats=0, minutes=30, given_free=0),
        ClientLine("Elm Inc", requests=0, repeats=1, minutes=0, given_free=0),
        ClientLine(None, requests=1, repeats=0, minutes=0, given_free=0),
    ]


def test_causes_of_what_was_closed_stand_against_the_week_before():
    assert summarise(W47, ROWS, MOSCOW, LATER).causes == [CauseLine("fault", 2, 1), CauseLine("how-to", 1, 0)]


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
def test_a_fixed_cause_is_compared(day, moments, days):
    fixed = date.fromisoformat(day)
    since = [moscow(f"{fixed}T00:00"), moscow(f"{fixed + timedelta(days=days)}T00:00")]
    row = FixedRow("hosting", fixed, [moscow(moment) for moment, _ in moments] + since)
    assert summarise(W47, replace(ROWS, fixed=[row]), MOSCOW, LATER).fixed == [
        FixedLine("hosting", fixed, days, before=sum(counts for _, counts in moments), since=1)
    ]


@pytest.mark.parametrize("day", ["2026-11-23", "2026-12-01"], ids=["on the day after the week", "later"])
def test_a_cause_that_was_fixed_after_the_week_is_not_in_its_summary(day):
    row = FixedRow("hosting", date.fromisoformat(day), [])
    assert summarise(W47, replace(ROWS, fixed=[row]), MOSCOW, LATER).fixed == []


def test_each_day_counts_what_was_opened_on_it():
    days = summarise(W47, ROWS, MOSCOW, LATER).days
    assert [count for _, count in days] == [1, 2, 0, 0, 0, 0, 1]
    assert [day for day, _ in days] == [date(2026, 11, 16) + timedelta(days=offset) for offset in range(7)]


def test_the_oldest_open_tickets_come_first_with_their_age():
    assert [(line.number, line.days) for line in summarise(W47, ROWS, MOSCOW, LATER).oldest] == [(3, 7), (5, 5), (7, 0)]


def test_no_more_than_ten_of_the_oldest_are_named():
    many = Rows({}, [row(number, "2026-11-16T10:00") for number in range(1, 15)], [], [], [], [])
    summary = summarise(W47, many, MOSCOW, LATER)
    assert (len(summary.oldest), summary.backlog.now) == (10, 14)


def test_a_promise_that_is_not_due_yet_is_not_broken_and_ages_count_until_now():
    summary = summarise(W47, ROWS, MOSCOW, moscow("2026-11-17T10:30"))
    assert summary.broken == Count(1, 1)  # 3; 5 has half an hour left
    assert [(line.number, line.days) for line in summary.oldest] == [(3, 1), (5, 0)]


def test_a_quiet_week_has_a_summary():
    summary = summarise(W47, Rows({}, [], [], [], [], []), MOSCOW, LATER)
    assert (summary.audit, summary.opened, summary.oldest_days, summary.median_minutes) == ("0 received", Count(0, 0), 0, None)
    assert [count for _, count in summary.days] == [0] * 7


def test_the_slowest_tenth_is_left_out_of_the_ninetieth_percentile():
    answered = [row(number, "2026-11-17T10:00", answered=f"2026-11-17T10:{number:02}") for number in range(1, 11)]
    summary = summarise(W47, Rows({}, answered, [], [], [], []), MOSCOW, LATER)
    assert (summary.responses, summary.slow_minutes) == (10, 9)


def test_a_count_tells_its_change():
    assert (Count(5, 3).change, Count(0, 3).change) == (2, -3)


@pytest.mark.parametrize(
    ("today", "months", "expected"),
    [
        (date(2026, 11, 18), 3, ["2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01"]),
        (date(2026, 1, 1), 3, ["2025-10-01", "2025-11-01", "2025-12-01", "2026-01-01"]),
        (date(2026, 12, 31), 1, ["2026-11-01", "2026-12-01"]),
        (date(2024, 2, 29), 12, [f"2023-{month:02}-01" for month in range(2, 13)] + ["2024-01-01", "2024-02-01"]),
        (date(2026, 11, 18), 0, ["2026-11-01"]),
    ],
    ids=["within a year", "over the new year", "one month", "a year", "none"],
)
def test_the_last_full_months_begin(today, months, expected):
    assert [start.isoformat() for start in month_starts(today, months)] == expected
