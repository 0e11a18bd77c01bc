"""A client's price of support beside what he pays, month by month (R5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mailbot.core.desk.facts import Client
from mailbot.core.desk.policy import Money
from mailbot.core.money.price import Price, support_price


@dataclass(frozen=True, slots=True)
class Month:
    """A past month: the minutes worked in it, and the price that it alone would have given."""

    first: date
    minutes: int
    would_cost: Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """`price`: None without a month behind the client; `pays`: his monthly fee, None when he has no monthly contract."""

    client: str
    months: tuple[Month, ...]
    price: Price | None
    hourly_rate: Decimal
    markup: Decimal
    step: Decimal
    pays: Decimal | None


def markup_of(client_class: str, money: Money) -> Decimal:
    """The markup of a class of clients; the standard one for a class that the configuration no longer has."""
    return money.markup.get(client_class, money.markup.get("standard", Decimal(0)))


def quote_of(client: Client, today: date, money: Money) -> Quote:
    """What the support of a client costs, by the months that he has behind him."""
    rate, markup = money.hourly_rate, markup_of(client.client_class, money)
    price = support_price(client.months, rate, markup, money.step)
    months = tuple(Month(first, minutes, _alone(minutes, rate, markup, money.step)) for first, minutes in _dated(client.months, today))
    pays = client.fee if client.contract == "monthly" else None
    return Quote(client.name, months, price, rate, markup, money.step, pays)


def _alone(minutes: int, rate: Decimal, markup: Decimal, step: Decimal) -> Decimal:
    price = support_price([minutes], rate, markup, step)
    return price.amount if price else Decimal(0)


def _dated(minutes: Sequence[int], today: date) -> list[tuple[date, int]]:
    """The last full months before today, oldest first, each with its minutes."""
    this = today.year * 12 + today.month - 1
    firsts = [date(month // 12, month % 12 + 1, 1) for month in range(this - len(minutes), this)]
    return list(zip(firsts, minutes, strict=True))
