"""Promised first answers (R6): which are about to be broken, which are, and what operators are told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mailbot.core.desk.promises import Promise, letter, state_of
from mailbot.core.mail.message import Address
from tests.core.build import ANNA, BOSS, DESK, NOW, SIGNER, policy

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EVENING = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)  # 18:30 in Moscow; the desk closes at 19:00
MORNING = datetime(2026, 11, 19, 7, 30, tzinfo=UTC)  # 10:30, an hour of business later
DAY_BEFORE = EVENING - timedelta(days=1)
STATES = {
    "it has just fallen due": (NOW - 8 * HOUR, NOW, NOW, "broken"),
    "it is long due": (NOW - 8 * HOUR, NOW - HOUR, NOW, "broken"),
    "it is due in an hour": (NOW - 8 * HOUR, NOW + HOUR, NOW, "soon"),
    "it is due in more than an hour": (NOW - 8 * HOUR, NOW + HOUR + MINUTE, NOW, None),
    "an urgent one has just come": (NOW - 10 * MINUTE, NOW + 50 * MINUTE, NOW, None),
    "an urgent one is nearly half over": (NOW - 29 * MINUTE, NOW + 31 * MINUTE, NOW, None),
    "an urgent one is half over": (NOW - 30 * MINUTE, NOW + 30 * MINUTE, NOW, "soon"),
    "an hour of business goes over the night": (DAY_BEFORE, MORNING, EVENING, "soon"),
    "more than an hour of business is left over the night": (DAY_BEFORE, MORNING + MINUTE, EVENING, None),
    "the desk is closed": (DAY_BEFORE, MORNING - 29 * MINUTE, EVENING + HOUR, None),
    "it fell due while the desk is closed": (EVENING - 8 * HOUR, EVENING, EVENING + HOUR, "broken"),
}


def promise(opened_at: datetime = NOW, due_at: datetime = NOW, ticket: int = 12) -> Promise:
    return Promise(ticket, "Price list", "Rose Shop", ANNA, False, opened_at, due_at)


@pytest.mark.parametrize(("opened_at", "due_at", "now", "state"), STATES.values(), ids=STATES)
def test_the_state_of_a_promise(opened_at: datetime, due_at: datetime, now: datetime, state: str | None) -> None:
    assert state_of(promise(opened_at, due_at), policy(), now) == state


@pytest.mark.parametrize(("what", "kind"), [("soon", "reminder"), ("broken", "notice")])
def test_one_promise_is_told_in_the_thread_of_its_ticket(what: Any, kind: str) -> None:
    made = letter(BOSS, what, [promise()], policy())
    assert (made.kind, made.template, made.language, made.role, made.ticket) == (kind, "promises", "ru", "o", 0)
    assert (made.to, made.sender, made.subject) == (Address("", BOSS), Address("Web Studio", DESK), "Web Studio")
    assert made.context == {"what": what, "promises": [promise()]}
    assert (made.automatic, made.limited) == ("auto-generated", False)
    assert made.references == (SIGNER.message_id("o", 12, "thread"),)


def test_several_promises_have_a_thread_of_their_own() -> None:
    assert letter(BOSS, "soon", [promise(), promise(ticket=13)], policy()).references == ()
