"""Trouble that lasts is told to operators by mail: once, and once that it is over."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailbot import alarms
from mailbot.app import App
from mailbot.core.desk.alarms import Alarm, letter
from tests.conftest import Studio
from tests.servers import until

BOSS = "boss@studio.example"


@pytest.fixture
def app(any_studio: Studio) -> App:
    any_studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    return any_studio.open()


def said(studio: Studio, app: App) -> list[str]:
    return [one["subject"] for one in studio.outbox(app, "notice")]


def test_trouble_of_a_mailbox_is_told_after_a_quarter_of_an_hour_once_and_its_end_once(any_studio: Studio, app: App) -> None:
    alarms.begin(app.desk, "mailbox", "support", "no answer")
    any_studio.clock.forward(minutes=14, seconds=59)
    alarms.begin(app.desk, "mailbox", "support", "connection refused")
    assert alarms.tell(app.desk) == 0
    any_studio.clock.forward(seconds=1)
    assert (alarms.tell(app.desk), alarms.tell(app.desk)) == (1, 0)
    assert said(any_studio, app) == ["Needs attention: mailbox support"]
    text = any_studio.letter(app, any_studio.outbox(app, "notice")[0]).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "• Trouble with mailbox “support” began on Wednesday, 18 November, at 12:00. mailbot says: connection refused" in " ".join(
        text.split()
    )
    any_studio.clock.forward(hours=5)
    alarms.begin(app.desk, "mailbox", "support", "connection refused")
    assert alarms.tell(app.desk) == 0
    for _ in range(2):
        alarms.end(app.desk, "mailbox", "support")
    assert said(any_studio, app) == ["Needs attention: mailbox support", "Well again: mailbox support"]


def test_trouble_that_passes_is_not_told(any_studio: Studio, app: App) -> None:
    alarms.begin(app.desk, "mailbox", "support", "no answer")
    any_studio.clock.forward(minutes=10)
    alarms.end(app.desk, "mailbox", "support")
    any_studio.clock.forward(hours=1)
    alarms.begin(app.desk, "mailbox", "support", "no answer")
    assert alarms.tell(app.desk) == 0
    assert said(any_studio, app) == []


def test_a_restart_forgets_no_trouble(any_studio: Studio, app: App) -> None:
    alarms.begin(app.desk, "mailbox", "support", "no answer")
    any_studio.clock.forward(minutes=20)
    assert alarms.tell(any_studio.open().desk) == 1
    alarms.end(any_studio.open().desk, "mailbox", "support")
    assert len(said(any_studio, app)) == 2


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("what", ["begun", "over"])
def test_each_trouble_is_told_in_the_language_of_the_desk(any_studio: Studio, app: App, language: str, what: str) -> None:
    found = [
        Alarm(kind, name, "why", app.desk.clock() - timedelta(hours=1))  # type: ignore[arg-type]
        for kind, name in (("mailbox", "support"), ("audit", ""), ("grant", "support"))
    ]
    for one in found:
        made = letter(BOSS, what, [one], app.desk.policy)  # type: ignore[arg-type]
        subject, text, html = app.desk.renderer.render(language, made.template, made.context)
        assert subject and one.name in subject
        assert "why" in text and "why" in html
        letters = re.sub(r"mailbot check|mailbot|OAuth2|support|why", "", f"{subject} {text}")
        assert bool(re.search("[A-Za-z]", letters)) == (language == "en")
        assert bool(re.search("[а-я]", letters)) == (language == "ru")


def test_a_mailbox_that_stays_in_error_is_an_alarm_and_its_return_ends_it(studio: Studio) -> None:
    app = studio.open()
    inbox = Path(str(app.mailboxes()[0].source.place))
    away = inbox.rename(inbox.with_name("away"))
    assert not app.daemon().once()
    studio.clock.forward(minutes=16)
    assert not app.daemon().once()
    assert said(studio, app) == ["Needs attention: mailbox support"]
    away.rename(inbox)
    assert app.daemon().once()
    assert said(studio, app) == ["Needs attention: mailbox support", "Well again: mailbox support"]


def test_a_mailbox_that_another_daemon_tries_to_read_is_not_well_again(any_studio: Studio, app: App) -> None:
    inbox = Path(str(app.mailboxes()[0].source.place))
    inbox.rename(inbox.with_name("away"))
    assert not any_studio.open().daemon().once()
    any_studio.clock.forward(minutes=16)
    other = any_studio.open().daemon()
    with app.desk.database.lock("mailbox:support"):  # a server that does not answer holds the first one up
        other.once()
    assert said(any_studio, app) == ["Needs attention: mailbox support"]
    assert other.looked == {}


def test_the_end_of_a_mailbox_that_is_no_longer_configured_is_not_waited_for(studio: Studio) -> None:
    app = studio.open()
    for kind, name in (("mailbox", "support"), ("mailbox", "sales"), ("grant", "sales")):
        alarms.begin(app.desk, kind, name, "no answer")  # type: ignore[arg-type]
    daemon = studio.start("run")
    until(lambda: studio.run("check").returncode == 0, "the daemon forgets what it does not know, and reads what it does")
    daemon.terminate()
    daemon.wait(timeout=20)
    forgotten = re.findall(r'state="forgotten: no longer configured" of="(.+?)"', (studio.folder / "log").read_text())
    assert forgotten == ["mailbox sales", "grant sales"]
    assert not studio.outbox(app, "notice")


def test_check_tells_what_the_daemon_has_met(any_studio: Studio, app: App) -> None:
    alarms.begin(app.desk, "mailbox", "support", "OVERQUOTA")
    any_studio.clock.forward(minutes=1)
    alarms.begin(app.desk, "audit", "", "2 messages are missing")
    checked = any_studio.run("check")
    assert checked.returncode == 1
    assert [line for line in checked.stdout.splitlines() if line.startswith("WRONG")] == [
        "WRONG trouble: mailbox support since 2026-11-18 12:00, as `mailbot run` found: OVERQUOTA",
        "WRONG trouble: audit since 2026-11-18 12:01, as `mailbot run` found: 2 messages are missing",
    ]
