"""Connections that are cut at any octet, in either direction: nothing is lost, nothing doubled."""

import random
from collections import Counter

import pytest

from mailbot.deliver import deliver
from mailbot.edge.imap import Imap
from mailbot.errors import TransientError
from mailbot.fetch import fetch
from mailbot.intake import take_in
from tests.conftest import Studio
from tests.crashes.ledger import message_ids
from tests.duties.mails import mail
from tests.servers import Dovecot, ImapUser, SmtpServer, wire

MESSAGES = 12


@pytest.mark.parametrize("done", ["keep", "move:Done", "delete"])
def test_an_imap_connection_that_is_cut_anywhere_loses_and_doubles_nothing(
    studio: Studio, dovecot: Dovecot, imap_user: ImapUser, done: str
) -> None:
    imap_user.append(*(mail(number) for number in range(MESSAGES)))
    with wire(dovecot.port) as line:
        studio.configure(mailbox=[imap_user.settings(port=line.port, done=done)])
        app = studio.open()
        (mailbox,) = app.mailboxes()
        fetch(app.desk, mailbox)  # how much a whole look is
        whole = line.carried
        imap_user.append(*(mail(number) for number in range(MESSAGES, 3 * MESSAGES)))
        broken = 0
        # The nearest cuts first: a look that comes through leaves little for the next ones to carry.
        for budget in sorted(random.sample(range(1, whole * 2), 25)):
            assert isinstance(mailbox.source, Imap)
            mailbox.source.close()
            line.budget = budget
            try:
                fetch(app.desk, mailbox)
            except TransientError:
                broken += 1
            line.budget = None
        fetch(app.desk, mailbox)
        mailbox.source.close()
    take_in(app.desk)
    assert broken, "no cut was noticed"
    assert sorted(one["message_id"] for one in studio.journal(app)) == sorted(f"request-{n}@rose.example" for n in range(3 * MESSAGES))
    assert len(studio.tickets(app)) == 3 * MESSAGES
    assert len(imap_user.uids()) == (3 * MESSAGES if done == "keep" else 0)
    if done.startswith("move:"):
        assert len(imap_user.uids("Done")) == 3 * MESSAGES


def test_an_smtp_connection_that_is_cut_anywhere_sends_no_automatic_mail_twice_and_loses_none_without_a_word(
    studio: Studio, smtp_server: SmtpServer
) -> None:
    with wire(smtp_server.port) as line:
        studio.configure(smtp=smtp_server.settings(port=line.port))
        app = studio.open()
        studio.take_in(app, *(mail(number, sender=f"C <client{number}@rose.example>") for number in range(MESSAGES)))
        transport = app.transport()
        while any(one["state"] in ("due", "sending") for one in studio.outbox(app)):
            line.budget = random.randrange(1, 20_000)
            try:
                deliver(app.desk, transport, lambda: 0.0)
            except TransientError:
                line.budget = None
            studio.clock.forward(minutes=5)
    went = Counter(message_ids(one.octets for one in smtp_server.taken))
    rows = studio.outbox(app)
    assert len(rows) == 2 * MESSAGES
    for one in rows:
        times = went[one["message_id"]]
        if one["kind"] == "acknowledgement":
            assert times <= 1
            assert times == 1 or "in doubt" in one["error"]
        else:
            assert times in (1, 2) or (times == 0 and "in doubt" in one["error"])
