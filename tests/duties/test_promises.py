"""Promised first answers (R6): reminded of before they are broken, told when they are, each once."""

from datetime import UTC, datetime

import pytest

from mailbot.app import App
from mailbot.operate import answer, call_urgent, close
from mailbot.promises import look_after
from tests.conftest import Studio
from tests.duties.mails import mail

BOSS = "boss@studio.example"


@pytest.fixture
def app(any_studio: Studio) -> App:
    """The open desk of the test, on a Wednesday at noon; a request's answer is promised for Thursday at 11:00."""
    any_studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    return any_studio.open()


def at(any_studio: Studio, app: App, *moment: int) -> int:
    any_studio.clock.now = datetime(2026, 11, *moment, tzinfo=UTC)
    return look_after(app.desk)


def test_a_promise_is_reminded_of_within_the_last_hour_and_told_when_it_is_broken_each_once(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    assert any_studio.tickets(app)[0]["verdict_due_at"] == datetime(2026, 11, 19, 11, 0, tzinfo=UTC)
    assert at(any_studio, app, 18, 18, 59) == 0
    assert at(any_studio, app, 19, 9, 59) == 0  # the desk is closed
    assert at(any_studio, app, 19, 10, 0) == 1
    assert at(any_studio, app, 19, 10, 30) == 0
    assert at(any_studio, app, 19, 11, 0) == 1
    assert at(any_studio, app, 19, 12, 0) == 0
    reminder, notice = any_studio.outbox(app, "reminder"), any_studio.outbox(app, "notice")
    assert [one["to"] for one in reminder] == [BOSS]
    assert reminder[0]["subject"] == "[#1] An answer is due on Thursday, 19 November, at 11:00"
    assert notice[0]["subject"] == "[#1] The promised answer is overdue"
    forward = any_studio.letter(app, any_studio.outbox(app, "forward")[0])
    assert any_studio.letter(app, reminder[0])["References"] == forward["References"]  # it stands in the ticket's thread


@pytest.mark.parametrize("kept", ["answered", "closed"])
def test_a_promise_that_was_kept_is_not_spoken_of(any_studio: Studio, app: App, kept: str) -> None:
    any_studio.take_in(app, mail(1))
    with app.desk.database.writing() as transaction:
        if kept == "answered":
            answer(transaction, app.desk, 1, "We look at it.", BOSS, any_studio.clock())
        else:
            close(transaction, app.desk, 1, None, BOSS, any_studio.clock())
    assert at(any_studio, app, 19, 10, 30) == at(any_studio, app, 20, 12, 0) == 0


def test_after_a_downtime_many_broken_promises_are_one_mail(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, *(mail(number) for number in range(1, 8)))
    assert at(any_studio, app, 23, 12, 0) == 7
    (notice,) = any_studio.outbox(app, "notice")
    assert notice["subject"] == "7 tickets: promised answers are overdue"
    body = any_studio.letter(app, notice).get_body(("plain",))
    assert body is not None
    assert body.get_content().count("• ticket ") == 7


def test_a_promise_that_moves_is_a_new_one(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    with app.desk.database.writing() as transaction:
        call_urgent(transaction, app.desk, 1, True, BOSS, any_studio.clock())
    assert at(any_studio, app, 18, 13, 1) == 1
    with app.desk.database.writing() as transaction:
        call_urgent(transaction, app.desk, 1, False, BOSS, any_studio.clock())
    assert at(any_studio, app, 19, 10, 15) == 1
    assert at(any_studio, app, 19, 11, 0) == 1


def test_an_urgent_request_that_was_just_forwarded_is_not_reminded_of_at_once(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1, Importance="high"))  # promised within the hour
    assert at(any_studio, app, 18, 12, 1) == 0
    assert at(any_studio, app, 18, 12, 31) == 1


def test_two_daemons_tell_it_once(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    other = any_studio.open()
    any_studio.clock.now = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
    assert look_after(app.desk) + look_after(other.desk) == 1
    assert len(any_studio.outbox(app, "notice")) == 1
