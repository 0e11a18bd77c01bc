"""Fetch: octets and place of a message are committed to the journal before anything looks inside; then the mailbox may be touched."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice

from sqlalchemy import Connection

from mailbot.desk import Desk, Mailbox
from mailbot.edge.db import journal
from mailbot.edge.db.database import take_turns
from mailbot.edge.db.journal import INLINE_OCTETS, Arrival
from mailbot.edge.imap import Imap
from mailbot.edge.maildir import Maildir
from mailbot.log import log


def fetch(
    desk: Desk,
    mailbox: Mailbox,
    stopping: Callable[[], bool] = lambda: False,
    after_commit: Callable[[], None] = lambda: None,
) -> int | None:
    """Bring what is new in a mailbox into the journal and return how many messages that were; None when another process reads it.

    One process at a time reads a mailbox. `after_commit` runs between batches, so that a long backlog is taken in while it is fetched;
    then `stopping` is asked whether the rest must wait for the next look.
    Raises TransientError or PermanentError when the mailbox cannot be read; what was committed before stays.
    """
    with desk.database.lock(f"mailbox:{mailbox.name}") as held:
        if not held:
            log.debug("another mailbot reads this mailbox", mailbox=mailbox.name)  # each second, while that one has a backlog
            return None
        if isinstance(mailbox.source, Imap):
            count = _fetch_imap(desk, mailbox.name, mailbox.source, stopping, after_commit)
        else:
            count = _fetch_maildir(desk, mailbox.name, mailbox.source, stopping, after_commit)
    if count:
        log.info("fetched", mailbox=mailbox.name, messages=count)
    return count


def _fetch_imap(desk: Desk, name: str, source: Imap, stopping: Callable[[], bool], after_commit: Callable[[], None]) -> int:
    uidvalidity = source.select()
    with desk.database.reading() as transaction:
        known_validity, cursor = journal.cursor(transaction, name)
    if known_validity != uidvalidity:
        if known_validity:
            log.warning(
                "UIDVALIDITY changed: the mailbox is read again and matched by digest",
                mailbox=name,
                was=known_validity,
                now=uidvalidity,
            )
        cursor = 0
    # What is journalled and still there although it should be moved or deleted was left by a crash just after the commit.
    handled, wanted = _sorted_out(desk, name, uidvalidity, source.uids_above(cursor if source.account.done == "keep" else 0))
    total, asked, held_back = 0, 0, None
    for batch in source.fetch(wanted):
        arrivals = [_arrival(desk, uidvalidity, str(one.uid), one.octets, one.received_at) for one in batch]
        last = batch[-1].uid if batch else cursor
        passed = wanted[asked : bisect_right(wanted, last)]
        asked += len(passed)
        if held_back is None and (missing := set(passed) - {one.uid for one in batch}):
            # Expunged meanwhile, or not answered for: while it is there the cursor stays before it, and the others go on.
            held_back = min(missing & set(source.uids_above(min(missing) - 1)), default=None)
            if held_back is not None:
                log.warning("the server lists a message and does not give it; it is asked again", mailbox=name, uid=held_back)
        with desk.database.writing() as transaction:
            total += _write(desk, transaction, name, arrivals)
            journal.set_cursor(transaction, name, uidvalidity, last if held_back is None else held_back - 1)
        handled.extend(one.uid for one in batch)
        after_commit()
        if stopping():
            break
    # Last, since a server may refuse it for days (a quota that is full): what is new comes in all the same.
    for start in range(0, len(handled), 100):
        source.finish(handled[start : start + 100])
    return total


def _sorted_out(desk: Desk, name: str, uidvalidity: int, there: "array[int]") -> tuple["array[int]", "array[int]"]:
    """Those of the UIDs that the journal has, and the others. As arrays: of a backlog there may be a hundred thousand, for an hour."""
    handled, wanted = array("Q"), array("Q")
    with desk.database.reading() as transaction:
        for uid, is_known in zip(there, journal.known(transaction, name, uidvalidity, there), strict=True):
            (handled if is_known else wanted).append(uid)
    return handled, wanted


def _fetch_maildir(desk: Desk, name: str, source: Maildir, stopping: Callable[[], bool], after_commit: Callable[[], None]) -> int:
    here = source.names()
    with desk.database.reading() as transaction:
        known = {found for found, is_known in zip(here, journal.known(transaction, name, 0, here), strict=True) if is_known}
    source.finish(known)
    waiting = iter([(found, path) for found, path in here.items() if found not in known])
    total = 0
    while batch := list(islice(waiting, 100)):
        read = [(found, octets_and_time) for found, path in batch if (octets_and_time := source.read(found, path))]
        arrivals = [_arrival(desk, 0, found, octets, at) for found, (octets, at) in read]
        with desk.database.writing() as transaction:
            total += _write(desk, transaction, name, arrivals)
        source.finish(found for found, _ in read)
        after_commit()
        if stopping():
            break
    return total


def import_messages(desk: Desk, messages: Iterable[bytes], answer: bool, on_message: Callable[[], None]) -> int:
    """Bring old messages into the journal, each by its digest: importing a file again adds nothing. Returns how many were new."""
    total = 0
    waiting = iter(messages)
    while batch := list(islice(waiting, 50)):
        arrivals: list[Arrival] = []
        for octets in batch:
            digest = sha256(octets).hexdigest()
            if all(digest != one.sha256 for one in arrivals):
                arrivals.append(_arrival(desk, 0, digest, octets, _written_at(octets) or desk.clock()))
            on_message()
        with desk.database.writing() as transaction:
            total += _write(desk, transaction, "import", arrivals, imported=not answer)
    return total


def _written_at(octets: bytes) -> datetime | None:
    """When an imported message was written: its file says nothing of when it arrived."""
    from mailbot.edge.parse import sent_at

    found = sent_at(octets)
    try:
        return found.astimezone(UTC) if found else None
    except OverflowError:  # the last hours of the year 9999, west of Greenwich
        return None


def _arrival(desk: Desk, uidvalidity: int, uid: str, octets: bytes, received_at: datetime) -> Arrival:
    digest = sha256(octets).hexdigest()
    large = len(octets) > INLINE_OCTETS
    if large:
        desk.blobs.put(digest, octets)
    return Arrival(uidvalidity, uid, digest, len(octets), received_at, octets, large)


def _write(desk: Desk, transaction: Connection, name: str, arrivals: Sequence[Arrival], imported: bool = False) -> int:
    """Journal arrivals. Octets that were dropped after they had been stored, since nothing needed them yet, are stored again."""
    large = [one for one in arrivals if one.is_large]
    if large:
        take_turns(transaction, "blobs")
    for one in large:
        if not desk.blobs.has(one.sha256):
            desk.blobs.put(one.sha256, one.octets)
    return journal.write(transaction, name, arrivals, desk.clock(), imported)
