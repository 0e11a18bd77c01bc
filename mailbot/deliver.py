"""Deliver: what is due in the outbox goes out. `sending` is committed before the server hears of a mail, and its answer is written down."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from mailbot.core.desk.letters import notice
from mailbot.core.desk.operators import is_file
from mailbot.core.desk.retry import Attempt, settle
from mailbot.core.mail.compose import attachment_part, boundary_of, enclose
from mailbot.desk import Desk
from mailbot.edge.db import outbox, tickets
from mailbot.edge.db.facts import load_tickets
from mailbot.edge.db.outbox import Parcel
from mailbot.edge.db.tickets import attachments_of
from mailbot.edge.parse.decode import decoded_body
from mailbot.errors import ConfigError, PermanentError, TransientError
from mailbot.letters import queue_for_operators
from mailbot.log import log


class Transport(Protocol):
    """What takes finished mail: SMTP or a Maildir."""

    @property
    def place(self) -> str:
        """What log lines call it."""

    def open(self) -> None:
        """Connect; raises when it is away."""

    def send(self, sender: str, recipient: str, octets: bytes) -> Attempt:
        """Hand one mail over and say how that ended."""

    def close(self) -> None:
        """Say goodbye."""


def deliver(desk: Desk, transport: Transport, jitter: Callable[[], float], stopping: Callable[[], bool] = lambda: False) -> int:
    """Send all that is due and return how many mails were accepted. Raises TransientError when the server is away or refuses us.

    One process at a time delivers, so that a row that is marked `sending` when it starts is one that a crash left in doubt.
    """
    with desk.database.lock("deliver") as held:
        if not held:
            return 0
        try:
            return _deliver_due(desk, transport, jitter, stopping)
        finally:
            transport.close()


def _deliver_due(desk: Desk, transport: Transport, jitter: Callable[[], float], stopping: Callable[[], bool]) -> int:
    _settle_doubts(desk)
    accepted = 0
    while not stopping():
        with desk.database.writing() as transaction:
            parcel = outbox.take(transaction, desk.clock())
        if parcel is None:
            break
        try:
            octets = _octets(desk, parcel)
        except PermanentError as error:
            attempt = Attempt("permanent", str(error))
        except (TransientError, ConfigError) as error:  # the store of its files is away: mails without files go out all the same
            attempt = Attempt("transient", str(error))
        else:
            attempt = transport.send(desk.policy.address, parcel.to_addr, octets)
        _write_down(desk, parcel, attempt, jitter())
        accepted += attempt.ended == "accepted"
        if attempt.ended == "unreachable":
            raise TransientError(attempt.said)  # it is the server, not the mail: the others wait as they are
    return accepted


def _settle_doubts(desk: Desk) -> None:
    """A mail that was being sent when the last deliverer died may have been accepted or not."""
    with desk.database.writing() as transaction:
        now = desk.clock()
        for row_id, automatic, attempts, created_at in outbox.in_doubt(transaction):
            attempt = Attempt("stopped", "mailbot stopped while it was being sent")
            settlement = settle(attempt, automatic, attempts, created_at, now, 0.0)
            log.warning("a mail was left in doubt", outbox=row_id, state=settlement.state)
            if settlement.state == "failed":
                outbox.failed(transaction, row_id, settlement.error or "", now)
            else:
                outbox.again(transaction, row_id, settlement.error or "", settlement.next_attempt_at or now)


def _octets(desk: Desk, parcel: Parcel) -> bytes:
    """The finished octets, with the attachments of the message that the mail encloses."""
    if parcel.encloses is None:
        return parcel.octets
    with desk.database.reading() as transaction:
        original = desk.octets(transaction, parcel.encloses)
        files = attachments_of(transaction, parcel.encloses)
    if original is None:
        return parcel.octets
    parts = [
        attachment_part(one, decoded_body(original[one.start : one.end], one.encoding, []))
        for one in files
        if parcel.kind == "forward" or is_file(one)
    ]
    return enclose(parcel.octets, parts, boundary_of(f"m.{parcel.message_id}"))


def _write_down(desk: Desk, parcel: Parcel, attempt: Attempt, jitter: float) -> None:
    now = desk.clock()
    settlement = settle(attempt, parcel.automatic, parcel.attempts, parcel.created_at, now, jitter, parcel.doubted)
    with desk.database.writing() as transaction:
        match settlement.state:
            case "sent":
                outbox.sent(transaction, parcel.id, now)
            case "failed":
                outbox.failed(transaction, parcel.id, settlement.error or "", now)
                _tell(transaction, desk, parcel, settlement.error or "", now)
            case "due":
                outbox.again(
                    transaction,
                    parcel.id,
                    settlement.error or "",
                    settlement.next_attempt_at or now,
                    attempt.ended == "unreachable",
                )
    mail = {"outbox": parcel.id, "kind": parcel.kind, "to": parcel.to_addr, "ticket": parcel.ticket}
    if settlement.state == "sent":
        log.info("sent", **mail)
    elif attempt.ended != "unreachable" or settlement.state == "failed":  # a server that is away is told once, not for every mail
        log.warning("not sent", **mail, state=settlement.state, because=settlement.error)


def _tell(transaction: Connection, desk: Desk, parcel: Parcel, error: str, now: datetime) -> None:
    """A mail to a client failed for good: an address that does not exist is remembered, a person's answer returns to the operators."""
    if parcel.kind in ("acknowledgement", "repeat", "reply") and re.search(r"\b5\.1\.\d\b", error):
        tickets.remember_dead(transaction, parcel.to_addr, now, error)
    if parcel.kind == "reply" and parcel.ticket is not None:
        number = load_tickets(transaction, "", None, {parcel.ticket}, now)[parcel.ticket].number  # it may have been merged since
        tickets.set_status(transaction, number, "open", now, "mailbot")
        tickets.add_event(transaction, number, now, "not delivered", parcel.to_addr, error)
        ticket = load_tickets(transaction, "", None, {number}, now)[number]
        for operator in desk.policy.operators:
            queue_for_operators(transaction, desk, notice(operator, ticket, f"{parcel.to_addr}: {error}", desk.policy, None), now)
