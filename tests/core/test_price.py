"""The price of support (R5), and amounts as people read them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.core.money.price import billable, ceil_to_step, money_text, month_starts, support_price

D = Decimal


PRICES = {
    "3 h 15 min a month at 2000 with a half more": (
        [195, 195, 195],
        "2000",
        "0.50",
        "500",
        "10000",
        "3.25 h × 2000 × 1.50 → 10000 (step 500)",
    ),
    "the least markup, 30 %": ([195, 195, 195], "2000", "0.30", "500", "8500", "3.25 h × 2000 × 1.30 → 8500 (step 500)"),
    "the greatest markup, 100 %": ([195, 195, 195], "2000", "1.00", "500", "13000", "3.25 h × 2000 × 2.00 → 13000 (step 500)"),
    "one month counts as the average": ([195], "2000", "0.50", "500", "10000", "3.25 h × 2000 × 1.50 → 10000 (step 500)"),
    "what is a step already stays": ([60], "2000", "0", "500", "2000", "1 h × 2000 × 1 → 2000 (step 500)"),
    "a kopeck over a step is the next one": ([60], "2000", "0.01", "500", "2500", "1 h × 2000 × 1.01 → 2500 (step 500)"),
    "a month without work counts": ([0, 0, 180], "2000", "0.30", "500", "3000", "1 h × 2000 × 1.30 → 3000 (step 500)"),
    "no work costs nothing": ([0, 0, 0], "2000", "0.30", "500", "0", "0 h × 2000 × 1.30 → 0 (step 500)"),
    "a minute costs a step": ([1], "2000", "0.30", "500", "500", "0.02 h × 2000 × 1.30 → 500 (step 500)"),
    "a third of an hour is exact": ([20], "3000", "0", "1", "1000", "0.33 h × 3000 × 1 → 1000 (step 1)"),
    "a seventh is rounded up once": ([1, 0, 0, 0, 0, 0, 0], "1500", "0.5", "0.01", "5.36", "0 h × 1500 × 1.5 → 5.36 (step 0.01)"),
    "a sixtieth lifts the price by no step": ([1], "2000", "0.5", "1", "50", "0.02 h × 2000 × 1.5 → 50 (step 1)"),
    "a step of half": ([90], "33.33", "0.30", "0.50", "65.00", "1.5 h × 33.33 × 1.30 → 65.00 (step 0.50)"),
}


@pytest.mark.parametrize(("months", "rate", "markup", "step", "amount", "arithmetic"), PRICES.values(), ids=PRICES)
def test_the_price_of_support_with_its_arithmetic(months, rate, markup, step, amount, arithmetic):
    price = support_price(months, D(rate), D(markup), D(step))
    assert price is not None
    assert (price.amount, price.arithmetic) == (D(amount), arithmetic)
    assert price.hours == D(sum(months)) / (60 * len(months))


def test_without_a_full_month_there_is_no_price():
    assert support_price([], D(2000), D("0.3"), D(500)) is None


@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=12), st.integers(1, 10_000), st.integers(0, 100), st.integers(1, 1000))
def test_a_price_is_the_smallest_step_that_covers_the_work(months, rate, percent, step):
    price = support_price(months, D(rate), D(percent) / 100, D(step))
    assert price is not None
    assert price.amount % step == 0
    # In whole numbers: minutes × rate × (100 + percent) against amount × 60 × months × 100.
    cost, unit = sum(months) * rate * (100 + percent), 6000 * len(months)
    assert (price.amount - step) * unit < cost <= price.amount * unit


@pytest.mark.parametrize(("amount", "expected"), [("0", "0"), ("0.01", "500"), ("500", "500"), ("500.01", "1000"), ("999", "1000")])
def test_amounts_go_up_to_the_step(amount, expected):
    assert ceil_to_step(D(amount), D(500)) == D(expected)


@pytest.mark.parametrize(("minutes", "expected"), [(0, 0), (1, 15), (15, 15), (16, 30), (60, 60)])
def test_worked_minutes_go_up_to_the_increment(minutes, expected):
    assert billable(minutes, 15) == expected


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "expected"),
    [
        ("2000", "RUB", "ru", "2 000 ₽"),
        ("2000.50", "RUB", "ru", "2 000,50 ₽"),
        ("2000", "EUR", "en", "€2,000"),
        ("2000.50", "EUR", "en", "€2,000.50"),
        ("2000", "RUB", "en", "RUB 2,000"),
        ("0", "USD", "en", "$0"),
        ("1234567", "RUB", "ru", "1 234 567 ₽"),
    ],
)
def test_an_amount_as_people_read_it(amount, currency, locale, expected):
    assert money_text(D(amount), currency, locale).replace("\N{NO-BREAK SPACE}", " ") == expected


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "expected"),
    [
        ("2000", "RUB", "ru", "2 000,00 ₽"),
        ("2000.50", "RUB", "ru", "2 000,50 ₽"),
        ("2000", "EUR", "en", "€2,000.00"),
        ("2000", "JPY", "en", "¥2,000"),
    ],
)
def test_an_amount_in_a_column_has_the_decimals_of_its_currency(amount, currency, locale, expected):
    assert money_text(D(amount), currency, locale, exact=True).replace("\N{NO-BREAK SPACE}", " ") == expected


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
