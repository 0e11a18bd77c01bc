"""What the database knows of a week, as the summary reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from mailbot.core.money.statement import Entry

WEEKS = 12  # that a trend looks back, the week itself among them
OLDEST_SHOWN = 10
LISTED = 20  # of a list that may be long; what is left out is counted


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket that was answered in the week, or whose promise fell due in the week or the one before and was perhaps not kept."""

    opened_at: datetime
    verdict_due_at: datetime | None
    first_response_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class WeekRow:
    """What happened in one week of the trend: tickets opened, repeats, tickets closed."""

    opened: int
    repeats: int
    closed: int


@dataclass(frozen=True, slots=True)
class Activity:
    """A client's week; `client` None: all who are no client's. `given_free`: minutes under warranty or as a courtesy."""

    client: int | None
    requests: int = 0
    repeats: int = 0
    minutes: int = 0
    given_free: int = 0

    @property
    def rank(self) -> tuple[bool, int, int, int, int]:
        """Smaller for who comes first: the most minutes, then the most requests; who is no client comes last."""
        return self.client is None, -self.minutes, -self.requests, -self.repeats, self.client or 0


@dataclass(frozen=True, slots=True)
class Account:
    """A client and its money.

    `entries`: what was worked from the months on that a price averages over to the end of the week, in the order of entering;
    `first_ticket`: the day of its first one.
    """

    name: str
    client_class: str
    contract: str
    fee: Decimal | None
    included_minutes: int | None
    rate: Decimal | None
    first_ticket: date | None
    entries: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A cause that a person named, by week of the trend: tickets closed with it, and minutes worked on tickets that have it."""

    name: str
    closed: Sequence[int]
    minutes: Sequence[int]


@dataclass(frozen=True, slots=True)
class FixedRow:
    """A cause that was fixed on a day, and when the tickets were opened that had it, up to `FIXED_DAYS` before and after."""

    cause: str
    day: date
    opened: Sequence[datetime]


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A ticket that is open at the end of the week."""

    number: int
    subject: str
    client: str | None
    requester: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class OfferRow:
    """Terms, an estimate, a price or an act without an answer. `act`: its number, `period` its month; `reminders`: sent so far."""

    kind: str
    client: str | None
    to: str
    ticket: int | None
    act: int | None
    period: str | None
    sent_at: datetime
    reminders: int


@dataclass(frozen=True, slots=True)
class Rows:
    """What the database knows of a week.

    `outcomes`: how many messages that were journalled in the week ended how; `weeks`: the trend, the oldest first and this week
    last; `days`: tickets opened on each of its days; `backlog`: tickets open at its end; `accounts`: by client, of those in
    `activity` that the summary names; `proposed`: tickets closed in the week whose cause nobody confirmed; `unnamed`: those closed
    without one. Of `oldest`, `offers`, `failed` and `quarantined` the database gives the first `LISTED` (`OLDEST_SHOWN`) alone, of
    offers those sent within the trend; `left_out` counts the others by their table.
    """

    outcomes: Mapping[str, int] = field(default_factory=dict)
    tickets: Sequence[TicketRow] = ()
    weeks: Sequence[WeekRow] = (WeekRow(0, 0, 0),) * WEEKS
    days: Sequence[int] = (0,) * 7
    backlog: int = 0
    activity: Sequence[Activity] = ()
    accounts: Mapping[int, Account] = field(default_factory=dict)
    causes: Sequence[CauseRow] = ()
    proposed: int = 0
    unnamed: int = 0
    fixed: Sequence[FixedRow] = ()
    oldest: Sequence[OpenRow] = ()
    offers: Sequence[OfferRow] = ()
    failed: Sequence[tuple[str, str, str]] = ()
    quarantined: Sequence[tuple[int, str]] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)


def named(activity: Sequence[Activity]) -> list[Activity]:
    """The clients that the summary names, those with the most minutes first."""
    return sorted((one for one in activity if one.client is not None), key=lambda one: one.rank)[:LISTED]
