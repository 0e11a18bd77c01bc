"""From a letter to a finished mail in the outbox, inside the transaction that caused it."""

from datetime import datetime

from sqlalchemy import Connection

from mailbot.core.desk.letters import Letter
from mailbot.core.mail.compose import Draft, compose
from mailbot.desk import Desk
from mailbot.edge.db import outbox


def queue_letter(transaction: Connection, desk: Desk, letter: Letter, now: datetime) -> tuple[int, str]:
    """Render, compose and queue a letter; returns its outbox id and its Message-ID, which is fixed from here on."""
    signer = desk.policy.signer
    subject, text, html = desk.renderer.render(letter.language, letter.template, letter.context)
    message_id = signer.message_id(letter.role, letter.ticket, desk.nonce())
    draft = Draft(
        message_id=message_id,
        sender=letter.sender,
        to=letter.to,
        subject=subject or letter.subject,
        date=now.astimezone(desk.policy.timezone),
        text=text,
        html=html,
        reply_to=signer.reply_address(letter.role, letter.ticket) if letter.ticket else None,
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
