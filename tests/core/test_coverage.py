"""What covers a ticket (R3): each row of the table, and that the first match wins."""

import re
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mailbot.core.desk.coverage import Coverage, Request, chosen, coverage_of
from tests.core.build import NOW, client, mail, policy

TODAY = date(2026, 11, 18)


def covered(of, urgent: bool = False, fault: str | None = None, now: datetime = NOW) -> Coverage:
    message = mail(subject="Price list", text=f"There is a {fault}." if fault and " " not in fault else fault or "Please add a page.")
    return coverage_of(Request(of, message, urgent, now), policy())


LARGE = "We would like to have an online shop on our site."
FRESH = {"handed_over": date(2026, 11, 1)}
TABLE = {
    "a fault soon after hand-over is warranty": ("warranty", client(**FRESH), False, "typo"),
    "a wish soon after hand-over is not": ("none", client(**FRESH), False, None),
    "a fault long after hand-over is not": ("none", client(handed_over=date(2026, 10, 18)), False, "typo"),
    "a fault before hand-over is not": ("none", client(handed_over=date(2026, 11, 19)), False, "typo"),
    "the day of hand-over is warranty": ("warranty", client(handed_over=TODAY), False, "typo"),
    "the thirtieth day after hand-over is warranty": ("warranty", client(handed_over=date(2026, 10, 19)), False, "typo"),
    "a monthly contract": ("monthly", client(contract="monthly"), False, None),
    "a monthly contract since today": ("monthly", client(contract="monthly", since=TODAY), False, None),
    "a monthly contract from tomorrow does not hold": ("none", client(contract="monthly", since=date(2026, 11, 19)), False, None),
    "an hourly contract": ("hourly", client(contract="hourly"), False, None),
    "an hourly contract from tomorrow does not hold": ("none", client(contract="hourly", since=date(2026, 11, 19)), False, None),
    "urgent, without a contract, the courtesy unused": ("courtesy", client(courtesy_used=False), True, None),
    "urgent, without a contract, the courtesy used": ("none", client(courtesy_used=True), True, None),
    "not urgent, the courtesy unused": ("none", client(courtesy_used=False), False, None),
    "no contract": ("none", client(), False, None),
    "nobody whom we know": ("none", None, False, None),
    "nobody whom we know, urgent and with a fault": ("none", None, True, "error"),
    "a large change, whatever the contract": ("project", client(contract="monthly"), False, LARGE),
    "a large change soon after hand-over": ("project", client(**FRESH), False, LARGE),
    "a large change of nobody whom we know": ("project", None, False, LARGE),
    "a large change spares the courtesy, however urgent": ("project", client(courtesy_used=False), True, LARGE),
    "warranty comes before a monthly contract": ("warranty", client(contract="monthly", **FRESH), False, "error"),
    "warranty comes before an hourly contract": ("warranty", client(contract="hourly", **FRESH), False, "error"),
    "warranty spares the courtesy": ("warranty", client(courtesy_used=False, **FRESH), True, "error"),
    "a monthly contract spares the courtesy": ("monthly", client(contract="monthly", courtesy_used=False), True, None),
    "an hourly contract spares the courtesy": ("hourly", client(contract="hourly", courtesy_used=False), True, None),
    "a contract that does not hold yet leaves the courtesy": (
        "courtesy",
        client(contract="monthly", since=date(2026, 12, 1), courtesy_used=False),
        True,
        None,
    ),
}


@pytest.mark.parametrize(("kind", "of", "urgent", "fault"), TABLE.values(), ids=TABLE)
def test_what_covers_a_request(kind, of, urgent, fault):
    coverage = covered(of, urgent, fault)
    assert coverage.kind == kind
    assert coverage.because


def stated(coverage: Coverage) -> dict:
    """The figures that the answer states."""
    return {
        one.name: value
        for one in fields(coverage)
        if one.name not in ("kind", "because") and (value := getattr(coverage, one.name)) is not None
    }


def test_warranty_states_until_when():
    coverage = covered(client(**FRESH), fault="typo")
    assert stated(coverage) == {"warranty_until": date(2026, 12, 1)}
    assert coverage.because == "“typo” within 30 days after 2026-11-01"


def test_a_fault_may_stand_in_the_subject():
    request = Request(client(**FRESH), mail(subject="A typo", text="On the page of contacts."), False, NOW)
    assert coverage_of(request, policy()).kind == "warranty"


@pytest.mark.parametrize("contract", ["monthly", "hourly"])
def test_a_contract_begins_with_the_day_of_the_desks_time_zone(contract):
    tomorrow = client(contract=contract, since=date(2026, 11, 19))  # it begins at 21:00 UTC in Moscow
    assert covered(tomorrow, now=datetime(2026, 11, 18, 20, 59, tzinfo=UTC)).kind == "none"
    assert covered(tomorrow, now=datetime(2026, 11, 18, 21, 0, tzinfo=UTC)).kind == contract


def test_warranty_counts_days_of_the_desks_time_zone():
    last = client(handed_over=date(2026, 10, 19))  # until 18 November, which ends at 21:00 UTC in Moscow
    assert covered(last, fault="typo", now=datetime(2026, 11, 18, 20, 59, tzinfo=UTC)).kind == "warranty"
    assert covered(last, fault="typo", now=datetime(2026, 11, 18, 21, 0, tzinfo=UTC)).kind == "none"


@pytest.mark.parametrize(("worked", "left"), [(0, 300), (299, 1), (300, 0), (500, 0)])
def test_a_monthly_contract_states_the_minutes_that_are_left(worked, left):
    of = client(contract="monthly", fee=Decimal(15000), included_minutes=300, minutes_this_month=worked)
    assert stated(covered(of)) == {"fee": Decimal(15000), "minutes_included": 300, "minutes_left": left, "rate": Decimal(2000)}


def test_a_monthly_contract_without_a_bound_states_no_minutes():
    assert stated(covered(client(contract="monthly", rate=Decimal(1800)))) == {"rate": Decimal(1800)}


@pytest.mark.parametrize(("own", "rate"), [(None, 2000), (Decimal(1800), 1800)], ids=["the desk's", "the client's own"])
def test_an_hourly_contract_states_the_rate(own, rate):
    assert stated(covered(client(contract="hourly", rate=own))) == {"rate": Decimal(rate)}


@pytest.mark.parametrize("urgent", [True, False], ids=["courtesy", "none"])
def test_without_a_contract_the_rate_and_the_price_of_support_are_stated(urgent):
    of = client(courtesy_used=False, client_class="premium", months=(195, 195, 195))
    assert stated(covered(of, urgent)) == {
        "rate": Decimal(2000),
        "price": Decimal(13000),
        "price_arithmetic": "3.25 h × 2000 × 2.00 → 13000 (step 500)",
    }


def test_a_class_without_a_markup_of_its_own_is_priced_as_standard():
    assert covered(client(client_class="gold", months=(60,))).price == Decimal(3000)  # 1 h × 2000 × 1.30 = 2600


@pytest.mark.parametrize("of", [None, client(), client(months=(0, 0, 0))], ids=["unknown", "new", "without work"])
def test_without_worked_hours_no_price_is_named(of):
    assert stated(covered(of)) == {"rate": Decimal(2000)}


CHOSEN = {
    "monthly": (
        "monthly",
        client(contract="monthly", fee=Decimal(15000), rate=Decimal(1800)),
        {"fee": Decimal(15000), "rate": Decimal(1800)},
    ),
    "hourly, at the client's rate": ("hourly", client(rate=Decimal(1800)), {"rate": Decimal(1800)}),
    "hourly, for nobody whom we know": ("hourly", None, {"rate": Decimal(2000)}),
    "hourly, whatever the price of support": ("hourly", client(months=(60,)), {"rate": Decimal(2000)}),
    "monthly, at the desk's rate": ("monthly", client(contract="monthly"), {"rate": Decimal(2000)}),
    "warranty": ("warranty", client(**FRESH), {"warranty_until": date(2026, 12, 1)}),
    "warranty of a site whose hand-over is not known": ("warranty", client(), {}),
    "warranty for nobody whom we know": ("warranty", None, {}),
    "courtesy": ("courtesy", client(courtesy_used=True), {"rate": Decimal(2000)}),
    "none": ("none", client(rate=Decimal(1800)), {"rate": Decimal(1800)}),
    "none, for nobody whom we know": ("none", None, {"rate": Decimal(2000)}),
    "project": ("project", client(), {}),
}


@pytest.mark.parametrize(("kind", "of", "figures"), CHOSEN.values(), ids=CHOSEN)
def test_an_operator_chooses_coverage_with_its_figures(kind, of, figures):
    coverage = chosen(kind, of, policy(), "boss@studio.example")
    assert (coverage.kind, coverage.because) == (kind, "boss@studio.example said so")
    assert stated(coverage) == figures


@pytest.mark.parametrize(
    ("kind", "of", "why"),
    [
        ("monthly", client(contract="hourly"), "Rose Shop has no monthly contract; give it one in the clients file first"),
        ("monthly", None, "the requester has no monthly contract; give it one in the clients file first"),
        ("courtesy", None, "a courtesy is a client's, and the requester is none; `mailbot client add` makes him one"),
    ],
)
def test_coverage_that_makes_no_sense_is_refused(kind, of, why):
    with pytest.raises(ValueError, match="^" + re.escape(why) + "$"):
        chosen(kind, of, policy(), "boss@studio.example")


REASONS = {
    "a large change": (client(), False, LARGE, "“would like to have an online shop” asks for a large change"),
    "a monthly contract": (client(contract="monthly"), False, None, "Rose Shop has a monthly contract"),
    "an hourly contract": (client(contract="hourly"), False, None, "Rose Shop has an hourly contract"),
    "the courtesy": (client(courtesy_used=False), True, None, "urgent, and the courtesy of Rose Shop is unused"),
    "no contract": (client(), False, None, "Rose Shop has no contract"),
    "nobody whom we know": (None, False, None, "the sender is no known client"),
}


@pytest.mark.parametrize(("of", "urgent", "fault", "why"), REASONS.values(), ids=REASONS)
def test_coverage_says_why(of, urgent, fault, why):
    assert covered(of, urgent, fault).because == why
