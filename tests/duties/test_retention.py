"""Raw octets go when they are as old as the configuration says; everything else stays and says what is gone."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update

from mailbot.app import App
from mailbot.audit import audit
from mailbot.edge.blobs import Blobs
from mailbot.edge.db import journal, settings, tables
from mailbot.edge.db.database import take_turns
from mailbot.edge.db.journal import GONE
from mailbot.fetch import fetch
from mailbot.retention import LOOKED, drop_old
from tests.conftest import Studio
from tests.duties.mails import mail, mail_with_file
from tests.servers import until

GONE_SAID = "the octets are gone: they were erased, or are older than [storage] keep_octets_days"


@pytest.fixture
def app(any_studio: Studio) -> App:
    any_studio.configure(storage={"keep_octets_days": 30})
    return any_studio.open()


def kept(app: App) -> tuple[list[int], list[int]]:
    """The journal rows and the mails that have octets."""
    with app.desk.database.reading() as transaction:
        return tuple(  # type: ignore[return-value]
            list(transaction.scalars(select(table.c.id).where(func.coalesce(func.length(table.c.octets), 1) > 0).order_by(table.c.id)))
            for table in (tables.journal, tables.outbox)
        )


def blobs(studio: Studio) -> list[Path]:
    return [one for one in studio.folder.glob("blobs/**/*") if one.is_file()]


def test_octets_go_on_their_day_and_texts_stay(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail_with_file(b"\1" * 300_000, number=2))
    any_studio.deliver(app)
    any_studio.clock.forward(days=29, hours=23)
    any_studio.take_in(app, mail(3))
    before = kept(app)
    assert drop_old(app.desk) == 0
    assert kept(app) == before and len(blobs(any_studio)) == 1
    texts = [one["messages"] for one in any_studio.tickets(app)]
    any_studio.clock.forward(days=1)
    assert drop_old(app.desk) == 2 + 4
    assert kept(app)[0] == [3]
    assert blobs(any_studio) == []
    assert [one["messages"] for one in any_studio.tickets(app)] == texts
    assert audit(app.desk, app.mailboxes()).complete
    assert len(any_studio.take_in(app)) == 3  # nothing is fetched again


def test_it_looks_once_a_day_and_a_restart_does_not_change_that(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    any_studio.clock.forward(days=30, minutes=-1)
    assert drop_old(app.desk) == 0
    any_studio.clock.forward(hours=23)
    assert drop_old(any_studio.open().desk) == 0
    any_studio.clock.forward(hours=1)
    assert drop_old(any_studio.open().desk) == 1


def test_without_the_key_nothing_goes(studio: Studio) -> None:
    app = studio.open()
    studio.take_in(app, mail(1))
    studio.clock.forward(days=4000)
    assert drop_old(app.desk) == 0
    assert kept(app)[0] == [1]


def test_what_is_still_needed_stays(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2), mail_with_file(b"\1" * 10, number=3))
    with app.desk.database.writing() as transaction:
        transaction.execute(update(tables.journal).where(tables.journal.c.id == 1).values(outcome="quarantined"))
        transaction.execute(update(tables.journal).where(tables.journal.c.id == 2).values(outcome="pending"))
        encloses = list(transaction.scalars(select(tables.outbox.c.encloses).where(tables.outbox.c.encloses.is_not(None))))
    assert 3 in encloses  # the forward has not gone out yet
    any_studio.clock.forward(days=31)
    assert drop_old(app.desk) == 0
    assert kept(app)[0] == [1, 2, 3]
    any_studio.deliver(app)
    any_studio.clock.forward(days=1)
    assert drop_old(app.desk) == 1
    assert kept(app)[0] == [1, 2]


def test_a_large_message_that_came_again_keeps_its_octets(any_studio: Studio, app: App) -> None:
    octets = mail_with_file(b"\1" * 300_000)
    any_studio.take_in(app, octets)
    any_studio.deliver(app)
    any_studio.clock.forward(days=20)
    any_studio.take_in(app, octets)
    any_studio.clock.forward(days=11)
    drop_old(app.desk)
    assert kept(app)[0] == [2]
    assert len(blobs(any_studio)) == 1


class Cleared(Blobs):
    """A blob store that another process clears of what is new there, once: no journal row needs it yet."""

    def put(self, digest: str, octets: bytes) -> None:
        is_new = not self.folder.exists()
        super().put(digest, octets)
        if is_new:
            self.drop(digest)


def test_octets_that_are_dropped_before_they_are_journalled_are_stored_again(any_studio: Studio, app: App) -> None:
    octets = mail_with_file(b"\1" * 300_000)
    any_studio.arrive(octets)
    desk = replace(app.desk, blobs=Cleared(any_studio.folder / "blobs"))
    assert fetch(desk, app.mailboxes()[0]) == 1
    assert desk.blobs.get(sha256(octets).hexdigest()) == octets


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_octets_that_are_journalled_while_old_ones_are_dropped_stay(any_studio: Studio, app: App) -> None:
    octets = mail_with_file(b"\1" * 300_000)
    digest = sha256(octets).hexdigest()
    app.desk.blobs.put(digest, octets)  # and a crash has left them there
    now = any_studio.clock.forward(days=31)
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

    def waits() -> bool:
        with app.desk.database.reading() as other:
            return other.scalar(waiting) == 1

    with ThreadPoolExecutor() as threads:
        with app.desk.database.writing() as transaction:
            take_turns(transaction, "blobs")
            looks = threads.submit(drop_old, any_studio.open().desk)
            until(waits, "it has found that nothing needs them, and waits for its turn")
            journal.write(transaction, "support", [journal.Arrival(0, "1", digest, len(octets), now, octets, is_large=True)], now)
        looks.result(timeout=60)
    assert app.desk.blobs.get(digest) == octets


def test_what_waits_has_its_turn_and_the_rest_goes_afterwards(any_studio: Studio, app: App) -> None:
    with app.desk.database.writing() as transaction:
        row = {"mailbox": "m", "uidvalidity": 0, "sha256": "0" * 64, "size": 1, "imported": True, "outcome": "machine", "attempts": 0}
        at = any_studio.clock() - timedelta(days=31)
        rows = [row | {"uid": str(n), "received_at": at, "journalled_at": at, "octets": b"x", "because": []} for n in range(450)]
        transaction.execute(insert(tables.journal), rows)
    for number in range(3):
        app.desk.blobs.put(str(number) * 64, b"no row needs it")
    any_studio.clock.forward(days=31)
    turns = [(drop_old(app.desk, lambda: True), len(blobs(any_studio))) for _ in range(7)]
    assert turns == [(200, 3), (200, 3), (50, 3), (0, 2), (0, 1), (0, 0), (0, 0)]
    assert kept(app)[0] == []
    with app.desk.database.reading() as transaction:
        assert settings.moment(transaction, LOOKED) == any_studio.clock()  # and not before the last of them


def test_commands_say_in_one_line_what_is_gone(studio: Studio) -> None:
    studio.configure(storage={"keep_octets_days": 30})
    app = studio.open()
    reply = mail(3, Subject="Re: [#1] Request 1", text="And one more thing, please.")
    studio.take_in(app, mail_with_file(b"\1" * 10, number=1), mail(2), reply)
    studio.deliver(app)
    with app.desk.database.writing() as transaction:
        transaction.execute(update(tables.journal).values(octets=GONE))
        transaction.execute(update(tables.journal).where(tables.journal.c.id == 2).values(outcome="quarantined"))
    for words in (("journal", "1"), ("replay", "2"), ("split", "3")):
        ran = studio.run(*words)
        assert (ran.returncode, ran.stderr) == (1, f"mailbot: journal entry {words[1]}: {GONE_SAID}\n"), words
    with app.desk.database.reading() as transaction:
        assert journal.outcomes(transaction)["quarantined"] == 1
    ran = studio.run("show", "1", "--save", "files")
    assert (ran.returncode, ran.stderr) == (0, f"left out 1 files: journal entry 1: {GONE_SAID}\n")
    assert "Request 1" in ran.stdout
