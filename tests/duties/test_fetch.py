"""Fetching from a real Dovecot and from Maildirs: nothing is missed, nothing comes twice, nobody's flags change."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient

from mailbot.app import App
from mailbot.audit import audit
from mailbot.edge import maildir
from mailbot.edge.imap import Imap
from mailbot.errors import PermanentError, TransientError
from mailbot.fetch import fetch
from mailbot.intake import take_in
from tests.conftest import Studio
from tests.duties.mails import mail, mail_with_file
from tests.servers import Dovecot, ImapUser, dovecot_server, free_port, silent_server, until


@pytest.fixture
def reading(studio: Studio, imap_user: ImapUser) -> Studio:
    """A desk that reads the IMAP mailbox and keeps what is in it."""
    studio.configure(mailbox=[imap_user.settings()])
    return studio


@pytest.fixture
def own_dovecot() -> Iterator[Dovecot]:
    """A Dovecot that the test may stop."""
    with dovecot_server() as server:
        yield server


def outcomes(journal: list[dict[str, object]]) -> list[object]:
    return [row["outcome"] for row in journal]


def mailbox_fetch(app: App) -> int:
    return fetch(app.desk, app.mailboxes()[0])


# What other clients do to the mailbox


def read_it(client: IMAPClient) -> None:
    client.fetch(client.search("ALL"), ["BODY[]"])


def flag_it(client: IMAPClient) -> None:
    client.add_flags(client.search("ALL"), [rb"\Flagged", rb"\Answered"])


def mark_it_deleted(client: IMAPClient) -> None:
    client.add_flags(client.search("ALL"), [rb"\Deleted", rb"\Seen"])


@pytest.mark.parametrize("deed", [read_it, flag_it, mark_it_deleted], ids=["read", "flagged", "marked as deleted"])
def test_a_mail_that_another_client_has_touched_first_is_not_missed(
    reading: Studio, imap_user: ImapUser, deed: Callable[[IMAPClient], None]
) -> None:
    imap_user.append(mail(1), mail(2))
    with imap_user.client() as client:
        deed(client)
    assert outcomes(reading.take_in(reading.open())) == ["ticket", "ticket"]


def test_fetching_leaves_every_flag_as_it_was(reading: Studio, imap_user: ImapUser) -> None:
    imap_user.append(mail(1))
    imap_user.append(mail(2), flags=(rb"\Flagged",))
    before = imap_user.flags()
    assert outcomes(reading.take_in(reading.open())) == ["ticket", "ticket"]
    assert imap_user.flags() == before == {1: (), 2: (rb"\Flagged",)}


def test_only_what_is_above_the_cursor_is_fetched_again(reading: Studio, imap_user: ImapUser) -> None:
    app = reading.open()
    imap_user.append(mail(1), mail(2))
    assert mailbox_fetch(app) == 2
    assert mailbox_fetch(app) == 0
    imap_user.append(mail(3))
    assert mailbox_fetch(app) == 1
    assert [row["uid"] for row in reading.journal(app)] == [1, 2, 3]


def test_a_folder_with_very_many_messages_is_asked_for_their_uids_a_part_at_a_time(
    reading: Studio, imap_user: ImapUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailbot.edge.imap.SEARCHED", 4)
    imap_user.append(*map(mail, range(1, 15)))
    with imap_user.client() as client:
        client.delete_messages([4, *range(6, 11), 14])
        client.expunge()
    box = reading.open().mailboxes()[0].source
    assert isinstance(box, Imap)
    box.select()
    for above in (0, 3, 4, 11, 12, 13, 40):
        assert list(box.uids_above(above)) == [uid for uid in (1, 2, 3, 5, 11, 12, 13) if uid > above], above
    box.close()


def test_a_mail_that_was_moved_away_and_back_is_one_ticket(reading: Studio, imap_user: ImapUser) -> None:
    app = reading.open()
    imap_user.append(mail(1))
    reading.take_in(app)
    with imap_user.client() as client:
        client.create_folder("Elsewhere")
        client.move([1], "Elsewhere")
        client.select_folder("Elsewhere")
        client.move(client.search("ALL"), "INBOX")
    assert outcomes(reading.take_in(app)) == ["ticket", "duplicate"]
    assert len(reading.tickets(app)) == 1
    assert audit(app.desk, app.mailboxes()).complete


def test_a_mail_that_was_moved_away_before_the_first_look_comes_in_when_it_is_back(reading: Studio, imap_user: ImapUser) -> None:
    app = reading.open()
    imap_user.append(mail(1), mail(2))
    with imap_user.client() as client:
        client.create_folder("Elsewhere")
        client.move([1], "Elsewhere")
    assert len(reading.take_in(app)) == 1
    with imap_user.client("Elsewhere") as client:
        client.move(client.search("ALL"), "INBOX")
    assert outcomes(reading.take_in(app)) == ["ticket", "ticket"]


def forget_the_uids(user: ImapUser) -> None:
    """The server loses its UID list, as after a restore from a backup."""
    for path in (user.server.folder / "mail" / user.name).rglob("dovecot*"):
        if path.name.startswith(("dovecot-uidlist", "dovecot.index")):
            path.unlink()


def make_the_folder_anew(user: ImapUser) -> None:
    """The folder is deleted and made again with the same messages."""
    with user.client("Support") as client:
        octets = [row[b"BODY[]"] for _, row in sorted(client.fetch(client.search("ALL"), ["BODY.PEEK[]"]).items())]
        client.select_folder("INBOX")
        client.delete_folder("Support")
    user.append(*octets, folder="Support")


@pytest.mark.parametrize("renew", [forget_the_uids, make_the_folder_anew])
def test_after_a_change_of_uidvalidity_every_message_has_still_one_row_and_new_ones_come_in(
    any_studio: Studio, imap_user: ImapUser, renew: Callable[[ImapUser], None]
) -> None:
    any_studio.configure(mailbox=[imap_user.settings(folder="Support")])
    app = any_studio.open()
    imap_user.append(mail(1), mail(2), mail(2), folder="Support")  # the same octets twice are two places
    before = any_studio.take_in(app)
    renew(imap_user)
    imap_user.append(mail(4), folder="Support")
    after = any_studio.take_in(app)
    assert outcomes(before) == ["ticket", "ticket", "duplicate"]
    assert outcomes(after) == [*outcomes(before), "ticket"]
    assert {row["uidvalidity"] for row in after}.isdisjoint(row["uidvalidity"] for row in before)
    assert sorted(row["uid"] for row in after) == imap_user.uids("Support")
    assert audit(app.desk, app.mailboxes()).complete


def test_uids_that_begin_again_below_the_cursor_are_read(reading: Studio, imap_user: ImapUser) -> None:
    reading.configure(mailbox=[imap_user.settings(folder="Support")])
    app = reading.open()
    imap_user.append(*(mail(number) for number in range(5)), folder="Support")
    reading.take_in(app)
    with imap_user.client() as client:
        client.delete_folder("Support")
    imap_user.append(mail("new"), folder="Support")
    assert reading.take_in(app)[-1]["message_id"] == "request-new@rose.example"


def test_two_changes_of_uidvalidity_double_nothing(reading: Studio, imap_user: ImapUser) -> None:
    app = reading.open()
    imap_user.append(mail(1), mail(2))
    reading.take_in(app)
    for _ in range(2):
        forget_the_uids(imap_user)
        assert outcomes(reading.take_in(app)) == ["ticket", "ticket"]
    assert len(reading.outbox(app, "acknowledgement")) == 2


# What is done to a message after the commit


def test_done_move_puts_journalled_messages_into_a_folder_that_it_makes(studio: Studio, imap_user: ImapUser) -> None:
    studio.configure(mailbox=[imap_user.settings(done="move:Handled")])
    imap_user.append(mail(1), mail(2))
    assert outcomes(studio.take_in(studio.open())) == ["ticket", "ticket"]
    assert imap_user.uids() == []
    assert len(imap_user.uids("Handled")) == 2


def test_done_delete_removes_what_is_journalled_and_not_what_people_marked_meanwhile(studio: Studio, imap_user: ImapUser) -> None:
    studio.configure(mailbox=[imap_user.settings(done="delete")])
    imap_user.append(mail(1))
    marked = iter([mail(2)])

    def clock() -> datetime:
        """Asked between the reading of a batch and its commit: then somebody else marks a mail that just came."""
        imap_user.append(*marked, flags=(rb"\Deleted",))
        return studio.clock()

    app = studio.open()
    fetch(replace(app.desk, clock=clock), app.mailboxes()[0])
    assert [row["uid"] for row in studio.journal(app)] == [1]
    assert imap_user.flags() == {2: (rb"\Deleted",)}


def test_what_a_crash_left_journalled_and_not_moved_is_moved_at_the_next_look(studio: Studio, imap_user: ImapUser) -> None:
    studio.configure(mailbox=[imap_user.settings()])
    imap_user.append(mail(1))
    mailbox_fetch(studio.open())  # the journal has it, the mailbox is untouched: as after a crash between the two
    studio.configure(mailbox=[imap_user.settings(done="move:Handled")])
    app = studio.open()
    mailbox_fetch(app)
    assert (imap_user.uids(), len(imap_user.uids("Handled")), len(studio.journal(app))) == ([], 1, 1)


@pytest.mark.parametrize("done", ["keep", "move:Handled", "delete"])
def test_a_message_whose_commit_fails_stays_in_the_mailbox_and_comes_in_later(studio: Studio, imap_user: ImapUser, done: str) -> None:
    studio.configure(mailbox=[imap_user.settings(done=done)])
    app = studio.open()
    imap_user.append(mail(1))
    with sqlite3.connect(studio.folder / "mailbot.db") as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no room'); END")
    with pytest.raises(Exception, match="no room"):
        mailbox_fetch(app)
    assert imap_user.flags() == {1: ()}
    with sqlite3.connect(studio.folder / "mailbot.db") as other:
        other.execute("DROP TRIGGER full")
    other.close()
    assert outcomes(studio.take_in(studio.open())) == ["ticket"]
    assert len(imap_user.uids()) == (1 if done == "keep" else 0)


# Octets


def test_a_message_above_256_kib_lies_in_the_blob_store_and_a_smaller_one_in_the_database(reading: Studio, imap_user: ImapUser) -> None:
    large = mail_with_file(bytes(range(256)) * 1200, number="large")
    small = mail_with_file(b"small", number="small")
    imap_user.append(large, small)
    app = reading.open()
    rows = reading.take_in(app)
    assert [row["size"] for row in rows] == [len(large), len(small)]
    assert [path.name for path in (reading.folder / "blobs").rglob("*") if path.is_file()] == [rows[0]["sha256"]]
    with app.desk.database.reading() as transaction:
        assert [app.desk.octets(transaction, int(row["id"])) for row in rows] == [large, small]


def test_a_backlog_of_more_than_one_batch_comes_in_whole_and_in_order(reading: Studio, imap_user: ImapUser) -> None:
    imap_user.append(*(mail(number) for number in range(230)))
    app = reading.open()
    assert mailbox_fetch(app) == 230
    assert [row["uid"] for row in reading.journal(app)] == imap_user.uids()


def test_what_arrives_between_the_batches_of_a_backlog_comes_in_with_the_next_look(reading: Studio, imap_user: ImapUser) -> None:
    imap_user.append(*(mail(number) for number in range(101)))
    app = reading.open()
    arrivals = iter([mail("meanwhile")])
    fetch(app.desk, app.mailboxes()[0], after_commit=lambda: imap_user.append(*arrivals))
    mailbox_fetch(app)
    assert [row["uid"] for row in reading.journal(app)] == imap_user.uids()


def test_messages_that_vanish_between_the_batches_hold_up_nothing(reading: Studio, imap_user: ImapUser) -> None:
    imap_user.append(*(mail(number) for number in range(150)))
    app = reading.open()

    def expunge_some() -> None:
        with imap_user.client() as client:
            client.delete_messages([120, 150])
            client.expunge([120, 150])

    fetch(app.desk, app.mailboxes()[0], after_commit=expunge_some)
    imap_user.append(mail("last"))
    mailbox_fetch(app)
    assert [row["uid"] for row in reading.journal(app)] == imap_user.uids()


# Servers that are away, or say no


def test_a_server_that_is_away_is_waited_for_and_read_when_it_is_back(studio: Studio, own_dovecot: Dovecot) -> None:
    user = own_dovecot.user("anna")
    studio.configure(mailbox=[user.settings()])
    app = studio.open()
    box = app.mailboxes()[0]
    user.append(mail(1))
    assert fetch(app.desk, box) == 1
    own_dovecot.stop()
    for _ in range(2):  # once with the old connection, once without any
        with pytest.raises(TransientError, match=r"^mailbox anna@127\.0\.0\.1:\d+/INBOX: [^\n]*will try again$"):
            fetch(app.desk, box)
    own_dovecot.start()
    user.append(mail(2))
    assert fetch(app.desk, box) == 1
    assert [row["uid"] for row in studio.journal(app)] == [1, 2]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"password": "wrong"}, "the server refuses the login"),
        ({"security": "tls", "port": "tls"}, "the certificate is not valid"),
        ({"security": "starttls"}, "the certificate is not valid"),
    ],
    ids=["a wrong password", "a certificate that nobody vouches for", "the same with STARTTLS"],
)
def test_what_only_a_person_can_mend_is_one_line_that_says_how(
    studio: Studio, imap_user: ImapUser, change: dict[str, object], says: str
) -> None:
    change = change | ({"port": imap_user.server.tls_port} if change.get("port") else {})
    studio.configure(mailbox=[imap_user.settings(**change)])
    with pytest.raises(PermanentError, match=rf"^mailbox [^\n]*: {says} \([^\n]+\); mend [^\n]+$"):
        mailbox_fetch(studio.open())


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_comes_in_over_an_encrypted_connection(
    studio: Studio, imap_user: ImapUser, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(imap_user.server.certificate))
    port = imap_user.server.tls_port if security == "tls" else imap_user.server.port
    studio.configure(mailbox=[imap_user.settings(security=security, port=port, host="localhost")])
    imap_user.append(mail(1))
    assert outcomes(studio.take_in(studio.open())) == ["ticket"]


def test_a_port_where_nobody_listens_is_waited_for(studio: Studio, imap_user: ImapUser) -> None:
    studio.configure(mailbox=[imap_user.settings(port=free_port())])
    with pytest.raises(TransientError, match="will try again"):
        mailbox_fetch(studio.open())


def test_a_folder_that_is_not_there_is_named(studio: Studio, imap_user: ImapUser) -> None:
    studio.configure(mailbox=[imap_user.settings(folder="Nowhere")])
    with pytest.raises(TransientError, match="/Nowhere: "):
        mailbox_fetch(studio.open())


def test_a_mailbox_that_fails_does_not_hold_up_another(studio: Studio, imap_user: ImapUser) -> None:
    studio.configure(mailbox=[imap_user.settings(name="wrong", password="no"), imap_user.settings()])
    imap_user.append(mail(1))
    ended = studio.run("run", "--once")
    assert ended.returncode == 1
    assert "the server refuses the login" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert outcomes(studio.journal(studio.open())) == ["ticket"]


# Several processes


def test_two_processes_at_once_on_one_mailbox_add_nothing_twice(any_studio: Studio, imap_user: ImapUser) -> None:
    any_studio.configure(mailbox=[imap_user.settings()])
    app = any_studio.open()
    imap_user.append(*(mail(number) for number in range(120)))
    both = [any_studio.start("run", "--once", log=f"log{number}") for number in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0], (any_studio.folder / "log0").read_text()
    assert outcomes(any_studio.journal(app)) == ["ticket"] * 120
    assert len(any_studio.outbox(app, "acknowledgement")) == len(any_studio.outbox(app, "forward")) == 120
    assert len(maildir.Maildir(any_studio.folder / "out").names()) == 240


def test_one_mailbox_under_two_names_gives_each_message_one_ticket(any_studio: Studio, imap_user: ImapUser) -> None:
    any_studio.configure(mailbox=[imap_user.settings()])
    app = any_studio.open()
    imap_user.append(*(mail(number) for number in range(60)))
    first = any_studio.start("run", "--once", log="log0")
    any_studio.file = "twin.toml"
    any_studio.configure(mailbox=[imap_user.settings(name="twin")])
    second = any_studio.start("run", "--once", log="log1")
    assert [first.wait(timeout=120), second.wait(timeout=120)] == [0, 0]
    assert sorted(map(str, outcomes(any_studio.journal(app)))) == ["duplicate"] * 60 + ["ticket"] * 60


def test_a_run_that_is_killed_and_run_again_has_every_message_once(any_studio: Studio, imap_user: ImapUser) -> None:
    any_studio.configure(mailbox=[imap_user.settings()])
    app = any_studio.open()
    count = 400
    imap_user.append(*(mail(number) for number in range(count)))
    killed = any_studio.start("run", "--once")
    until(lambda: sum(row["outcome"] == "ticket" for row in any_studio.journal(app)) >= 50, "some are decided")
    killed.kill()
    killed.wait()
    assert 50 <= len(any_studio.tickets(app)) < count, "it was killed too late to show anything"
    again = any_studio.run("run", "--once")
    assert again.returncode == 0, again.stderr
    rows = any_studio.journal(app)
    assert outcomes(rows) == ["ticket"] * count
    assert len({row["message_id"] for row in rows}) == count
    assert len(any_studio.tickets(app)) == count
    assert len({one["to"] + one["subject"] for one in any_studio.outbox(app, "acknowledgement")}) == count
    assert len(any_studio.outbox(app, "acknowledgement")) == count
    assert audit(app.desk, app.mailboxes()).complete


# Maildir


def test_a_maildir_is_read_in_new_and_cur_whatever_the_flags(studio: Studio) -> None:
    box = maildir.create(studio.folder / "in")
    (box / "new" / "1.a.host").write_bytes(mail(1))
    (box / "cur" / "2.b.host:2,").write_bytes(mail(2))
    (box / "cur" / "3.c.host:2,FRST").write_bytes(mail(3))
    (box / "tmp" / "4.d.host").write_bytes(mail(4))  # not delivered yet
    app = studio.open()
    assert [row["uid"] for row in studio.take_in(app)] == ["1.a.host", "2.b.host", "3.c.host"]


def test_a_maildir_is_read_in_the_order_of_delivery(studio: Studio) -> None:
    box = maildir.create(studio.folder / "in")
    delivered = [
        "999999999.M1P1.host",
        "1000000000.9_0.host",
        "1000000000.M95P700Q1.host",
        "1000000000.V801I2aM1200.host",
        "1000000000.M30000P700Q2.host",
        "1000000001.M2P700V801I2b_0.host,S=512",
    ]
    for number, name in enumerate(reversed(delivered)):
        (box / "new" / name).write_bytes(mail(number))
    assert [row["uid"] for row in studio.take_in(studio.open())] == delivered


def test_a_file_whose_name_changes_with_its_flags_stays_one_message(studio: Studio) -> None:
    studio.arrive(mail(1))
    app = studio.open()
    studio.take_in(app)
    (found,) = (studio.folder / "in" / "new").iterdir()
    read = found.rename(studio.folder / "in" / "cur" / f"{found.name}:2,S")
    assert outcomes(studio.take_in(app)) == ["ticket"]
    read.rename(read.with_name(f"{found.name}:2,RST"))
    assert outcomes(studio.take_in(app)) == ["ticket"]


def test_a_file_that_moves_while_it_is_read_is_found_where_it_went(studio: Studio) -> None:
    studio.arrive(mail(1))
    box = maildir.Maildir(studio.folder / "in")
    ((name, path),) = box.names().items()
    Path(path).rename(studio.folder / "in" / "cur" / f"{name}:2,S")
    assert (box.read(name, path) or (b"",))[0] == mail(1)


@pytest.mark.parametrize(("done", "left", "moved"), [("keep", 2, 0), ("move:Handled", 0, 2), ("delete", 0, 0)])
def test_done_for_a_maildir(studio: Studio, done: str, left: int, moved: int) -> None:
    studio.configure(mailbox=[{"name": "support", "kind": "maildir", "path": "in", "done": done}])
    assert outcomes(studio.take_in(studio.open(), mail(1), mail(2))) == ["ticket", "ticket"]
    assert len(maildir.Maildir(studio.folder / "in").names()) == left
    handled = studio.folder / "in" / "Handled"
    assert (len(maildir.Maildir(handled).names()) if handled.exists() else 0) == moved


def test_a_maildir_that_is_not_there_is_named(studio: Studio) -> None:
    app = studio.open()
    shutil.rmtree(studio.folder / "in")
    with pytest.raises(TransientError, match=r"in: is no Maildir \([^\n]+\); make it, or mend"):
        mailbox_fetch(app)


def test_a_large_maildir_backlog_is_taken_in_while_it_is_fetched(studio: Studio) -> None:
    studio.arrive(*(mail(number) for number in range(150)))
    app = studio.open()
    decided: list[int] = []
    fetch(app.desk, app.mailboxes()[0], after_commit=lambda: decided.append(take_in(app.desk)))
    assert decided == [100, 50]


def test_a_mailbox_that_never_answers_does_not_lose_what_another_brought(studio: Studio, tmp_path: Path) -> None:
    with silent_server() as server:
        hanging = {"name": "hanging", "host": "127.0.0.1", "port": server.port, "security": "none", "username": "a", "password": "b"}
        studio.configure(mailbox=[{"name": "support", "kind": "maildir", "path": "in", "poll_seconds": 1}, hanging])
        app = studio.open()
        studio.arrive(mail(1))
        studio.start("run")
        until(lambda: outcomes(studio.journal(app)) == ["ticket"], "the message that lies in the Maildir is taken in")
