"""All that a decision may need to know of the world, fetched in one go before it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from mailbot.core.desk.repeats.learning import UNTAUGHT, Learned

if TYPE_CHECKING:
    from mailbot.core.desk.causes.model import Model
    from mailbot.core.desk.repeats.score import Context

ContractKind = Literal["monthly", "hourly", "none"]
Status = Literal["new", "open", "waiting", "solved", "closed"]
Outcome = Literal["pending", "ticket", "follow-up", "repeat", "duplicate", "machine", "bounce", "operator", "refused", "quarantined"]


@dataclass(frozen=True, slots=True)
class Client:
    """An organisation that the studio works for.

    `minutes_this_month`: billable ones that count against the included; `months`: worked minutes of its last full months, newest last.
    """

    id: int
    name: str
    language: str | None = None
    client_class: str = "standard"
    handed_over: date | None = None
    contract: ContractKind = "none"
    since: date | None = None
    fee: Decimal | None = None
    included_minutes: int | None = None
    rate: Decimal | None = None
    courtesy_used: bool = False
    minutes_this_month: int = 0
    months: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """A ticket as deciding sees it. `sender_belongs`: the sender is its requester, a contact of its client, or stood in To or Cc (R2)."""

    number: int
    status: Status
    subject: str
    requester: str
    requester_name: str
    answer_to: str
    language: str
    opened_at: datetime
    verdict_due_at: datetime | None
    closed_at: datetime | None
    sender_belongs: bool
    automatic_today: int = 0
    attachments: frozenset[str] = frozenset()
    since_same_words: datetime | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier message of the same client that resembles the new one.

    `text`: all of it; `overlap`: the share of the smaller one's words that both have, 0 to 1; `links`: where its links lead, see
    `link_hashes`; `files`: digests of the attachments on its ticket.
    """

    ticket: TicketFacts
    at: datetime
    sender: str
    text: str
    overlap: float
    links: frozenset[int] = frozenset()
    files: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A ticket that a new one may repeat.

    `score`: what the trained score says, `likely`: what is believed of it after the operators' answers, both 0 to 1; `added`, `missing`:
    words that only the new or only the old mail has.
    """

    number: int
    subject: str
    status: Status
    at: datetime
    score: float
    likely: float
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An offer that a message may answer. `ticket`: of terms and estimates; `number`, `year`: of an act."""

    id: int
    kind: Literal["terms", "estimate", "proposal", "act"]
    ticket: int | None
    client_id: int | None
    to_addr: str
    version: str
    state: Literal["open", "agreed", "objected", "withdrawn"]
    number: int | None = None
    year: int | None = None

    @property
    def name(self) -> str:
        """What it is, for people."""
        if self.kind == "act":
            return f"act {self.number} of {self.year}"
        return f"{self.kind} of ticket {self.ticket}" if self.ticket else f"{self.kind} {self.id}"


@dataclass(frozen=True, slots=True)
class WaitingOffer:
    """An open offer whose reminder is due.

    `first`: the Message-ID of its letter; `ticket_open`: its ticket, if it has one, is not closed; `number`, `year`: of an act.
    """

    id: int
    kind: Literal["terms", "estimate", "proposal", "act"]
    client_id: int | None
    ticket: int | None
    to_addr: str
    language: str
    detail: Mapping[str, Any]
    first: str | None
    sent_at: datetime
    reminders: int
    remind_at: datetime
    ticket_open: bool
    number: int | None
    year: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """`named`: tickets by number that the message names or references; `referenced`: those that hold a message it references.

    `earlier`: messages of the client that resemble it, the most alike first; `context`: how common the words of all of the client's are.
    `offers`: those that it answers by a signed address or Message-ID, and the open ones of the tickets that it names.
    `same`, `alike`: mails of the sender's within the last week with the same words and files, and with the same but for numbers.
    `causes`, `urgency`: what was learned of causes, and of what is urgent ("yes", "no"); None when nothing was.
    """

    imported: bool = False
    duplicate_of: int | None = None
    client: Client | None = None
    named: dict[int, TicketFacts] | None = None
    referenced: tuple[int, ...] = ()
    same_words: TicketFacts | None = None
    earlier: tuple[Earlier, ...] = ()
    context: "Context | None" = None
    offers: tuple[OfferFacts, ...] = ()
    learned: Learned = UNTAUGHT
    same: int = 0
    alike: int = 0
    causes: "Model | None" = None
    urgency: "Model | None" = None
    automatic_to_address_last_hour: int = 0
    automatic_last_hour: int = 0
    not_delivering: bool = False

    def ticket(self, number: int) -> TicketFacts | None:
        """The ticket of that number, if the message has to do with it."""
        likewise = {one.ticket.number: one.ticket for one in self.earlier}
        return (self.named or {}).get(number) or likewise.get(number)
