"""What is offered to clients and waits for their answer: terms told again, estimates, prices; and the reminders of them (R3, R4, R5)."""

from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import Connection

from mailbot.core.desk.coverage import CoverageKind, chosen
from mailbot.core.desk.facts import Client, WaitingOffer
from mailbot.core.desk.manners import is_ours
from mailbot.core.desk.offer_letters import coverage_changed, estimate_letter, proposal_letter, reminder
from mailbot.core.desk.operators import Done
from mailbot.core.money.price import billable
from mailbot.core.money.quote import Quote
from mailbot.core.money.statement import FREE, hours_price
from mailbot.desk import Desk
from mailbot.edge.db import clients, offers, outbox, tickets
from mailbot.edge.db.clients import load_client
from mailbot.edge.db.facts import manners_of
from mailbot.edge.db.offers import NewOffer
from mailbot.edge.db.story import language_of
from mailbot.edge.db.tickets import NewMessage
from mailbot.errors import ConfigError, PermanentError
from mailbot.letters import queue_letter, remember_terms
from mailbot.log import log
from mailbot.repeats import ticket_of

MOST = 50  # reminders at one look


def cover(transaction: Connection, desk: Desk, number: int, kind: str, who: str, now: datetime) -> Done:
    """Say what covers a ticket; what the client was told is told again. Raises PermanentError when it makes no sense."""
    found, policy = ticket_of(transaction, number, now), desk.policy
    wanted = next((one for one in get_args(CoverageKind) if one == kind.strip(" .,;").lower()), None)
    if wanted is None:
        raise PermanentError(f"coverage {kind!r} is none of {', '.join(get_args(CoverageKind))}; nothing was changed")
    client_id, before = tickets.covered(transaction, number)
    if wanted == before:
        raise PermanentError(f"ticket {number} is covered by {before} already; nothing was changed")
    client = load_client(transaction, client_id, now, policy.timezone, policy.money) if client_id is not None else None
    try:
        coverage = chosen(wanted, client, policy, who)
    except ValueError as error:
        raise PermanentError(f"ticket {number}: {error}") from error
    if before == "courtesy" and client_id is not None:
        tickets.return_courtesy(transaction, client_id)
    if wanted == "courtesy" and client_id is not None and not tickets.use_courtesy(transaction, client_id, number, now):
        raise PermanentError(f"ticket {number}: the client had his courtesy already; nothing was changed")
    tickets.set_coverage(transaction, number, wanted)
    tickets.add_event(transaction, number, now, "coverage", who, f"{before} → {wanted}")
    offers.withdraw_of_ticket(transaction, number, now)
    told = outbox.acknowledged(transaction, number) and not manners_of(transaction, found.answer_to, policy.limits, now).dead
    if told:
        letter = coverage_changed(found, coverage, policy, tickets.message_ids(transaction, number))
        _, message_id = queue_letter(transaction, desk, letter, now)
        remember_terms(transaction, desk, letter, coverage, client_id, message_id, now)
    return Done("coverage", number, {"kind": wanted, "before": before, "told": told}, f"/coverage {before}")


def estimate(transaction: Connection, desk: Desk, number: int, minutes: int, words: str, who: str, now: datetime) -> Done:
    """Send an estimate of a ticket's work and wait for the client's agreement; it is an answer of a person.

    Raises PermanentError when there is nobody to send it to.
    """
    found, money = ticket_of(transaction, number, now), desk.policy.money
    if "@" not in found.answer_to:
        raise PermanentError(f"ticket {number}: its requester left no address; nothing was sent")
    client_id, coverage = tickets.covered(transaction, number)
    if coverage in FREE:
        raise PermanentError(f"ticket {number} is covered by {coverage}, which is free; say /coverage hourly first; nothing was sent")
    client = load_client(transaction, client_id, now, desk.policy.timezone, money) if client_id is not None else None
    rate = (client.rate if client else None) or money.hourly_rate
    billed = billable(minutes, money.increment_minutes)
    amount = hours_price(billed, rate, money.decimals)
    letter = estimate_letter(found, billed, amount, rate, words, desk.policy, tickets.message_ids(transaction, number))
    _, message_id = queue_letter(transaction, desk, letter, now)
    text = desk.renderer.render(letter.language, letter.template, letter.context)[1]
    out = NewMessage("out", "reply", message_id, desk.policy.address, desk.policy.name, now, text, because=[f"{who} sent an estimate"])
    tickets.add_message(transaction, number, out)
    tickets.respond(transaction, number, now, who)
    offers.withdraw_of_ticket(transaction, number, now)
    detail = {"minutes": billed, "rate": str(rate), "amount": str(amount)}
    version = desk.renderer.version(letter.language, "estimate")
    new = NewOffer("estimate", client_id, letter.to.addr, letter.language, version, detail, number, message_id=message_id)
    offers.make(transaction, new, now, desk.policy.offers)
    return Done("estimate", number, {"minutes": billed, "amount": amount})


def propose(transaction: Connection, desk: Desk, client: Client, quote: Quote, to: str, now: datetime) -> int:
    """Send a client the monthly price of his support, and wait for his agreement; returns the offer's id.

    Raises PermanentError when there is no price yet, ConfigError when the template fails.
    """
    if quote.price is None or not quote.price.amount:
        raise PermanentError(f"client {client.name}: no month with work lies behind him, so there is no price; nothing was sent")
    if is_ours(to, desk.policy) or to in desk.policy.operators:
        raise PermanentError(f"{to} is an address of the desk itself or of an operator; nothing was sent")
    if manners_of(transaction, to, desk.policy.limits, now).dead:
        raise PermanentError(f"{to} does not deliver; name another address with --to; nothing was sent")
    offers.withdraw_proposals(transaction, client.id, now)
    language = language_of(transaction, client.id) or desk.policy.language
    detail = {"price": str(quote.price.amount), "arithmetic": quote.price.arithmetic}
    new = NewOffer("proposal", client.id, to, language, desk.renderer.version(language, "proposal"), detail)
    offer_id = offers.make(transaction, new, now, desk.policy.offers)
    _, message_id = queue_letter(transaction, desk, proposal_letter(quote, to, language, offer_id, desk.policy), now)
    offers.sent_as(transaction, offer_id, message_id)
    return offer_id


def remind(desk: Desk) -> int:
    """Remind clients of offers that wait for an answer, while the desk is open; returns how many letters were queued."""
    now = desk.clock()
    if not desk.policy.hours.is_open(now):
        return 0
    with desk.database.reading() as transaction:
        waiting = offers.waiting(transaction, now, MOST)
    return sum(_remind(desk, one, now) for one in waiting)


def _remind(desk: Desk, one: WaitingOffer, now: datetime) -> bool:
    policy = desk.policy
    try:
        with desk.database.writing() as transaction:
            if _is_settled_otherwise(transaction, one):
                offers.settle(transaction, one.id, "withdrawn", now)
                return False
            manners = manners_of(transaction, one.to_addr, policy.limits, now)
            if manners.full:
                return False  # the next look is soon
            last = one.reminders + 1 >= policy.offers.reminders or manners.dead
            following = None if last else now + timedelta(days=policy.offers.remind_after_days)
            if not offers.reminding(transaction, one, following) or manners.dead:
                return False
            queue_letter(transaction, desk, reminder(one, policy), now)
    except ConfigError as error:
        log.error("no reminder", offer=one.id, because=str(error))
        with desk.database.writing() as transaction:
            offers.postpone(transaction, one, now + timedelta(days=1))  # nothing was sent: it is tried again when the template is mended
        return False
    log.info("reminded", offer=one.id, kind=one.kind, to=one.to_addr)
    return True


def _is_settled_otherwise(transaction: Connection, one: WaitingOffer) -> bool:
    """Whether nobody waits for the answer any more: the ticket is closed, or the client has a contract, which is what terms offer."""
    if not one.ticket_open:
        return True
    return one.kind == "terms" and one.client_id is not None and clients.contract_of(transaction, one.client_id) != "none"
