"""The price of support (R5), and amounts as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from babel.numbers import format_currency


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
    hours = Decimal(sum(minutes_by_month)) / 60 / len(minutes_by_month)
    amount = ceil_to_step(hours * hourly_rate * (1 + markup), step)
    shown = hours.quantize(Decimal("0.01")).normalize()
    return Price(amount, hours, f"{shown:f} h × {hourly_rate} × {1 + markup} → {amount} (step {step})")


def billable(minutes: int, increment: int) -> int:
    """Worked minutes rounded up to the increment."""
    return -(-minutes // increment) * increment


def money_text(amount: Decimal, currency: str, locale: str) -> str:
    """`2 000 ₽`, `$2,000`: without decimals when there are none."""
    whole = amount == amount.to_integral_value()
    return format_currency(
        amount,
        currency,
        locale=locale,
        format="#,##0 ¤" if whole and locale == "ru" else None,
        currency_digits=not whole,
    )
