"""The audit: what lies on the servers, against the journal. It proves that no message was lost, or names the gap (R1)."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mailbot import alarms
from mailbot.core.report.audit import lasting
from mailbot.desk import Desk, Mailbox
from mailbot.edge.db import journal, settings
from mailbot.edge.imap import Imap

_DUE, _MISSED = "audit_due_at", "audit_missed"
_DAILY, _SECOND_LOOK, _WITH_ALARM = timedelta(days=1), timedelta(minutes=5), timedelta(hours=1)
_REMEMBERED = 1000  # of a mailbox's missing messages: some of them are enough to tell a gap


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


def watch(desk: Desk, mailboxes: list[Mailbox], away: Collection[str] = ()) -> None:
    """The daily audit. A gap that is still there at the next look, a few minutes later, is an alarm; mail that arrived meanwhile is none.

    `away`: names of mailboxes that cannot be read and are not asked; the others are looked at all the same.
    When the next look is due, and what the last one missed, stand in the database: a restart looks no sooner and forgets nothing.
    Raises TransientError or PermanentError when a mailbox cannot be read; then the look is still due.
    """
    now = desk.clock()
    with desk.database.reading() as transaction:
        due = settings.moment(transaction, _DUE)
        before = json.loads(settings.value(transaction, _MISSED) or "{}")
    if due is not None and now < due:
        return
    missed: dict[str, list[int | str]] = {}
    for mailbox in (one for one in mailboxes if one.name not in away):
        with desk.database.lock(f"mailbox:{mailbox.name}") as held:
            if not held:  # it is being fetched
                return
            missed[mailbox.name] = _audit_one(desk, mailbox).missing
    still = lasting(before, missed)
    if still:
        alarms.begin(desk, "audit", "", still)
    elif not any(missed.values()) and not away:
        alarms.end(desk, "audit", "")
    pause = _SECOND_LOOK if any(missed.values()) and not still else _WITH_ALARM if still or away else _DAILY
    unseen = {name: uids for name, uids in before.items() if name in away}
    with desk.database.writing() as transaction:
        settings.remember(transaction, _DUE, (now + pause).isoformat())
        settings.remember(transaction, _MISSED, json.dumps({name: uids[:_REMEMBERED] for name, uids in (unseen | missed).items()}))


def _audit_one(desk: Desk, mailbox: Mailbox) -> MailboxAudit:
    source = mailbox.source
    if isinstance(source, Imap):
        uidvalidity = source.select()
        there: Sequence[int | str] = source.uids_above(0)
    else:
        uidvalidity = 0
        there = list(source.names())
    with desk.database.reading() as transaction:
        known = journal.known(transaction, mailbox.name, uidvalidity, there)
        missing = [uid for uid, is_known in zip(there, known, strict=True) if not is_known]
    return MailboxAudit(mailbox.name, len(there), len(there) - len(missing), missing)
