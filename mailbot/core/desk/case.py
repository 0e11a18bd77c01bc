"""A message with all that is known when it is decided, and what can be decided about it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from mailbot.core.desk.causes.rules import Proposal
from mailbot.core.desk.coverage import Coverage
from mailbot.core.desk.facts import Facts, OfferFacts, Outcome, Suggestion, TicketFacts
from mailbot.core.desk.manners import Occasion, silent_because
from mailbot.core.desk.policy import Policy
from mailbot.core.mail.authentication import Authentication, authentication
from mailbot.core.mail.language import answer_language
from mailbot.core.mail.message import Mail
from mailbot.core.mail.screen import Verdict
from mailbot.core.mail.threading import Threads


@dataclass(frozen=True, slots=True)
class Consent:
    """What a message says to an offer. `authenticated`: what the mailbox's own server said of its sender, '' when nothing was asked."""

    offer: OfferFacts
    verdict: Literal["agreed", "objected", "unclear"]
    words: str
    authenticated: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with one message, and why.

    `ticket`: the number it joins (None: none, or the one that `opens` makes). `wakes`: that ticket waited for the client or was
    closed, and is open again. `answer`: the automatic answer that goes
    out to `answer_to`. `forward`: whether the operators get it. `relays`: an operator's reply that goes on to the requester.
    `terms`: whether the answer tells the terms of its coverage: who answers an act or a price is not asking for support.
    `suggestions`: tickets that the new one may repeat, the likeliest first; the operators decide.
    `cause`: what it is probably about; the operators correct it.
    `returned`: the offer whose letter came back.
    `consents`: what it says to offers that wait for an answer.
    """

    outcome: Outcome
    because: tuple[str, ...]
    ticket: int | None = None
    opens: bool = False
    wakes: bool = False
    related_to: int | None = None
    urgent: bool = False
    coverage: Coverage | None = None
    terms: bool = True
    verdict_due_at: datetime | None = None
    language: str = "en"
    answer: Literal["acknowledgement", "repeat"] | None = None
    answer_to: str = ""
    forward: bool = False
    relays: bool = False
    words: str | None = None
    dead_addresses: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    cause: Proposal | None = None
    consents: tuple[Consent, ...] = ()
    returned: OfferFacts | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A message with all that is known when it is decided. `words`: see `words_digest`; `answer_to`: see `answer_address`."""

    mail: Mail
    verdict: Verdict
    threads: Threads
    words: str | None
    answer_to: str
    facts: Facts
    policy: Policy
    now: datetime

    @property
    def sender(self) -> str:
        """The originator's address in lower case, '' without one."""
        return self.mail.originator.key if self.mail.originator else ""

    @property
    def language(self) -> str:
        """In which language an answer is written: the client's, else the mail's, else the desk's."""
        client = self.facts.client
        return (client.language if client else None) or answer_language(self.mail.language) or self.policy.language

    @property
    def proof(self) -> Authentication | None:
        """What the mailbox's own server says of the sender; None when no server is trusted."""
        return authentication(self.mail, self.policy.trusted_authserv)

    @property
    def disowned(self) -> str | None:
        """Why it is not the sender's (DMARC), None when nothing says so."""
        proof = self.proof
        return f"it is not proved that {self.sender} wrote it ({proof.said})" if proof and proof.disowned else None

    def closed_for_good(self, ticket: TicketFacts) -> bool:
        """Whether the ticket was closed more than `reopen_days` ago: it stays closed."""
        closed = ticket.closed_at
        return closed is not None and self.now - closed > timedelta(days=self.policy.reopen_days)

    def named(self) -> list[tuple[TicketFacts, str, bool]]:
        """The tickets that the message names, each with how, and whether that joins it (R2), proof before hints.

        What the sender's domain disowns joins nothing: whoever forges an address may have read a mail of ours, too.
        """
        owned = self.disowned is None
        found: list[tuple[TicketFacts, str, bool]] = []
        for key in self.threads.signed:
            if ticket := self.facts.ticket(key.number):
                how = "the signed reply address" if key.via == "address" else "a signed Message-ID of ours"
                found.append((ticket, f"{how} of ticket {key.number}", owned and (key.role == "t" or ticket.sender_belongs)))
        hints = [(number, f"a reference to a message of ticket {number}") for number in self.facts.referenced]
        hints += [(number, f"the subject tag [#{number}]") for number in self.threads.tags]
        return found + [(ticket, how, owned and ticket.sender_belongs) for number, how in hints if (ticket := self.facts.ticket(number))]


Rule = Callable[[Case], Decision | None]


def sleeps(ticket: TicketFacts) -> bool:
    """Whether nobody works on the ticket: it waits for the client, or it is done."""
    return ticket.status in ("waiting", "solved", "closed")


def with_answer(decision: Decision, kind: Literal["acknowledgement", "repeat"], case: Case, ticket: TicketFacts | None) -> Decision:
    """The decision with its automatic answer, or with the reason why there is none."""
    if reason := silence(case, ticket):
        return replace(decision, because=(*decision.because, f"no answer: {reason}"), answer_to=case.answer_to)
    return replace(decision, answer=kind, answer_to=case.answer_to)


def silence(case: Case, ticket: TicketFacts | None) -> str | None:
    """Why the message gets no automatic answer (R10), None when it gets one. `ticket`: where it stands, None when it opens one."""
    return silent_because(Occasion(case.mail, case.verdict, case.facts, case.answer_to, ticket), case.policy)
