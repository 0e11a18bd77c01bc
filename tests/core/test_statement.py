"""What a month's work comes to (R3, R5, R8)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mailbot.core.desk.policy import Money
from mailbot.core.money.statement import Entry, Terms, billed_minutes, hours_price, included_used, statement

HOURLY = Terms(rate=Decimal(2000), increment=15)
MONTHLY = replace(HOURLY, fee=Decimal(15000), included_minutes=300)


def entry(minutes: int, ticket: int = 1, coverage: str = "hourly", day: int = 5) -> Entry:
    return Entry(ticket, f"request {ticket}", coverage, date(2026, 10, day), minutes)


@pytest.mark.parametrize(
    ("entered", "by_entry", "by_ticket"),
    [
        pytest.param([], 0, 0, id="no work is not billed"),
        pytest.param([1], 15, 15, id="a minute is the least that is billed"),
        pytest.param([15, 30], 45, 45, id="whole steps stay"),
        pytest.param([5, 5, 5], 45, 15, id="each entry is rounded up, or all together"),
        pytest.param([20, 20], 60, 45, id="and so it is above a step"),
        pytest.param([40, -40], 0, 0, id="what is taken back is not billed"),
        pytest.param([40, 20, -30], 30, 30, id="it is taken from the newest entries first"),
        pytest.param([20, -5], 15, 15, id="and what is left of one is rounded up"),
        pytest.param([-10, 30], 30, 30, id="of a month that took back what an earlier one had, the work stays"),
    ],
)
def test_billable_time(entered: list[int], by_entry: int, by_ticket: int) -> None:
    entries = [entry(minutes) for minutes in entered]
    assert billed_minutes(entries, HOURLY) == by_entry
    assert billed_minutes(entries, replace(HOURLY, rounds="ticket")) == by_ticket


@pytest.mark.parametrize(
    ("minutes", "rate", "price"),
    [
        (60, "2000", "2000.00"),
        (15, "2000", "500.00"),
        (20, "100", "33.33"),
        (40, "100", "66.67"),
        (3, "10.10", "0.51"),
        (0, "2000", "0.00"),
    ],
)
def test_the_price_of_minutes_is_exact_to_the_cent(minutes: int, rate: str, price: str) -> None:
    assert hours_price(minutes, Decimal(rate)) == Decimal(price)


def test_yen_have_no_decimals() -> None:
    assert str(hours_price(20, Decimal(100), 0)) == "33"
    assert str(hours_price(3, Decimal(1010), 0)) == "51"
    assert Money("JPY", Decimal(9000), Decimal(500), 15, 6, {}).decimals == 0
    assert str(statement([entry(20)], replace(HOURLY, rate=Decimal(100), decimals=0, increment=1)).total) == "33"


def test_hourly_work_costs_what_is_billed() -> None:
    found = statement([entry(50), entry(10, ticket=2, day=3)], HOURLY)
    assert [(line.ticket, line.minutes, line.billed, line.amount) for line in found.lines] == [(2, 10, 15, 500), (1, 50, 60, 2000)]
    assert (found.fee, found.total) == (0, 2500)


def test_warranty_and_courtesy_stand_there_at_nothing_and_project_work_does_not() -> None:
    entries = [entry(30, 1, "warranty"), entry(20, 2, "courtesy"), entry(600, 3, "project"), entry(15, 4)]
    found = statement(entries, HOURLY)
    assert [(line.ticket, line.amount) for line in found.lines] == [(1, 0), (2, 0), (4, 500)]
    assert (found.free_minutes, found.total) == (50, 500)


@pytest.mark.parametrize(
    ("worked", "included", "over", "total"),
    [
        pytest.param([120], 120, 0, 15000, id="within the fee"),
        pytest.param([300], 300, 0, 15000, id="exactly the fee"),
        pytest.param([240, 120], 300, 60, 17000, id="the ticket that goes over it pays for what is over"),
        pytest.param([300, 1], 300, 15, 15500, id="a minute over it is rounded up"),
        pytest.param([], 0, 0, 15000, id="a month without work costs the fee"),
    ],
)
def test_a_monthly_contract(worked: list[int], included: int, over: int, total: int) -> None:
    entries = [entry(minutes, ticket, "monthly", ticket) for ticket, minutes in enumerate(worked, 1)]
    found = statement(entries, MONTHLY)
    assert (found.included, found.over, found.total) == (included, over, total)
    assert included_used(entries, MONTHLY) == included + over


def test_a_fee_without_a_limit_covers_everything() -> None:
    found = statement([entry(6000, 1, "monthly")], replace(MONTHLY, included_minutes=None))
    assert (found.included, found.over, found.total) == (6000, 0, 15000)


def test_a_ticket_whose_work_was_taken_back_is_on_no_statement() -> None:
    assert statement([entry(40), entry(-40)], HOURLY).lines == ()
    found = statement([entry(40, day=3), entry(-40, day=3), entry(60, ticket=2)], HOURLY)
    assert ([line.ticket for line in found.lines], found.total) == ([2], 2000)
