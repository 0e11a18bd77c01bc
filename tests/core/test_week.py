"""Which weekly summary is owed when, and the audit line."""

from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.core.desk.facts import Outcome
from mailbot.core.report.audit import audit_line
from mailbot.core.report.week import Schedule, Week, owed

MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY_AT_NINE = Schedule(0, 9 * 60, MOSCOW, ("boss@studio.example", "ann@studio.example"))
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


@pytest.mark.parametrize(
    ("first", "now", "expected"),
    [
        (W46, "2026-11-16T08:59", []),
        (W46, "2026-11-16T09:00", [W46]),
        (W47, "2026-11-16T09:00", []),
        (W46, "2026-11-30T08:59", [W46, W47]),
        (W46, "2026-11-30T09:00", [W46, W47, W48]),
    ],
    ids=["a minute before", "at its time", "not before the first", "the last has not come yet", "all that were missed"],
)
def test_the_weeks_that_are_due_from_one_on(first, now, expected):
    assert MONDAY_AT_NINE.due(first, moscow(now)) == expected


def test_a_trend_ends_with_its_week():
    assert [str(week) for week in Week(2027, 1).last(3)] == ["2026-W52", "2026-W53", "2027-W01"]
