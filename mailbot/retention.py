"""Retention: raw octets that are older than the desk keeps them go, once a day; the text of tickets and the journal's rows stay.

What nobody has handled keeps its octets whatever its age: a quarantined message has its words nowhere else (R1).
"""

from collections.abc import Callable, Iterator
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
    """Drop what is due, when the last time was a day ago; returns of how many messages and mails the octets went.

    With `stopping`, asked after each step, it may go on at the next call instead.
    """
    days, now = desk.policy.keep_octets_days, desk.clock()
    if not days:
        return 0
    with desk.database.reading() as transaction:
        looked = settings.moment(transaction, LOOKED)
    if looked is not None and now - looked < timedelta(days=1):
        return 0
    dropped = 0
    for count in _steps(desk, now - timedelta(days=days)):
        dropped += count
        if stopping():
            break
    else:
        with desk.database.writing() as transaction:
            settings.remember(transaction, LOOKED, now.isoformat())
    if dropped:
        log.info("old octets dropped", messages=dropped, older_than_days=days)
    return dropped


def _steps(desk: Desk, before: datetime) -> Iterator[int]:
    """Drop a part at a time; yields of how many messages and mails the octets went with it."""
    for table, find in ((journal, old.entries), (outbox, old.mails)):
        after = 0
        while True:
            with desk.database.reading() as transaction:
                found = find(transaction, before, after, _ROWS)
            if not found:
                break
            after = found[-1]
            with desk.database.writing() as transaction:
                # Looked for again: a mail may have been queued meanwhile that takes files from one of them.
                still = [one for one in find(transaction, before, found[0] - 1, _ROWS) if one <= after]
                old.drop(transaction, table, still)
            yield len(still)
    # A file is stored before the row that needs it is committed, so only old files count as unused.
    waiting = desk.blobs.older_than(before)
    while some := list(islice(waiting, _ROWS)):
        with desk.database.reading() as transaction:
            unused = erasing.unused(transaction, some)
        for digest in unused:
            with desk.database.writing() as transaction:
                take_turns(transaction, "blobs")
                # Looked for again: the same octets may have arrived meanwhile.
                if erasing.unused(transaction, [digest]):
                    desk.blobs.drop(digest)
            yield 0
