"""Carry out a decision: the ticket, its messages and the journal row, in the caller's transaction."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mailbot.core.desk.coverage import Request, none
from mailbot.core.desk.decide import Decision
from mailbot.core.desk.facts import TicketFacts
from mailbot.core.desk.manners import is_ours
from mailbot.core.desk.parties import party_of
from mailbot.core.desk.policy import Policy
from mailbot.core.mail.message import Mail
from mailbot.edge.db import tickets
from mailbot.edge.db.facts import Sought, load_client, load_tickets
from mailbot.edge.db.journal import Entry, settle
from mailbot.edge.db.tickets import NewMessage, NewTicket

_MESSAGE_KINDS = {
    "ticket": "request",
    "follow-up": "follow-up",
    "repeat": "repeat",
    "operator": "operator",
    "bounce": "bounce",
    "machine": "machine",
}


@dataclass(frozen=True, slots=True)
class Filed:
    """What was written: the decision as it was carried out, and the ticket it stands on, if any."""

    decision: Decision
    ticket: TicketFacts | None


def apply(transaction: Connection, sought: Sought, entry: Entry, mail: Mail, decision: Decision, policy: Policy, now: datetime) -> Filed:
    """Write a decision. Every path ends with the journal row settled."""
    number = decision.ticket
    if decision.opens:
        decision, number = _open(transaction, sought, entry, mail, decision, policy, now)
    if number is not None:
        _file(transaction, sought, entry, mail, decision, number, policy, now)
    for addr in decision.dead_addresses:
        tickets.remember_dead(transaction, addr, now, f"journal {entry.id}")
    settle(
        transaction,
        entry.id,
        message_id=mail.message_id,
        identity=None if decision.outcome == "duplicate" else sought.identity,
        outcome=decision.outcome,
        ticket=number,
        because=list(decision.because),
        decided_at=now,
    )
    found = load_tickets(transaction, sought.sender, sought.client_id, {number}, now) if number is not None else {}
    return Filed(decision, found.get(number) if number is not None else None)


def _open(
    transaction: Connection, sought: Sought, entry: Entry, mail: Mail, decision: Decision, policy: Policy, now: datetime
) -> tuple[Decision, int]:
    coverage = decision.coverage
    number = tickets.open_ticket(
        transaction,
        NewTicket(
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
        ),
    )
    tickets.add_event(transaction, number, now, "opened", sought.sender, decision.because[-1])
    if (
        coverage
        and coverage.kind == "courtesy"
        and sought.client_id is not None
        and not tickets.use_courtesy(transaction, sought.client_id, number, now)
    ):
        # Another mail took it between the look and now: this one is told the terms without it.
        client = load_client(transaction, sought.client_id, now, policy.timezone, policy.money.months)
        told = none(Request(client, decision.urgent, None, now), policy)
        decision = replace(decision, coverage=told, because=(*decision.because, "the courtesy was taken by another request"))
        tickets.set_coverage(transaction, number, "none")
    return decision, number


def _file(
    transaction: Connection,
    sought: Sought,
    entry: Entry,
    mail: Mail,
    decision: Decision,
    number: int,
    policy: Policy,
    now: datetime,
) -> None:
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
            visible=None if mail.visible == mail.text else mail.visible,
            because=decision.because,
            journal_id=entry.id,
            party=party_of(sought.client_id, sought.sender) if decision.words else None,
            words=decision.words,
            attachments=mail.attachments,
        ),
    )
    if decision.outcome in ("ticket", "follow-up", "repeat"):
        tickets.add_participants(transaction, number, _participants(sought.sender, mail, policy))
    if decision.outcome == "repeat":
        tickets.count_repeat(transaction, number)
    if decision.outcome in ("follow-up", "repeat") or decision.returns_to_operators:
        tickets.wake(transaction, number, now, sought.sender)


def _participants(sender: str, mail: Mail, policy: Policy) -> list[str]:
    """Who belongs to the ticket from now on (R2): the sender, and who stood in To and Cc; the desk and its operators belong anyway."""
    everyone = [sender, *(address.key for address in mail.recipients[:50])]
    return [addr for addr in dict.fromkeys(everyone) if "@" in addr and not is_ours(addr, policy) and addr not in policy.operators]
