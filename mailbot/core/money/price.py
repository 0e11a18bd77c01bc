"""The price of support (R5), and amounts as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from babel.numbers import format_currency, get_currency_precision, get_currency_symbol


@dataclass(frozen=True, slots=True)
class Price:
    """A monthly price and the sum that gives it."""

    amount: Decimal
    hours: Decimal
    arithmetic: str


def ceil_to_step(amount: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of `step` that is not below `amount`."""
    return (amount / step).to_integral_value(ROUND_CEILING) * step


def support_price(minutes_by_month: Sequence[int], hourly_rate: Decimal, markup: Decimal, step: Decimal) -> Price | None:
    """`ceil_to_step(hours × hourly_rate × (1 + markup), step)` over the months that exist; None without a month."""
    if not minutes_by_month:
        return None
    minutes, of = Decimal(sum(minutes_by_month)), 60 * len(minutes_by_month)
    hours = minutes / of
    # Divided last: a rounded third of an hour could lift the price by a whole step.
    amount = ceil_to_step(minutes * hourly_rate * (1 + markup) / of, step)
    shown = hours.quantize(Decimal("0.01")).normalize()
    return Price(amount, hours, f"{shown:f} h × {hourly_rate} × {1 + markup} → {amount} (step {step})")


def billable(minutes: int, increment: int) -> int:
    """Worked minutes rounded up to the increment."""
    return -(-minutes // increment) * increment


def money_text(amount: Decimal, currency: str, locale: str, exact: bool = False) -> str:
    """`2 000 ₽`, `€2,000`, `RUB 2,000` with no-break spaces: without decimals when there are none.

    `exact`: with the decimals of the currency, as in a column of amounts: `2 000,00 ₽`.
    """
    whole = amount == amount.to_integral_value()
    decimals = get_currency_precision(currency) if exact and whole else 0 if whole else 2
    digits = "#,##0." + "0" * decimals if decimals else "#,##0"
    # CLDR parts a sign that is letters from its amount; Babel does not.
    spaced = "\N{NO-BREAK SPACE}" if get_currency_symbol(currency, locale)[-1].isalpha() else ""
    pattern = f"{digits}\N{NO-BREAK SPACE}¤" if locale == "ru" else f"¤{spaced}{digits}"
    return format_currency(amount, currency, locale=locale, format=pattern, currency_digits=False)


def month_starts(today: date, months: int) -> list[date]:
    """The first days of the last `months` full months, and of the current one."""
    first = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(first - months, first + 1)]
