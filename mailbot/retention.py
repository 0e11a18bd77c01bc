"""Retention: raw octets that are older than the desk keeps them go, once a day; the text of tickets and the journal's rows stay.

What nobody has handled keeps its octets whatever its age: a quarantined message has its words nowhere else (R1).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice

from mailbot.desk import Desk
from mailbot.edge.db import erasing, old, settings
from mailbot.edge.db.database import take_turns
from mailbot.edge.db.tables import journal, outbox
from mailbot.log import log

LOOKED = "octets_looked_at"
_ROWS = 200  # of a transaction: others write in between


def drop_old(desk: Desk, stopping: Callable[[], bool] = lambda: False) -> int:
    """Drop what is due, when the last time was a day ago; returns of how many messages and mails the octets went."""
    days, now = desk.policy.keep_octets_days, desk.clock()
    if not days:
        return 0
    with desk.database.reading() as transaction:
        looked = settings.moment(transaction, LOOKED)
    if looked is not None and now - looked < timedelta(days=1):
        return 0
    before, dropped = now - timedelta(days=days), 0
    for table, find in ((journal, old.entries), (outbox, old.mails)):
        after = 0
        while not stopping():
            with desk.database.reading() as transaction:
                found = find(transaction, before, after, _ROWS)
            if not found:
                break
            after = found[-1]
            with desk.database.writing() as transaction:
                # Looked for again: a mail may have been queued meanwhile that takes files from one of them.
                still = [one for one in find(transaction, before, found[0] - 1, _ROWS) if one <= after]
                old.drop(transaction, table, still)
            dropped += len(still)
    _drop_unused_blobs(desk, before, stopping)
    if not stopping():
        with desk.database.writing() as transaction:
            settings.remember(transaction, LOOKED, now.isoformat())
    if dropped:
        log.info("old octets dropped", messages=dropped, older_than_days=days)
    return dropped


def _drop_unused_blobs(desk: Desk, before: datetime, stopping: Callable[[], bool]) -> None:
    """A file is stored before the row that needs it is committed, so only old files count as unused."""
    waiting = desk.blobs.older_than(before)
    while not stopping() and (some := list(islice(waiting, _ROWS))):
        with desk.database.reading() as transaction:
            found = erasing.unused(transaction, some)
        for digest in found:
            with desk.database.writing() as transaction:
                take_turns(transaction, "blobs")
                # Looked for again: the same octets may have arrived meanwhile.
                if erasing.unused(transaction, [digest]):
                    desk.blobs.drop(digest)
