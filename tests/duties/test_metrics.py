"""Metrics: numbers of the database and of the daemon, over HTTP or as a file."""

import os
import urllib.request
from functools import partial

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from mailbot import alarms, metrics
from mailbot.app import App
from mailbot.edge.db import tables
from mailbot.errors import ConfigError
from mailbot.fetch import fetch
from tests.conftest import Studio
from tests.duties.mails import mail
from tests.servers import free_port, until

Numbers = dict[tuple[str, str], float]


def numbers(text: str) -> Numbers:
    """{(name, value of the label): number} of the text format."""
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_numbers_are_those_of_the_database(any_studio: Studio) -> None:
    app = any_studio.open()
    take = partial(metrics.take, app.desk, {"support": any_studio.clock()}, {"deliver": 3})

    def now() -> dict[str, dict[str, float]]:
        return {one.name: dict(one.values) for one in take()}

    assert now()["oldest_pending_seconds"] == now()["oldest_due_seconds"] == {"": 0}
    any_studio.take_in(app, mail(1), mail(2))
    any_studio.deliver(app)
    any_studio.arrive(mail(3), mail(4, sender="x <evil{label}@rose.example>"))
    fetch(app.desk, app.mailboxes()[0])
    any_studio.clock.forward(seconds=90)
    alarms.begin(app.desk, "mailbox", "support", "away")
    found = now()
    assert found["messages"] == {"ticket": 2, "pending": 2}
    assert found["outbox_mails"] == {"due": 0, "sending": 0, "sent": 4, "failed": 0}
    assert found["oldest_pending_seconds"] == {"": 90}
    assert found["alarms"] == {"mailbox": 1, "audit": 0, "grant": 0}
    assert found["mailbox_look_age_seconds"] == {"support": 90}
    assert found["duty_failures"] == {"deliver": 3}
    with app.desk.database.writing() as transaction:
        transaction.execute(update(tables.outbox).where(tables.outbox.c.id == 2).values(state="due"))
    assert now()["oldest_due_seconds"] == {"": 90}
    assert not any("rose.example" in label for values in now().values() for label in values)


def test_the_daemon_answers_scrapes(studio: Studio) -> None:
    port = free_port()
    studio.configure(metrics={"listen": f"127.0.0.1:{port}", "textfile": "mailbot.prom"})
    studio.arrive(mail(1))
    studio.start("run")

    def scraped() -> Numbers:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return numbers(answer.read().decode())

    until(lambda: "event=fetched" in (studio.folder / "log").read_text(), "the daemon has worked")
    until(lambda: ("mailbot_mailbox_look_age_seconds", "support") in scraped(), "the look has ended")
    found = scraped()
    assert found["mailbot_messages", "ticket"] == 1
    assert found["mailbot_mailbox_look_age_seconds", "support"] < 60
    until((studio.folder / "mailbot.prom").exists, "the file is written")
    assert ("mailbot_alarms", "audit") in numbers((studio.folder / "mailbot.prom").read_text())


def test_a_port_that_is_taken_is_a_mistake_of_the_configuration(studio: Studio) -> None:
    port = free_port()
    studio.configure(metrics={"listen": f"127.0.0.1:{port}"})
    app: App = studio.open()
    app.publish(app.daemon())
    with pytest.raises(ConfigError, match=rf"metrics.listen: 127.0.0.1:{port}: Address already in use"):
        app.publish(app.daemon())


@pytest.mark.parametrize("listen", ["0.0.0.0:9464", "9464", "127.0.0.1", "[::]:9464", "127.0.0.1:99999", "studio.example:80"])
def test_only_this_machine_may_ask(studio: Studio, listen: str) -> None:
    studio.configure(metrics={"listen": listen})
    with pytest.raises(ConfigError, match=r"metrics.listen: .* must be a port of this machine"):
        studio.open()


def test_the_collector_may_read_the_file_that_the_service_writes(studio: Studio) -> None:
    studio.configure(metrics={"textfile": "mailbot.prom"})
    app = studio.open()
    daemon = app.daemon()
    app.publish(daemon)
    ((_, write),) = daemon.minutely
    before = os.umask(0o077)  # as systemd/mailbot.service has it
    try:
        write()
    finally:
        os.umask(before)
    assert (studio.folder / "mailbot.prom").stat().st_mode & 0o777 == 0o644
    assert [one.name for one in studio.folder.glob("mailbot.prom*")] == ["mailbot.prom"]


def test_a_folder_that_is_not_there_is_told_and_stops_nothing(studio: Studio) -> None:
    studio.configure(metrics={"textfile": "away/mailbot.prom"})
    app = studio.open()
    daemon = app.daemon()
    app.publish(daemon)
    ((name, write),) = daemon.minutely
    daemon.duty(name, write)
    assert "make its folder" in daemon.said["metrics"]
