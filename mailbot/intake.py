"""The story of a message: from the journal to a ticket, an answer and a forward.

    parse ▶ screen ▶ facts ▶ decide ▶ apply

`take_in` is called when the journal has rows that wait. A batch is one transaction: a message's ticket, its place in
the journal and the finished answers are written together or not at all. When one message of a batch fails, each is
taken alone, so that it hurts nobody else; after three tries it is quarantined with the reason (R1).
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailbot.cases import Read, case_of, read
from mailbot.core.desk.decide import decide
from mailbot.core.desk.parties import party_of
from mailbot.desk import Desk
from mailbot.edge.db import journal
from mailbot.edge.db.apply import apply, settle
from mailbot.edge.db.facts import client_id_of, lock_parties
from mailbot.edge.db.journal import Entry
from mailbot.errors import ConfigError, TransientError
from mailbot.letters import tell_operators, write_letters
from mailbot.log import log
from mailbot.operate import relay

BATCH_ROWS = 50
BATCH_OCTETS = 16 * 1024 * 1024


def take_in(
    desk: Desk, stopping: Callable[[], bool] = lambda: False, on_batch: Callable[[int], None] = lambda _: None, hurried: bool = False
) -> int:
    """Take in everything that waits and return how many messages that were; stops between batches when `stopping`.

    `hurried`: what failed is tried again at once, so that nothing waits when this returns.
    """
    total = 0
    while not stopping() and (count := take_in_batch(desk, hurried)):
        total += count
        on_batch(count)
    return total


def take_in_batch(desk: Desk, hurried: bool = False) -> int:
    """Take in the oldest rows that wait, in one transaction, and return how many those were."""
    entries: Sequence[Entry] = ()
    try:
        with desk.database.writing() as transaction:
            now = desk.clock()
            entries = _fitting(journal.claim(transaction, now + timedelta(days=1) if hurried else now, BATCH_ROWS))
            _decide_all(transaction, desk, entries, now)
    except (TransientError, ConfigError):
        raise
    except Exception as error:  # noqa: BLE001 -- one message of the batch did it, whatever it was: find out which
        log.info("a batch failed, each message is taken alone", messages=len(entries), because=_reason(error))
        for entry in entries:
            _take_in_alone(desk, entry)
    return len(entries)


def _fitting(entries: list[Entry]) -> Sequence[Entry]:
    """As many of the oldest as fit into `BATCH_OCTETS`, at least one."""
    room = BATCH_OCTETS
    for number, entry in enumerate(entries):
        room -= entry.size
        if room < 0:
            return entries[: max(number, 1)]
    return entries


def _take_in_alone(desk: Desk, entry: Entry) -> None:
    try:
        with desk.database.writing() as transaction:
            if still := journal.claim_one(transaction, entry.id):
                _decide_all(transaction, desk, [still], desk.clock())
    except (TransientError, ConfigError):
        raise
    except Exception as error:  # noqa: BLE001 -- a message must not stop the others, whatever it raises
        reason = _reason(error)
        with desk.database.writing() as transaction:
            quarantined = journal.failed(transaction, entry, reason, desk.clock())
        log.error("quarantined" if quarantined else "failed, will be tried again", journal=entry.id, because=reason)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".split("\n")[0][:500]


def _decide_all(transaction: Connection, desk: Desk, entries: Sequence[Entry], now: datetime) -> None:
    messages = [read(desk, entry) for entry in entries]
    client_ids = [client_id_of(transaction, one.sender) for one in messages]
    lock_parties(transaction, (party_of(client_id, one.sender) for one, client_id in zip(messages, client_ids, strict=True)))
    for one, client_id in zip(messages, client_ids, strict=True):
        _decide_one(transaction, desk, one, client_id, now)


def _decide_one(transaction: Connection, desk: Desk, message: Read, client_id: int | None, now: datetime) -> None:
    """The whole way of one message, from what it says to what becomes of it."""
    entry = message.entry
    if entry.imported:
        now = min(entry.received_at, now)  # old mail is decided as of its own day
    case, sought = case_of(transaction, desk, message, client_id, now)
    decision = decide(case)
    decision, ticket = apply(transaction, case, sought, entry, decision)
    if ticket:
        decision = write_letters(transaction, desk, case, decision, ticket, entry.id)
    elif decision.consents or decision.returned:
        tell_operators(transaction, desk, case, decision, entry.id)
    settle(transaction, entry, case, sought, decision, ticket)
    if ticket and decision.relays:
        relay(transaction, desk, ticket.number, case.mail, entry.id, case.now)  # a command in it may move its row to another ticket
    because = "; ".join(decision.because)
    log.info(decision.outcome, journal=entry.id, ticket=ticket.number if ticket else None, sender=sought.sender, because=because)
