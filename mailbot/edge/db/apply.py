"""Carry out a decision: the ticket, its messages and the journal row, in the caller's transaction."""

from dataclasses import replace

from sqlalchemy import Connection

from mailbot.core.desk.case import Case, Decision
from mailbot.core.desk.coverage import Request, none
from mailbot.core.desk.facts import TicketFacts
from mailbot.core.desk.manners import is_ours
from mailbot.core.desk.parties import party_of
from mailbot.core.desk.policy import Policy
from mailbot.core.desk.words import link_hashes
from mailbot.core.mail.message import Mail
from mailbot.edge.db import journal, offers, repeats, tickets
from mailbot.edge.db.facts import Sought, pack_links
from mailbot.edge.db.journal import Entry
from mailbot.edge.db.repeats import Standing
from mailbot.edge.db.tickets import NO_TRACE, NewMessage, NewTicket, Trace

_MESSAGE_KINDS = {
    "ticket": "request",
    "follow-up": "follow-up",
    "repeat": "repeat",
    "operator": "operator",
    "bounce": "bounce",
    "machine": "machine",
}


def apply(transaction: Connection, case: Case, sought: Sought, entry: Entry, decision: Decision) -> tuple[Decision, TicketFacts | None]:
    """Write ticket and message of a decision; returns it as it was carried out, and the ticket it stands on, if any."""
    ticket = case.facts.ticket(decision.ticket) if decision.ticket is not None else None
    if decision.opens:
        decision, ticket = _open(transaction, case, sought, entry, decision)
    if ticket is not None:
        _file(transaction, case, sought, entry, decision, ticket.number)
        if decision.urgent and not decision.opens:
            tickets.make_urgent(transaction, ticket.number, decision.verdict_due_at)
        if decision.wakes:
            tickets.set_status(transaction, ticket.number, "open", case.now, sought.sender)
            ticket = replace(ticket, status="open")
    for one in decision.consents:
        offers.keep(transaction, one, sought.sender, case.now, entry.id, entry.sha256)
    for addr in decision.dead_addresses:
        tickets.remember_dead(transaction, addr, case.now, f"journal {entry.id}")
    return decision, ticket


def settle(transaction: Connection, entry: Entry, case: Case, sought: Sought, decision: Decision, ticket: TicketFacts | None) -> None:
    """Write into the journal what became of the message. A row is settled when everything is written that it caused by itself."""
    journal.settle(
        transaction,
        entry.id,
        message_id=case.mail.message_id,
        identity=None if decision.outcome == "duplicate" else sought.identities[0],
        outcome=decision.outcome,
        ticket=ticket.number if ticket else None,
        because=list(decision.because),
        decided_at=case.now,
    )


def _open(transaction: Connection, case: Case, sought: Sought, entry: Entry, decision: Decision) -> tuple[Decision, TicketFacts]:
    mail, now, policy = case.mail, case.now, case.policy
    coverage = decision.coverage
    new = NewTicket(
        client_id=sought.client_id,
        requester=sought.sender,
        requester_name=mail.originator.name if mail.originator else "",
        answer_to=sought.answer_to,
        language=decision.language,
        subject=mail.subject,
        coverage=coverage.kind if coverage else "none",
        urgent=decision.urgent,
        related_to=decision.related_to,
        opened_at=min(entry.received_at, now),
        verdict_due_at=decision.verdict_due_at,
        possible_repeat_of=decision.suggestions[0].number if decision.suggestions else None,
        cause=decision.cause.cause if decision.cause else None,
    )
    number = tickets.open_ticket(transaction, new)
    repeats.suggest(transaction, number, decision.suggestions, policy.timezone)
    tickets.add_event(transaction, number, now, "opened", sought.sender, decision.because[-1])
    if (
        coverage
        and coverage.kind == "courtesy"
        and sought.client_id is not None
        and not tickets.use_courtesy(transaction, sought.client_id, number, now)
    ):
        # Another mail took it between the look and now: this one is told the terms without it.
        told = none(Request(case.facts.client, mail, decision.urgent, now), policy)
        decision = replace(decision, coverage=told, because=(*decision.because, "the courtesy was taken by another request"))
        tickets.set_coverage(transaction, number, "none")
    ticket = TicketFacts(
        number=number,
        status="new",
        subject=new.subject,
        requester=new.requester,
        requester_name=new.requester_name,
        answer_to=new.answer_to,
        language=new.language,
        opened_at=new.opened_at,
        verdict_due_at=new.verdict_due_at,
        closed_at=None,
        sender_belongs=True,
    )
    return decision, ticket


def part(
    transaction: Connection, case: Case, sought: Sought, entry: Entry, decision: Decision, standing: Standing
) -> tuple[Decision, TicketFacts]:
    """Open the ticket of a decision for a message that stands on another one, and move it there."""
    decision, ticket = _open(transaction, case, sought, entry, decision)
    repeats.move(transaction, standing, ticket.number, decision.because, _trace(case, sought, decision))
    tickets.add_participants(transaction, ticket.number, _participants(sought.sender, case.mail, case.policy))
    return decision, ticket


def _file(transaction: Connection, case: Case, sought: Sought, entry: Entry, decision: Decision, number: int) -> None:
    mail, now = case.mail, case.now
    tickets.add_message(
        transaction,
        number,
        NewMessage(
            direction="in",
            kind=_MESSAGE_KINDS[decision.outcome],
            message_id=mail.message_id,
            from_addr=sought.sender,
            from_name=mail.originator.name if mail.originator else "",
            at=min(entry.received_at, now),
            text=mail.text,
            visible=None if decision.opens or mail.visible == mail.text else mail.visible,  # the first mail of a ticket is kept whole
            because=decision.because,
            journal_id=entry.id,
            trace=_trace(case, sought, decision),
            attachments=mail.attachments,
        ),
    )
    if decision.outcome in ("ticket", "follow-up", "repeat"):
        tickets.add_participants(transaction, number, _participants(sought.sender, mail, case.policy))
    if decision.outcome == "repeat":
        tickets.count_repeat(transaction, number)


def _trace(case: Case, sought: Sought, decision: Decision) -> Trace:
    if decision.words is None:
        return NO_TRACE
    return Trace(party_of(sought.client_id, sought.sender), decision.words, sought.sketch, pack_links(link_hashes(case.mail)))


def _participants(sender: str, mail: Mail, policy: Policy) -> list[str]:
    """Who belongs to the ticket from now on (R2): the sender, and who stood in To and Cc; the desk and its operators belong anyway."""
    everyone = [sender, *(address.key for address in mail.recipients[:50])]
    return [addr for addr in dict.fromkeys(everyone) if "@" in addr and not is_ours(addr, policy) and addr not in policy.operators]
