"""From a letter to a finished mail in the outbox, inside the transaction that caused it."""

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from mailbot.core.desk.case import Case, Decision
from mailbot.core.desk.facts import TicketFacts
from mailbot.core.desk.letters import Letter, answer, forwards
from mailbot.core.mail.compose import Draft, compose
from mailbot.desk import Desk
from mailbot.edge.db import outbox
from mailbot.errors import ConfigError, PermanentError

log = structlog.get_logger()


def write_letters(transaction: Connection, desk: Desk, case: Case, decision: Decision, ticket: TicketFacts, entry_id: int) -> Decision:
    """Queue what the decision causes; a client's answer whose template fails is left out, and the operators learn it from the forward."""
    if decision.answer:
        try:
            queue_letter(transaction, desk, answer(decision, case.mail, ticket, desk.policy, case.now), case.now)
        except ConfigError as error:
            log.error("no answer", ticket=ticket.number, because=str(error))
            decision = replace(decision, answer=None, because=(*decision.because, f"no answer: {error}"))
    for letter in forwards(decision, case.mail, ticket, desk.policy, entry_id):
        queue_for_operators(transaction, desk, letter, case.now)
    return decision


def queue_for_operators(transaction: Connection, desk: Desk, letter: Letter, now: datetime) -> int:
    """Queue a letter to an operator; when the desk's own template fails, with the shipped one: operators must hear of every request."""
    try:
        return queue_letter(transaction, desk, letter, now)[0]
    except ConfigError as error:
        log.error("the shipped template is used instead", because=str(error))
    try:
        return queue_letter(transaction, desk, letter, now, shipped=True)[0]
    except ConfigError as error:  # nothing the operator can mend: only this message must not go on
        raise PermanentError(str(error)) from error


def queue_letter(transaction: Connection, desk: Desk, letter: Letter, now: datetime, shipped: bool = False) -> tuple[int, str]:
    """Render, compose and queue a letter; returns its outbox id and its Message-ID, which is fixed from here on.

    Raises ConfigError when its template fails: a client is never told something that the desk did not write.
    """
    signer = desk.policy.signer
    subject, text, html = desk.renderer.render(letter.language, letter.template, letter.context, shipped)
    named = letter.offer if letter.role == "f" else letter.ticket
    message_id = signer.message_id(letter.role, named, desk.nonce())
    draft = Draft(
        message_id=message_id,
        sender=letter.sender,
        to=letter.to,
        subject=subject or letter.subject,
        date=now.astimezone(desk.policy.timezone),
        text=text,
        html=html,
        reply_to=signer.reply_address(letter.role, named) if named else None,
        in_reply_to=letter.in_reply_to,
        references=letter.references,
        automatic=letter.automatic,
        language=letter.language,
    )
    mail = outbox.Finished(
        kind=letter.kind,
        automatic=letter.limited,
        ticket=letter.ticket or None,
        to_addr=letter.to.addr,
        subject=draft.subject,
        message_id=message_id,
        octets=compose(draft),
        encloses=letter.encloses,
    )
    return outbox.queue(transaction, mail, now), message_id
