"""What the desk writes about terms, estimates and prices: the contents of these mails, before a template gives them words."""

from collections.abc import Sequence
from decimal import Decimal

from mailbot.core.desk.coverage import Coverage
from mailbot.core.desk.facts import TicketFacts, WaitingOffer
from mailbot.core.desk.letters import Letter, thread
from mailbot.core.desk.policy import Policy
from mailbot.core.mail.message import Address
from mailbot.core.mail.threading import subject_with_tag
from mailbot.core.money.quote import Quote


def terms_context(coverage: Coverage, policy: Policy) -> dict[str, object]:
    """What the templates of terms read."""
    return {
        "coverage": coverage,
        "increment_minutes": policy.money.increment_minutes,
        "estimate_above_minutes": policy.estimate_above_minutes,
        "warranty_days": policy.warranty_days,
    }


def _to_requester(ticket: TicketFacts, template: str, context: dict[str, object], policy: Policy, references: Sequence[str]) -> Letter:
    """A letter about a ticket that an operator caused."""
    return Letter(
        kind="reply",
        template=template,
        language=ticket.language,
        to=Address(ticket.requester_name, ticket.answer_to),
        sender=policy.originator,
        role="t",
        ticket=ticket.number,
        subject=subject_with_tag(ticket.subject, ticket.number),
        context={"ticket": ticket, **context},
        in_reply_to=references[-1] if references else None,
        references=thread(references[:-1], references[-1]) if references else (),
    )


def coverage_changed(ticket: TicketFacts, coverage: Coverage, policy: Policy, references: Sequence[str]) -> Letter:
    """Tells the client what covers his request, when it is not what he was told before."""
    return _to_requester(ticket, "coverage", terms_context(coverage, policy), policy, references)


def estimate_letter(
    ticket: TicketFacts, minutes: int, amount: Decimal, rate: Decimal, words: str, policy: Policy, references: Sequence[str]
) -> Letter:
    """An estimate of a ticket's work. `minutes`: billable; `words`: the operator's, to go with it."""
    context = {"minutes": minutes, "amount": amount, "rate": rate, "words": words.strip()}
    return _to_requester(ticket, "estimate", context, policy, references)


def proposal_letter(quote: Quote, to: str, language: str, offer_id: int, policy: Policy) -> Letter:
    """The monthly price of a client's support (`quote.price` is there), with its arithmetic."""
    return Letter(
        kind="reply",
        template="proposal",
        language=language,
        to=Address("", to),
        sender=policy.originator,
        role="f",
        ticket=0,
        offer=offer_id,
        subject=policy.name,
        context={"quote": quote},
    )


def reminder(offer: WaitingOffer, policy: Policy) -> Letter:
    """Reminds a client of an offer that he has not answered; it answers the offer's letter."""
    return Letter(
        kind="reminder",
        template="reminder",
        language=offer.language,
        to=Address("", offer.to_addr),
        sender=policy.originator,
        role="f",
        ticket=offer.ticket or 0,
        offer=offer.id,
        subject=policy.name,
        context={"offer": offer, "last": offer.reminders + 1 >= policy.offers.reminders},
        automatic="auto-generated",
        limited=True,
        in_reply_to=offer.first,
        references=(offer.first,) if offer.first else (),
    )
