"""From a letter to a finished mail in the outbox, inside the transaction that caused it."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailbot.core.desk.case import Case, Decision
from mailbot.core.desk.coverage import OFFERED, Coverage
from mailbot.core.desk.facts import TicketFacts
from mailbot.core.desk.letters import Letter, answer, answered, forwards, returned
from mailbot.core.desk.policy import Offers
from mailbot.core.mail.compose import Draft, boundary_of, compose, enclose, file_part
from mailbot.core.mail.threading import Signer
from mailbot.desk import Desk
from mailbot.edge.db import offers, outbox, tickets
from mailbot.edge.db.offers import NewOffer
from mailbot.errors import ConfigError, PermanentError
from mailbot.log import log


def write_letters(transaction: Connection, desk: Desk, case: Case, decision: Decision, ticket: TicketFacts, entry_id: int) -> Decision:
    """Queue what the decision causes; a client's answer whose template fails is left out, and the operators learn it from the forward."""
    if decision.answer:
        try:
            letter = answer(decision, case.mail, ticket, desk.policy, case.now)
            _, message_id = queue_letter(transaction, desk, letter, case.now)
            if decision.coverage and decision.terms:
                client_id = case.facts.client.id if case.facts.client else None
                remember_terms(transaction, desk, letter, decision.coverage, client_id, message_id, case.now)
        except ConfigError as error:
            log.error("no answer", ticket=ticket.number, because=str(error))
            decision = replace(decision, answer=None, because=(*decision.because, f"no answer: {error}"))
    for letter in forwards(decision, case.mail, ticket, desk.policy, entry_id):
        queue_for_operators(transaction, desk, letter, case.now)
    return decision


def remember_terms(
    transaction: Connection, desk: Desk, letter: Letter, coverage: Coverage, client_id: int | None, message_id: str, now: datetime
) -> None:
    """Keep which terms a letter told; where there is no contract they are an offer, and wait for an answer."""
    version = desk.renderer.version(letter.language, "terms")
    tickets.told(transaction, letter.ticket, version, now)
    if coverage.kind not in OFFERED:
        return
    detail = {"coverage": coverage.kind, "rate": str(coverage.rate), "price": None if coverage.price is None else str(coverage.price)}
    new = NewOffer("terms", client_id, letter.to.addr, letter.language, version, detail, letter.ticket, message_id=message_id)
    # Whom nobody knows is told once: a reminder may go to somebody whose address was misused.
    reminded = desk.policy.offers if client_id is not None else Offers(reminders=0)
    if client_id is not None:
        offers.remind_no_more_of_terms(transaction, client_id)
    offers.make(transaction, new, now, reminded)


def tell_operators(transaction: Connection, desk: Desk, case: Case, decision: Decision, entry_id: int) -> None:
    """An answer to an offer that belongs to no ticket, or that its letter came back: the operators hear of it."""
    for operator in desk.policy.operators:
        letter = (
            returned(operator, case, decision.returned, entry_id) if decision.returned else answered(operator, case, decision, entry_id)
        )
        queue_for_operators(transaction, desk, letter, case.now)


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


def _reply_address(signer: Signer, letter: Letter) -> str | None:
    """Where answers go: to the letter's ticket, even when its Message-ID names an offer; else to its offer."""
    if letter.ticket:
        return signer.reply_address("t" if letter.role == "f" else letter.role, letter.ticket)
    return signer.reply_address("f", letter.offer) if letter.offer else None


def queue_letter(transaction: Connection, desk: Desk, letter: Letter, now: datetime, shipped: bool = False) -> tuple[int, str]:
    """Render, compose and queue a letter; returns its outbox id and its Message-ID, which is fixed from here on.

    Raises ConfigError when its template fails: a client is never told something that the desk did not write.
    """
    signer = desk.policy.signer
    subject, text, html = desk.renderer.render(letter.language, letter.template, letter.context, shipped)
    message_id = signer.message_id(letter.role, letter.offer if letter.role == "f" else letter.ticket, desk.nonce())
    draft = Draft(
        message_id=message_id,
        sender=letter.sender,
        to=letter.to,
        subject=subject or letter.subject,
        date=now.astimezone(desk.policy.timezone),
        text=text,
        html=html,
        reply_to=_reply_address(signer, letter),
        in_reply_to=letter.in_reply_to,
        references=letter.references,
        automatic=letter.automatic,
        language=letter.language,
    )
    octets = compose(draft)
    if letter.files:
        octets = enclose(octets, [file_part(one) for one in letter.files], boundary_of(f"f.{message_id}"))
    mail = outbox.Finished(
        kind=letter.kind,
        automatic=letter.limited,
        ticket=letter.ticket or None,
        to_addr=letter.to.addr,
        subject=draft.subject,
        message_id=message_id,
        octets=octets,
        encloses=letter.encloses,
    )
    return outbox.queue(transaction, mail, now), message_id
