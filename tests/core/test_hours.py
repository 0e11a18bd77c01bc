"""Business time: when the desk is open, and when so many minutes of open time have passed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.core.desk.hours import BusinessHours, parse_hours

BERLIN = ZoneInfo("Europe/Berlin")


def hours(text: str, *holidays: date) -> BusinessHours:
    return parse_hours(text, BERLIN, frozenset(holidays))


def at(text: str) -> datetime:
    """A local moment in Berlin; `+` behind it is the second of two."""
    return datetime.fromisoformat(text.rstrip("+")).replace(tzinfo=BERLIN, fold=text.endswith("+"))


WEEK = "Mon-Fri 10:00-19:00"
# 2026-11-18 is a Wednesday. Summer time ends on 2026-10-25 at 03:00 (02:00–03:00 comes twice), begins on 2026-03-29 at 02:00.
ADDED = {
    "within the day": (WEEK, (), "2026-11-18 12:00", 60, "2026-11-18 13:00"),
    "from before the opening": (WEEK, (), "2026-11-18 07:00", 60, "2026-11-18 11:00"),
    "from after the closing": (WEEK, (), "2026-11-18 19:00", 60, "2026-11-19 11:00"),
    "to the very closing": (WEEK, (), "2026-11-18 18:00", 60, "2026-11-18 19:00"),
    "over the night": (WEEK, (), "2026-11-18 18:30", 60, "2026-11-19 10:30"),
    "over the week-end": (WEEK, (), "2026-11-20 18:30", 60, "2026-11-23 10:30"),
    "over a holiday": (WEEK, (date(2026, 11, 19), date(2026, 11, 20)), "2026-11-18 18:30", 60, "2026-11-23 10:30"),
    "on a holiday": (WEEK, (date(2026, 11, 18),), "2026-11-18 12:00", 60, "2026-11-19 11:00"),
    "over several days": (WEEK, (), "2026-11-18 12:00", 3 * 9 * 60, "2026-11-23 12:00"),
    "over a lunch break": ("Mon-Fri 09:00-12:00, Mon-Fri 13:00-17:00", (), "2026-11-18 11:30", 60, "2026-11-18 13:30"),
    "spans in any order": ("Mon-Fri 13:00-17:00, Mon-Fri 09:00-12:00", (), "2026-11-18 11:30", 60, "2026-11-18 13:30"),
    "over spans that touch": ("Mon-Fri 09:00-12:00, Mon-Fri 12:00-17:00", (), "2026-11-18 11:30", 60, "2026-11-18 12:30"),
    "over spans that touch, the later first": ("Mon-Fri 12:00-17:00, Mon-Fri 09:00-12:00", (), "2026-11-18 11:30", 60, "2026-11-18 12:30"),
    "to a minute before the hour": ("Mon-Fri 10:00-10:59", (), "2026-11-18 10:00", 59, "2026-11-18 10:59"),
    "on a Saturday of its own": ("Mon-Fri 10:00-19:00, Sat 11:00-15:00", (), "2026-11-20 18:30", 60, "2026-11-21 11:30"),
    "over midnight when the desk never closes": ("Mon-Sun 0:00-24:00", (), "2026-11-18 23:30", 60, "2026-11-19 00:30"),
    "over the turn of the week": ("Sun-Mon 10:00-12:00", (), "2026-11-22 11:30", 60, "2026-11-23 10:30"),
    "over the turn of the week and no further": ("Sun-Mon 10:00-12:00", (), "2026-11-23 11:30", 60, "2026-11-29 10:30"),
    "nothing, when open": (WEEK, (), "2026-11-18 12:00", 0, "2026-11-18 12:00"),
    "nothing, at the closing": (WEEK, (), "2026-11-18 19:00", 0, "2026-11-19 10:00"),
    "over the hour that summer time removes": ("Mon-Sun 0:00-24:00", (), "2026-03-29 01:30", 60, "2026-03-29 03:30"),
    "over the hour that comes twice": ("Mon-Sun 0:00-24:00", (), "2026-10-25 01:30", 60, "2026-10-25 02:30"),
    "into the hour that comes twice": ("Mon-Sun 0:00-24:00", (), "2026-10-25 01:30", 120, "2026-10-25 02:30+"),
    "out of the hour that comes twice": ("Mon-Sun 0:00-24:00", (), "2026-10-25 02:30+", 60, "2026-10-25 03:30"),
    "a span that summer time removes": ("Sun 2:00-3:00", (), "2026-03-29 00:00", 30, "2026-04-05 02:30"),
    "a span that comes twice is as long as it is": ("Sun 2:00-4:00", (), "2026-10-25 00:00", 180, "2026-10-25 04:00"),
    "a day that winter time lengthens elsewhere": (WEEK, (), "2026-10-23 18:30", 60, "2026-10-26 10:30"),
}


@pytest.mark.parametrize(("text", "holidays", "since", "minutes", "expected"), ADDED.values(), ids=ADDED)
def test_business_time_passes(text, holidays, since, minutes, expected):
    found = hours(text, *holidays).add(at(since), minutes)
    assert found is not None
    assert found.tzinfo is BERLIN
    assert found.astimezone(UTC) == at(expected).astimezone(UTC)


def test_the_answer_does_not_depend_on_the_zone_of_the_question():
    assert hours(WEEK).add(at("2026-11-18 18:30").astimezone(UTC), 60) == at("2026-11-19 10:30")
    assert hours(WEEK).add(at("2026-11-18 18:30").astimezone(ZoneInfo("Asia/Tokyo")), 60) == at("2026-11-19 10:30")


def test_a_desk_in_the_west_is_open_on_the_evening_of_its_own_day():
    new_york = ZoneInfo("America/New_York")  # at 22:00 it is tomorrow in UTC
    evening = datetime(2026, 11, 18, 22, 0, tzinfo=new_york)
    assert parse_hours("Mon-Sun 0:00-24:00", new_york).add(evening, 60) == evening.replace(hour=23)


def test_a_desk_that_is_closed_for_longer_than_a_year_makes_no_promise():
    closed = frozenset(date(2026, 1, 1) + timedelta(days=day) for day in range(800))
    assert parse_hours(WEEK, BERLIN, closed).add(at("2026-11-18 12:00"), 60) is None


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        ("2026-11-18 10:00", True, "2026-11-18 10:00"),
        ("2026-11-18 18:59", True, "2026-11-18 18:59"),
        ("2026-11-18 19:00", False, "2026-11-19 10:00"),
        ("2026-11-18 09:59", False, "2026-11-18 10:00"),
        ("2026-11-21 12:00", False, "2026-11-23 10:00"),
    ],
    ids=["at the opening", "a minute before the closing", "at the closing", "before the opening", "on a Saturday"],
)
def test_the_desk_is_open_from_its_opening_until_its_closing(moment, is_open, opens):
    assert hours(WEEK).is_open(at(moment)) is is_open
    assert hours(WEEK).next_opening(at(moment)) == at(opens)


def test_both_halves_of_a_repeated_hour_are_told_apart():
    early = hours("Sun 0:00-2:15")
    assert early.is_open(at("2026-10-25 02:10"))
    assert not early.is_open(at("2026-10-25 02:10+"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not like 'Mon-Fri 10:00-19:00'"),
        ("10:00-19:00", "is not like"),
        ("Mon-Fri", "is not like"),
        ("Mon-Fri 10-19", "is not like"),
        ("Mon-Fri 10:00-19:00,", "is not like"),
        ("Mon-Fry 10:00-19:00", "'fry' is no day; days are Mon, Tue"),
        ("Mon 25:00-26:00", "'25:00' is no time of day"),
        ("Mon 10:60-11:00", "'10:60' is no time of day"),
        ("Mon 10:00-24:01", "'24:01' is no time of day"),
        ("Mon 19:00-10:00", "closes before it opens"),
        ("Mon 10:00-10:00", "closes before it opens"),
        ("Mon-Fri 10:00-19:00, Fri 18:00-20:00", "overlaps another span of Fri"),
    ],
)
def test_what_is_no_opening_time_is_told_in_words(text, said):
    with pytest.raises(ValueError, match=said):
        hours(text)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001
DESKS = st.sampled_from([WEEK, "Mon-Sun 0:00-24:00", "Sun 1:00-4:00", "Mon-Fri 9:00-12:00, Mon-Thu 13:00-17:30, Sat 23:00-24:00"]).map(
    lambda text: hours(text, date(2026, 12, 25), date(2027, 1, 1))
)


@given(DESKS, MOMENTS, st.integers(0, 5000))
def test_a_promise_never_lands_in_closed_time(desk, moment, minutes):
    due = desk.add(moment, minutes)
    assert due is not None
    assert due >= moment
    assert desk.is_open(due) or desk.is_open(due.astimezone(UTC) - timedelta(seconds=1))


@given(DESKS, MOMENTS, st.integers(1, 3000), st.integers(1, 3000))
def test_more_minutes_and_later_questions_mean_later_promises(desk, moment, minutes, more):
    first, second = desk.add(moment, minutes), desk.add(moment, minutes + more)
    assert first.astimezone(UTC) < second.astimezone(UTC)
    assert desk.add(moment + timedelta(minutes=more), minutes).astimezone(UTC) >= first.astimezone(UTC)


@given(DESKS, MOMENTS, st.integers(1, 3000), st.integers(1, 3000))
def test_minutes_in_two_goes_are_as_long_as_in_one(desk, moment, minutes, more):
    assert desk.add(desk.add(moment, minutes), more).astimezone(UTC) == desk.add(moment, minutes + more).astimezone(UTC)
