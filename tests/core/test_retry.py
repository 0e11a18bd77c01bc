"""What becomes of a mail after an attempt to send it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.core.desk.retry import DELAYS, GIVE_UP, IN_DOUBT, UNREACHABLE_DELAY, Attempt, Settlement, pause_after, settle

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


def settled(ended, *, automatic=False, attempts=1, age=timedelta(0), jitter=0.0, doubted=False) -> Settlement:
    return settle(Attempt(ended, "said"), automatic, attempts, NOW - age, NOW, jitter, doubted)


@pytest.mark.parametrize("automatic", [True, False], ids=["an answer", "a reply"])
def test_a_mail_that_was_accepted_is_sent_and_one_that_was_refused_has_failed(automatic):
    assert settled("accepted", automatic=automatic) == Settlement("sent")
    assert settled("permanent", automatic=automatic) == Settlement("failed", "said")


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 30), (5, 60), (6, 120), (7, 240), (8, 240), (100, 240)])
def test_a_server_that_says_later_is_asked_later_and_later(attempts, minutes):
    assert settled("transient", attempts=attempts) == Settlement("due", "said", NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("attempts", [1, 50])
def test_a_server_that_is_away_is_asked_soon_and_costs_no_patience(attempts):
    assert settled("unreachable", attempts=attempts) == Settlement("due", "said", NOW + UNREACHABLE_DELAY)


@pytest.mark.parametrize("ended", ["transient", "unreachable"])
def test_after_four_days_it_is_given_up(ended):
    assert settled(ended, age=GIVE_UP).state == "due"
    assert settled(ended, age=GIVE_UP + timedelta(seconds=1)) == Settlement("failed", "given up after 4 days: said")


def test_a_mail_that_was_accepted_late_is_sent_all_the_same():
    assert settled("accepted", age=timedelta(days=9)) == Settlement("sent")


@pytest.mark.parametrize(
    ("automatic", "doubted", "expected"),
    [
        (True, False, Settlement("failed", f"{IN_DOUBT}: said")),
        (True, True, Settlement("failed", f"{IN_DOUBT}: said")),
        (False, False, Settlement("due", f"{IN_DOUBT}: said", NOW + timedelta(minutes=1))),
        (False, True, Settlement("failed", f"{IN_DOUBT}: said")),
    ],
    ids=["an answer", "an answer that was in doubt", "a reply goes once more", "a reply that was in doubt"],
)
def test_a_mail_in_doubt(automatic, doubted, expected):
    assert settled("doubt", automatic=automatic, doubted=doubted) == expected


@pytest.mark.parametrize("doubted", [True, False])
def test_a_mail_that_was_being_sent_when_mailbot_was_stopped(doubted):
    assert settled("stopped", automatic=True, doubted=doubted) == Settlement("failed", f"{IN_DOUBT}: said")
    assert settled("stopped", doubted=doubted, attempts=9) == Settlement("due", "said", NOW + timedelta(minutes=1))
    assert settled("stopped", doubted=doubted, age=timedelta(days=4, seconds=1)) == Settlement("failed", "given up after 4 days: said")


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True))
def test_jitter_spreads_over_a_quarter_of_the_delay(attempts, jitter):
    delay = DELAYS[min(attempts, len(DELAYS)) - 1]
    due = settled("transient", attempts=attempts, jitter=jitter).next_attempt_at
    assert due is not None
    assert delay <= due - NOW <= delay * 1.25


def test_a_source_that_fails_is_left_alone_longer_and_longer():
    assert [pause_after(failures).total_seconds() for failures in range(1, 10)] == [5, 10, 20, 40, 80, 160, 300, 300, 300]
