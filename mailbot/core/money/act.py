"""An act of completed work (R8): all that stands on it, kept as it stood when it was made."""

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from mailbot.core.desk.facts import Client
from mailbot.core.desk.policy import Legal, Money
from mailbot.core.money.statement import Entry, Line, Terms, statement, to_decimals
from mailbot.core.money.words import in_words
from mailbot.errors import PermanentError


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, the period of an act."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"

    @classmethod
    def parse(cls, text: str) -> "Month":
        """`2026-10`. Raises ValueError for anything else."""
        match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
        if match is None:
            raise ValueError(f"{text!r} is no month")
        first = date(int(match[1]), int(match[2]), 1)
        return cls(first.year, first.month)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.number, monthrange(self.year, self.number)[1])


@dataclass(frozen=True, slots=True)
class Parties:
    """Who makes an act for whom. `client`: the name in the clients file; `studio`, `customer`: their legal details."""

    client: str
    studio: Legal
    customer: Legal
    language: str
    currency: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """The act that another one replaces."""

    number: int
    day: date


@dataclass(frozen=True, slots=True)
class Act:
    """`number`: of the year, 0 for a draft; `day`: when it was made; `period`: a month such as 2026-10.

    Amounts are in units of `currency` (ISO 4217), `rate` an hour, times in minutes; `increment`: what paid time was rounded up to;
    `included_minutes`: of the fee, None when there is no limit.
    """

    number: int
    day: date
    period: str
    parties: Parties
    lines: tuple[Line, ...]
    fee: Decimal
    included_minutes: int | None
    included: int
    rate: Decimal
    increment: int
    free_minutes: int
    total: Decimal
    total_in_words: str
    corrects: Corrected | None = None

    @property
    def month(self) -> Month:
        """The period."""
        return Month.parse(self.period)

    @property
    def name(self) -> str:
        """What its files are called, without ending."""
        if self.number:
            return f"act-{self.day.year}-{self.number}"
        client = re.sub(r"\W+", "-", self.parties.client)[:60].strip("-")
        return f"act-draft-{self.period}-{client}"

    def as_json(self) -> dict[str, Any]:
        """As JSON has it: dates as ISO 8601, amounts as text."""
        return dict(_JSON.dump_python(self, mode="json"))


_JSON = TypeAdapter(Act)


def act_from_json(content: Mapping[str, Any]) -> Act:
    """What `as_json` gave."""
    return _JSON.validate_python(content)


def terms_of(client: Client, money: Money, month: Month) -> Terms:
    """By what a client's work of a month is billed. A contract that begins within the month has its whole fee."""
    monthly = client.contract == "monthly" and (client.since is None or client.since <= month.last)
    return Terms(
        rate=client.rate or money.hourly_rate,
        increment=money.increment_minutes,
        rounds=money.rounds,
        fee=to_decimals(client.fee or Decimal(0), money.decimals) if monthly else None,
        included_minutes=client.included_minutes if monthly else None,
        decimals=money.decimals,
    )


def draft(parties: Parties, entries: Sequence[Entry], terms: Terms, month: Month, day: date, corrects: Act | None = None) -> Act:
    """The act of a month's work that would be made on that day. Raises PermanentError when there is neither work nor fee.

    `corrects`: the act that it replaces; that may come to nothing.
    """
    found = statement(entries, terms)
    if not found.lines and not found.fee and corrects is None:
        raise PermanentError(f"{parties.client}, {month}: no work and no monthly fee; there is nothing to make an act of")
    return Act(
        number=0,
        day=day,
        period=str(month),
        parties=parties,
        lines=found.lines,
        fee=found.fee,
        included_minutes=terms.included_minutes,
        included=found.included,
        rate=terms.rate,
        increment=terms.increment,
        free_minutes=found.free_minutes,
        total=found.total,
        total_in_words=in_words(found.total, parties.currency, parties.language),
    )


def correction(new: Act, old: Act) -> Act:
    """The new act as one that replaces the old one. Raises PermanentError when the two say the same."""
    if replace(new, number=old.number, day=old.day, corrects=old.corrects) == old:
        raise PermanentError(f"{new.parties.client}, {new.period}: nothing has changed since act {old.number} of {old.day}")
    return replace(new, corrects=Corrected(old.number, old.day))


def missing_details(act: Act) -> list[str]:
    """Which legal details an act ought to have and has not, as a person reads it."""
    parties = (("the studio's", act.parties.studio), ("the client's", act.parties.customer))
    wanted = {"address": "address", "tax_id": "tax number", "bank": "bank", "signatory": "signatory"}
    return [f"{whose} {said}" for whose, party in parties for key, said in wanted.items() if not getattr(party, key)]
