"""The audit: what lies on the servers, against the journal. It proves that no message was lost, or names the gap (R1)."""

from dataclasses import dataclass

from mailbot.desk import Desk, Mailbox
from mailbot.edge.db import journal
from mailbot.edge.imap import Imap


@dataclass(frozen=True, slots=True)
class MailboxAudit:
    """One mailbox: how many messages lie there, how many of those the journal has, and the UIDs that it lacks."""

    name: str
    on_server: int
    journalled: int
    missing: list[int | str]


@dataclass(frozen=True, slots=True)
class Audit:
    """`complete`: nothing is missing and nothing waits undecided."""

    mailboxes: list[MailboxAudit]
    outcomes: dict[str, int]
    complete: bool


def audit(desk: Desk, mailboxes: list[Mailbox]) -> Audit:
    """Compare every mailbox with the journal. Raises TransientError or PermanentError when a mailbox cannot be read."""
    found = [_audit_one(desk, one) for one in mailboxes]
    with desk.database.reading() as transaction:
        outcomes = journal.outcomes(transaction)
    complete = not any(one.missing for one in found) and not outcomes.get("pending")
    return Audit(found, outcomes, complete)


def look(mailbox: Mailbox) -> str:
    """Open a mailbox and say what is there, in words. Raises TransientError or PermanentError when it cannot be read."""
    source = mailbox.source
    if not isinstance(source, Imap):
        return f"{len(source.names())} messages in {source.place}"
    try:
        source.select()
        return f"{len(source.uids_above(0))} messages in {source.place}"
    finally:
        source.close()


def _audit_one(desk: Desk, mailbox: Mailbox) -> MailboxAudit:
    source = mailbox.source
    if isinstance(source, Imap):
        uidvalidity = source.select()
        there: list[int | str] = list(source.uids_above(0))
    else:
        uidvalidity = 0
        there = list(source.names())
    with desk.database.reading() as transaction:
        known = journal.known(transaction, mailbox.name, uidvalidity, map(str, there))
    missing = [uid for uid in there if str(uid) not in known]
    return MailboxAudit(mailbox.name, len(there), len(there) - len(missing), missing)
