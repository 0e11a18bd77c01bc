"""What a client's work of a month comes to: each ticket's billable time and price, the fee, what is over it, and what was given free."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from mailbot.core.money.price import billable

FREE = ("warranty", "courtesy")  # the client sees what he was given
APART = "project"  # has a contract of its own: it is no support, and on no statement


@dataclass(frozen=True, slots=True)
class Entry:
    """Minutes that were worked on a ticket on a day; negative ones take back what was entered before them."""

    ticket: int
    subject: str
    coverage: str
    day: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Terms:
    """By what work is billed.

    `included_minutes`: of the fee, a month; `rate`: an hour; `increment`: minutes; `rounds`, `decimals`: see `Money`.
    """

    rate: Decimal
    increment: int
    rounds: Literal["entry", "ticket"] = "entry"
    fee: Decimal | None = None
    included_minutes: int | None = None
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket's work. `minutes` worked, `billed` rounded up, `included`: billed minutes that the fee covers, `amount`: for the others."""

    ticket: int
    subject: str
    coverage: str
    first: date
    last: date
    minutes: int
    billed: int
    included: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """A month's lines in order of their first day. `free_minutes`: worked under warranty or as a courtesy; `total`: fee and lines."""

    lines: tuple[Line, ...]
    fee: Decimal
    included: int
    over: int
    free_minutes: int
    total: Decimal


def hours_price(minutes: int, rate: Decimal, decimals: int = 2) -> Decimal:
    """What so many minutes cost, to the smallest part of the currency (half of it is rounded up)."""
    return to_decimals(minutes * rate / 60, decimals)


def to_decimals(amount: Decimal, decimals: int) -> Decimal:
    """An amount with so many decimals; a half is rounded up."""
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def billed_minutes(entries: Iterable[Entry], terms: Terms) -> int:
    """A ticket's entries, rounded up each or together. What takes back is taken from the entries before it, the newest first."""
    left: list[int] = []
    for entry in entries:
        left.append(entry.minutes)
        while left[-1] < 0 < len(left) - 1:
            back = left.pop()
            left[-1] += back
    worked = [minutes for minutes in left if minutes > 0]
    return billable(sum(worked), terms.increment) if terms.rounds == "ticket" else sum(billable(one, terms.increment) for one in worked)


def by_ticket(entries: Iterable[Entry]) -> list[list[Entry]]:
    """The entries of each ticket, in the order of the tickets' first days; without those that have a contract of their own."""
    tickets: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.coverage != APART:
            tickets.setdefault(entry.ticket, []).append(entry)
    return sorted(tickets.values(), key=lambda of_ticket: (min(one.day for one in of_ticket), of_ticket[0].ticket))


def included_used(entries: Iterable[Entry], terms: Terms) -> int:
    """How many billable minutes of a month's entries count against the included ones."""
    return sum(billed_minutes(of_ticket, terms) for of_ticket in by_ticket(entries) if of_ticket[0].coverage == "monthly")


def statement(entries: Sequence[Entry], terms: Terms) -> Statement:
    """The statement of one client's entries of one month, in the order in which they were entered. `terms.fee`: with a monthly contract."""
    lines: list[Line] = []
    room = terms.included_minutes
    for of_ticket in by_ticket(entries):
        worked, billed = sum(one.minutes for one in of_ticket), billed_minutes(of_ticket, terms)
        if worked <= 0:
            continue
        coverage, included, paid = of_ticket[0].coverage, 0, billed
        if coverage in FREE:
            paid = 0
        elif coverage == "monthly":
            included = billed if room is None else min(billed, room)
            room = None if room is None else room - included
            paid = billed - included
        days = [one.day for one in of_ticket]
        amount = hours_price(paid, terms.rate, terms.decimals)
        lines.append(Line(of_ticket[0].ticket, of_ticket[0].subject, coverage, min(days), max(days), worked, billed, included, amount))
    fee = terms.fee or Decimal(0)
    monthly = [line for line in lines if line.coverage == "monthly"]
    return Statement(
        lines=tuple(lines),
        fee=fee,
        included=sum(line.included for line in lines),
        over=sum(line.billed - line.included for line in monthly),
        free_minutes=sum(line.minutes for line in lines if line.coverage in FREE),
        total=fee + sum((line.amount for line in lines), Decimal(0)),
    )
