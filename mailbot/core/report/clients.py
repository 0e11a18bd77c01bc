"""Each client's week: what was asked and worked, billed and given free, and the price of support against what the client pays."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from mailbot.core.desk.policy import Money
from mailbot.core.money.price import Price, month_starts, support_price
from mailbot.core.money.quote import markup_of
from mailbot.core.money.statement import APART, Entry, Terms, statement
from mailbot.core.report.rows import Account, Activity, named
from mailbot.core.report.week import Week


@dataclass(frozen=True, slots=True)
class ClientLine:
    """A client's week; `name` None: all who are no client's.

    `given_free`: minutes under warranty or as a courtesy; `billed`: see `billed`; `price`: what the last full months say support
    should cost a month, where that is more than `fee` or there is no fee; `contract`: monthly, hourly or none.
    """

    name: str | None
    requests: int
    repeats: int
    minutes: int
    given_free: int
    billed: Decimal = Decimal(0)
    price: Decimal | None = None
    fee: Decimal | None = None
    contract: str = "none"


@dataclass(frozen=True, slots=True)
class More:
    """The clients that are not named one by one, together."""

    clients: int
    requests: int
    repeats: int
    minutes: int


def client_lines(
    activity: Sequence[Activity], accounts: Mapping[int, Account], week: Week, until: date, money: Money
) -> tuple[list[ClientLine], More | None]:
    """(the clients that are named and, last, who is no client; the others together). `until`: the last day that is counted."""
    shown = named(activity)
    known = {one.client for one in shown}
    rest = [one for one in activity if one.client is not None and one.client not in known]
    strangers = [ClientLine(None, one.requests, one.repeats, one.minutes, one.given_free) for one in activity if one.client is None]
    lines = [_line(one, accounts[one.client], week, until, money) for one in shown if one.client is not None]
    more = More(len(rest), *(sum(getattr(one, name) for one in rest) for name in ("requests", "repeats", "minutes")))
    return [*lines, *strangers], more if rest else None


def _line(one: Activity, account: Account, week: Week, until: date, money: Money) -> ClientLine:
    price, fee = price_of(account, until, money), account.fee if account.contract == "monthly" else None
    tells = price is not None and (fee is None or price.amount > fee)
    return ClientLine(
        account.name,
        one.requests,
        one.repeats,
        one.minutes,
        one.given_free,
        billed(account, week, until, money),
        price.amount if price and tells else None,
        fee,
        account.contract,
    )


def terms_of(contract: str, rate: Decimal | None, included_minutes: int | None, money: Money) -> Terms:
    """By what a client's work is billed, without the fee. Only a monthly contract includes minutes."""
    included = included_minutes if contract == "monthly" else None
    return Terms(rate or money.hourly_rate, money.increment_minutes, money.rounds, included_minutes=included, decimals=money.decimals)


def billed(account: Account, week: Week, until: date, money: Money) -> Decimal:
    """By how much the client's bill grew in the week, without a monthly fee.

    A bill is a month's: work by the hour at its rate, rounded as configured, and of a monthly contract what is over the included
    minutes. So this is the month's statement as it stands at the end of the week less what it was before Monday, for each month
    that the week has days of; the weeks of a month add up to its statement. Time that is taken back can make it negative.
    """
    terms = terms_of(account.contract, account.rate, account.included_minutes, money)

    def total(first: date, end: date) -> Decimal:
        return statement([one for one in account.entries if first <= one.day < end], terms).total

    return sum(
        (total(first, end) - total(first, max(first, week.monday)) for first, end in months_of(week, until)),
        Decimal(0),
    )


def months_of(week: Week, until: date) -> list[tuple[date, date]]:
    """The months that a week has days of up to `until`: (first day of the month, the day after the last counted one)."""
    starts = dict.fromkeys(day.replace(day=1) for day in (week.monday, until))
    ends = [*list(starts)[1:], until + timedelta(days=1)]
    return list(zip(starts, ends, strict=True))


def price_of(account: Account, until: date, money: Money) -> Price | None:
    """The price of support (R5) by the last full months before `until`; None while nothing was worked in them."""
    starts = month_starts(until, money.months)
    worked = [one for one in account.entries if one.coverage != APART]
    first_day = min([until, *(one.day for one in worked), *([account.first_ticket] if account.first_ticket else [])])
    minutes = [_minutes(worked, start, end) for start, end in itertools.pairwise(starts) if end > first_day]
    return support_price(minutes, money.hourly_rate, markup_of(account.client_class, money), money.step) if any(minutes) else None


def _minutes(entries: Sequence[Entry], start: date, end: date) -> int:
    return sum(one.minutes for one in entries if start <= one.day < end)
