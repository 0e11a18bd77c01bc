"""A client's price beside what he pays (R5)."""

from datetime import date
from decimal import Decimal

import pytest

from mailbot.core.money.quote import Month, markup_of, quote_of
from tests.core.build import client, policy

MONEY = policy().money


def test_a_quote_lists_the_full_months_with_what_each_alone_would_cost() -> None:
    quote = quote_of(client(months=(60, 0, 90), contract="monthly", fee=Decimal(7000)), date(2026, 2, 15), MONEY)
    assert quote.months == (
        Month(date(2025, 11, 1), 60, Decimal(3000)),  # 1 h × 2000 × 1.30 = 2600
        Month(date(2025, 12, 1), 0, Decimal(0)),
        Month(date(2026, 1, 1), 90, Decimal(4000)),
    )
    assert quote.price is not None
    assert quote.price.amount == Decimal(2500)  # 50 minutes × 2000 × 1.30 = 2166.67
    assert (quote.client, quote.hourly_rate, quote.markup, quote.step) == ("Rose Shop", Decimal(2000), Decimal("0.30"), Decimal(500))
    assert quote.pays == Decimal(7000)
    premium = quote_of(client(months=(60,), client_class="premium"), date(2026, 2, 15), MONEY)
    assert (premium.markup, premium.months[0].would_cost) == (Decimal("1.00"), Decimal(4000))


def test_a_month_that_ended_yesterday_counts() -> None:
    assert [one.first for one in quote_of(client(months=(1,)), date(2026, 12, 1), MONEY).months] == [date(2026, 11, 1)]
    assert [one.first for one in quote_of(client(months=(1,)), date(2026, 11, 30), MONEY).months] == [date(2026, 10, 1)]


def test_a_client_without_a_past_has_no_price() -> None:
    quote = quote_of(client(), date(2026, 2, 15), MONEY)
    assert (quote.months, quote.price) == ((), None)


@pytest.mark.parametrize("contract", ["hourly", "none"])
def test_only_a_monthly_contract_pays_a_fee(contract: str) -> None:
    assert quote_of(client(contract=contract, fee=Decimal(7000)), date(2026, 2, 15), MONEY).pays is None


def test_a_class_has_its_markup_and_an_unknown_one_the_standard() -> None:
    assert [markup_of(name, MONEY) for name in ("standard", "premium", "gold")] == [Decimal("0.30"), Decimal("1.00"), Decimal("0.30")]
    assert markup_of("gold", policy(money=MONEY.__class__("RUB", Decimal(1), Decimal(1), 15, 3, {})).money) == Decimal(0)
