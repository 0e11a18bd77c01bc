"""The daily audit: a message that stays missing is an alarm, one that has just arrived is none."""

from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import delete

from mailbot.app import App
from mailbot.audit import watch
from mailbot.core.report.audit import lasting
from mailbot.edge.db import alarms, tables
from mailbot.errors import TransientError
from tests.conftest import Studio
from tests.duties.mails import mail
from tests.servers import ImapUser


def standing(app: App) -> list[str]:
    with app.desk.database.reading() as transaction:
        return [one.because for one in alarms.due(transaction, app.desk.clock()) if one.kind == "audit"]


def look(studio: Studio, app: App, **later: float) -> list[str]:
    studio.clock.forward(**later)
    watch(app.desk, app.mailboxes())
    return standing(app)


def test_a_message_that_stays_missing_is_an_alarm_until_it_is_there(any_studio: Studio, imap_user: ImapUser) -> None:
    any_studio.configure(mailbox=[imap_user.settings()])
    app = any_studio.open()
    imap_user.append(mail(1), mail(2), mail(3))
    any_studio.take_in(app)
    assert look(any_studio, app) == []
    with app.desk.database.writing() as transaction:
        transaction.execute(delete(tables.attachment))
        transaction.execute(delete(tables.message).where(tables.message.c.journal_id == 2))
        transaction.execute(delete(tables.outbox).where(tables.outbox.c.encloses == 2))
        transaction.execute(delete(tables.journal).where(tables.journal.c.id == 2))
    assert look(any_studio, app, hours=23, minutes=59) == []  # not looked at before its day
    assert look(any_studio, app, minutes=1) == []  # the first look
    assert look(any_studio, app, minutes=4, seconds=59) == []
    assert look(any_studio, app, seconds=1) == ["the journal lacks UID 2 of mailbox support"]
    with app.desk.database.writing() as transaction:
        transaction.execute(tables.mailbox.update().values(cursor=0))
    any_studio.take_in(app)
    assert look(any_studio, app, minutes=59) == ["the journal lacks UID 2 of mailbox support"]
    assert look(any_studio, app, minutes=1) == []


def test_mail_that_arrives_meanwhile_is_no_gap(studio: Studio) -> None:
    app = studio.open()
    for number in range(5):
        studio.arrive(mail(number))
        assert look(studio, app, minutes=5) == []
        studio.take_in(app)


def test_a_restart_neither_looks_sooner_nor_forgets_what_was_missing(studio: Studio) -> None:
    app = studio.open()
    studio.arrive(mail(1))
    watch(app.desk, app.mailboxes())
    again = partial(look, studio, studio.open())
    assert again(minutes=4) == []
    assert again(minutes=1) != []


def test_a_mailbox_that_is_being_fetched_is_looked_at_later(studio: Studio) -> None:
    app, other = studio.open(), studio.open()
    studio.arrive(mail(1))
    watch(app.desk, app.mailboxes())
    with other.desk.database.lock("mailbox:support") as held:
        assert held
        assert look(studio, app, minutes=5) == []
    assert look(studio, app) != []


def test_a_mailbox_that_is_away_is_another_alarm_and_the_look_is_still_due(studio: Studio) -> None:
    app = studio.open()
    inbox = Path(str(app.mailboxes()[0].source.place))
    away = inbox.rename(inbox.with_name("away"))
    with pytest.raises(TransientError):
        watch(app.desk, app.mailboxes())
    away.rename(inbox)
    studio.arrive(mail(1))
    assert (look(studio, app), look(studio, app, minutes=5) != []) == ([], True)


def test_the_daemon_looks_and_the_operators_hear_of_it(studio: Studio) -> None:
    app = studio.open()
    assert app.daemon().once()
    with app.desk.database.writing() as transaction:
        transaction.execute(
            tables.setting.update().where(tables.setting.c.name == "audit_missed").values(value='{"support": ["1.a", "x"]}')
        )
        transaction.execute(delete(tables.setting).where(tables.setting.c.name == "audit_due_at"))
    (studio.folder / "in" / "new" / "1.a").write_bytes(mail(1))
    watch(app.desk, app.mailboxes())
    assert app.daemon().once()
    assert [one["subject"] for one in studio.outbox(app, "notice")] == ["Needs attention: audit of mail"]


def test_a_mailbox_that_is_away_for_long_hides_no_gap_of_another(studio: Studio) -> None:
    support = {"name": "support", "kind": "maildir", "path": "in"}
    studio.configure(mailbox=[{"name": "gone", "kind": "maildir", "path": "nowhere"}, support])
    app = studio.open()
    daemon = app.daemon()
    daemon.once()
    for hours in (25, 1, 1):  # a day later a message lies there that was never fetched
        studio.clock.forward(hours=hours)
        (studio.folder / "in" / "new" / "1.a").write_bytes(mail(1))
        daemon._audit()
    assert standing(app) == ["the journal lacks UID 1.a of mailbox support"]
    studio.configure(mailbox=[support])
    studio.take_in(studio.open())
    assert look(studio, studio.open(), hours=1) == []


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ({}, {"a": [1]}, ""),
        ({"a": [1]}, {"a": []}, ""),
        ({"b": [1]}, {"a": [1]}, ""),
        ({"a": [1, 3]}, {"a": [2, 3]}, "the journal lacks UID 3 of mailbox a"),
        ({"a": ["x"], "b": [4]}, {"a": ["x"], "b": [4]}, "the journal lacks UID x of mailbox a; the journal lacks UID 4 of mailbox b"),
        ({"a": [*range(12)]}, {"a": [*range(12)]}, "the journal lacks UID 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more of mailbox a"),
    ],
    ids=["the first look", "it came", "of another mailbox", "one of two", "two mailboxes", "many"],
)
def test_only_what_was_missing_before_is_told(before: dict[str, list[int | str]], now: dict[str, list[int | str]], said: str) -> None:
    assert lasting(before, now) == said
