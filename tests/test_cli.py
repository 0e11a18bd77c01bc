"""The commands, driven as people and scripts drive them: the real program, on a Maildir that brings mail and one that takes it."""

import contextlib
import json
import mailbox
import re
import sqlite3
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import pytest

import mailbot as package
from tests.command import command

CONFIGURATION = """\
[desk]
name = "Web Studio"
address = "support@studio.example"
operators = ["boss@studio.example"]

[[mailbox]]
name = "support"
kind = "maildir"
path = "incoming"

[smtp]
kind = "maildir"
path = "outgoing"
"""
CLIENTS = """\
[[client]]
name = "Rose Shop"
domains = ["rose.example"]
contacts = ["anna@rose.example", "rose.shop@mail.ru"]
language = "ru"
class = "standard"
handed_over = 2026-10-01
contract = { kind = "monthly", since = 2026-01-01, fee = "15000", included_minutes = 300 }   # monthly | hourly | none
"""
# The keys that scripts rely on, and after them those that were added since.
TICKET_KEYS = {
    *("number", "status", "client", "requester", "subject", "coverage", "urgent", "cause", "repeats", "possible_repeat_of", "minutes"),
    *("opened_at", "verdict_due_at", "first_response_at", "closed_at"),
    *("related_to", "language", "merged_into", "cause_by"),
}
SHOW_KEYS = TICKET_KEYS | {"messages", "work", "answers", "events", "possible_repeats"}
MESSAGE_KEYS = {"direction", "kind", "message_id", "from", "at", "text", "attachments", "because", "visible", "journal_id"}
JOURNAL_KEYS = {"id", "mailbox", "uidvalidity", "uid", "message_id", "sha256", "size", "received_at", "outcome", "ticket", "because"}
OUTBOX_KEYS = {"id", "kind", "to", "subject", "message_id", "state", "attempts", "next_attempt_at", "ticket", "error", "created_at"}
PARSE_KEYS = {
    *("subject", "from", "reply_to", "to", "cc", "date", "message_id", "in_reply_to", "references", "text", "html", "attachments"),
    *("kind", "auto_reply_allowed", "because", "bounce", "visible_reply", "language", "charset", "defects"),
}
ATTACHMENT_KEYS = {"filename", "content_type", "size", "sha256", "content_id", "inline"}
COMMANDS = (
    *("demo", "init", "check", "run", "parse", "import", "tickets", "show", "journal", "outbox", "audit", "quarantine", "replay"),
    *(
        "reply",
        "note",
        "close",
        "reopen",
        "time",
        "cause",
        "repeat",
        "split",
        "urgent",
        "fixed",
        "learn",
        "client",
        "clients",
        "act",
        "summary",
        "db",
    ),
)


def mail(number: int, subject: str, text: str, sender: str = "Anna <anna@rose.example>", more: str = "") -> bytes:
    """A message's octets."""
    return (
        f"From: {sender}\r\nTo: support@studio.example\r\nSubject: {subject}\r\nMessage-ID: <m{number}@rose.example>\r\n"
        f"Date: Mon, 05 Oct 2026 10:0{number}:00 +0000\r\n{more}\r\n{text}\r\n"
    ).encode()


FORM = mail(1, "The contact form", "The contact form on the site does not send anything since this morning.")
LOGO = mail(2, "The logo", "Please put the new logo on the start page, it is on our drive.", "Boris <boris@other.example>")


class Program:
    """mailbot in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "mailbot.toml").write_text(CONFIGURATION)
        (folder / "secret").write_text("0123456789abcdef")
        self.incoming = mailbox.Maildir(folder / "incoming", create=True)

    def __call__(self, *words: object, stdin: bytes = b"", status: int = 0) -> subprocess.CompletedProcess[bytes]:
        """Run a command that ends with that status; its errors are a line each."""
        environment = {"USER": "olga", "SUDO_USER": "", "COLUMNS": "100", "TERM": "dumb"}
        run = command(*map(str, words), cwd=self.folder, stdin=stdin, **environment)
        assert run.returncode == status, run.stderr.decode()
        assert b"Traceback" not in run.stderr
        return run

    def lines(self, *words: object, stdin: bytes = b"") -> list[str]:
        """What a command that succeeds prints; nothing on stderr."""
        run = self(*words, stdin=stdin)
        assert run.stderr == b""
        return run.stdout.decode().splitlines()

    def json(self, *words: object, status: int = 0, stdin: bytes = b"") -> Any:
        """The one JSON value on stdout."""
        run = self(*words, "--json", status=status, stdin=stdin)
        assert run.stderr == b""
        return json.loads(run.stdout)

    def fails(self, *words: object, status: int = 1, stdin: bytes = b"") -> str:
        """The one line of a command that fails; stdout stays empty."""
        run = self(*words, status=status, stdin=stdin)
        assert run.stdout == b""
        said = run.stderr.decode().splitlines()
        assert len(said) == 1, said
        assert said[0].startswith("mailbot: ")
        return said[0].removeprefix("mailbot: ")

    def take(self, *messages: bytes) -> None:
        """Let messages arrive and be handled."""
        for octets in messages:
            self.incoming.add(octets)
        assert self("run", "--once").stdout == b""

    def sent(self) -> list[Message]:
        """What went out, oldest first."""
        return [message_from_bytes(path.read_bytes()) for path in sorted((self.folder / "outgoing" / "new").glob("*"))]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A desk with two tickets; for looking only."""
    program = Program(tmp_path_factory.mktemp("worked"))
    attached = (
        "Content-Type: multipart/mixed; boundary=b\r\nMIME-Version: 1.0\r\n\r\n--b\r\n\r\nThe contact form fails.\r\n--b\r\n"
        'Content-Type: text/csv\r\nContent-Disposition: attachment; filename="a.csv"\r\n\r\n1;2\r\n--b--\r\n'
    )
    program.take(mail(1, "The contact form", "", more=attached), LOGO)
    return program


def is_moment(text: str) -> bool:
    """ISO 8601 with an offset."""
    return datetime.fromisoformat(text).tzinfo is not None


# Help, version, usage


def test_the_version_is_the_package_s(program: Program) -> None:
    assert program.lines("--version") == [f"mailbot {package.__version__}"]
    real = subprocess.run([sys.executable, "-m", "mailbot", "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert real.stdout == f"mailbot {package.__version__}\n"


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_names_every_command_with_a_sentence(program: Program, flag: str) -> None:
    shown = program(flag).stdout.decode()
    for name in COMMANDS:
        assert re.search(rf"^│ {name} +\w", shown, re.MULTILINE), name


@pytest.mark.parametrize(
    "words",
    [("nonsense",), ("show",), ("show", "x"), ("show", "0"), ("tickets", "--nonsense"), ("tickets", "--status", "lost"), ("time", "1"), ()],
    ids=lambda words: " ".join(words) or "nothing",
)
def test_wrong_usage_ends_with_2(program: Program, words: tuple[str, ...]) -> None:
    program(*words, status=2)
    assert not (program.folder / "mailbot.db").exists()


# init, check, run


def test_init_writes_a_configuration_that_loads_and_a_secret_that_only_its_owner_reads(program: Program) -> None:
    said = program.lines("init", "new/place")
    there = program.folder / "new" / "place"
    assert said[:2] == ["new/place/mailbot.toml: written", "new/place/secret: written"]
    assert tomllib.loads((there / "mailbot.toml").read_text("utf-8"))["desk"]["name"]
    assert len((there / "secret").read_text().strip()) >= 32
    assert (there / "secret").stat().st_mode & 0o077 == 0


def test_init_leaves_existing_files_as_they_are(program: Program) -> None:
    (program.folder / "secret").unlink()
    said = program.lines("init")
    assert said[:2] == ["mailbot.toml: exists already, left as it is", "secret: written"]
    assert (program.folder / "mailbot.toml").read_text() == CONFIGURATION
    secret = (program.folder / "secret").read_text()
    program.lines("init", ".")
    assert (program.folder / "secret").read_text() == secret


def test_init_says_in_one_line_where_it_cannot_write(program: Program) -> None:
    (program.folder / "file").write_text("")
    assert "file" in program.fails("init", "file/below")


def test_two_inits_make_two_secrets(program: Program) -> None:
    program.lines("init", "a")
    program.lines("init", "b")
    assert (program.folder / "a" / "secret").read_text() != (program.folder / "b" / "secret").read_text()


def test_check_gives_each_part_a_line_and_changes_nothing_in_the_mailbox(program: Program) -> None:
    program.incoming.add(FORM)
    said = program.lines("check")
    assert [line.split(": ")[0] for line in said] == [
        "ok    configuration",
        "ok    templates",
        "ok    database",
        "ok    mailbox support",
        "ok    smtp",
    ]
    assert "1 messages" in said[3]
    assert program.json("journal") == []


def test_check_says_which_mailbox_is_missing_and_how_to_mend_it(program: Program) -> None:
    (program.folder / "incoming" / "new").rmdir()
    run = program("check", status=1)
    wrong = [line for line in run.stdout.decode().splitlines() if line.startswith("WRONG")]
    assert len(wrong) == 1
    assert "mailbox support" in wrong[0]
    assert "is no Maildir" in wrong[0]


def test_run_once_fetches_decides_and_sends_and_again_adds_nothing(program: Program) -> None:
    program.take(FORM, LOGO)
    before = program.json("tickets"), program.json("journal"), program.json("outbox")
    assert [one["to"] for one in before[2]] == ["anna@rose.example", "boss@studio.example", "boris@other.example", "boss@studio.example"]
    assert [one["To"] for one in program.sent()] == [
        "Anna <anna@rose.example>",
        "boss@studio.example",
        "Boris <boris@other.example>",
        "boss@studio.example",
    ]
    program.take()
    assert (program.json("tickets"), program.json("journal"), program.json("outbox")) == before
    assert len(program.sent()) == 4


def test_run_once_ends_with_1_when_a_duty_failed_and_says_which(program: Program) -> None:
    (program.folder / "incoming" / "new").rmdir()
    run = program("run", "--once", status=1)
    assert b"fetch support" in run.stderr
    assert b"is no Maildir" in run.stderr


# parse


def test_parse_gives_exactly_these_keys(program: Program) -> None:
    octets = mail(
        1,
        "=?utf-8?B?0KTQvtGA0LzQsA==?=",
        "Hello.\r\n\r\n-- \r\nAnna",
        more="Cc: Ivan <i@rose.example>\r\nIn-Reply-To: <a@b>\r\nReferences: <c@d> <a@b>\r\n",
    )
    (program.folder / "one.eml").write_bytes(octets)
    seen = program.json("parse", "one.eml")
    assert set(seen) == PARSE_KEYS
    assert seen["subject"] == "Форма"
    assert seen["from"] == {"name": "Anna", "addr": "anna@rose.example"}
    assert seen["to"] == [{"name": "", "addr": "support@studio.example"}]
    assert seen["cc"] == [{"name": "Ivan", "addr": "i@rose.example"}]
    assert seen["reply_to"] == []
    assert (seen["message_id"], seen["in_reply_to"], seen["references"]) == ("m1@rose.example", "a@b", ["c@d", "a@b"])
    assert datetime.fromisoformat(seen["date"]) == datetime.fromisoformat("2026-10-05T10:01:00+00:00")
    assert (seen["kind"], seen["auto_reply_allowed"], seen["bounce"], seen["html"]) == ("normal", True, None, None)
    assert seen["text"].strip() == "Hello.\n\n-- \nAnna".strip()
    assert seen["visible_reply"] == "Hello."
    assert not (program.folder / "mailbot.db").exists()


def test_parse_lists_an_attachment_with_size_and_digest_of_its_decoded_octets(program: Program) -> None:
    more = (
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the file.\r\n--b\r\nContent-Type: text/csv\r\n"
        'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="a.csv"\r\n\r\nMTsyCg==\r\n--b--\r\n'
    )
    assert program.json("parse", "-", stdin=mail(1, "File", "", more=more))["attachments"] == [
        {
            "filename": "a.csv",
            "content_type": "text/csv",
            "size": 4,
            "sha256": sha256(b"1;2\n").hexdigest(),
            "md5": md5(b"1;2\n", usedforsecurity=False).hexdigest(),
            "content_id": None,
            "inline": False,
        }
    ]


def test_parse_tells_what_a_bounce_says(program: Program) -> None:
    report = (
        b"From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; gone@rose.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <ours@studio.example>\r\n\r\n--b--\r\n"
    )
    seen = program.json("parse", "-", stdin=report)
    assert (seen["kind"], seen["auto_reply_allowed"]) == ("bounce", False)
    assert seen["bounce"] == {
        "recipients": ["gone@rose.example"],
        "statuses": ["5.1.1"],
        "action": "failed",
        "original_message_id": "ours@studio.example",
    }


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\0",
        b"\n\n\n",
        bytes(range(256)) * 20,
        b"\xff\xfe" * 500,
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--\r\n",
        b"Content-Type: text/plain; charset=\xff\r\nContent-Transfer-Encoding: base64\r\n\r\n=*=*",
        b"From: =?utf-8?B?\r\nDate: never\r\nSubject: =?x?y?z?=\r\n\r\n",
        b"A" * 100_000,
    ],
    ids=[
        "nothing",
        "a zero",
        "empty lines",
        "all octets",
        "no text",
        "an empty boundary",
        "a wrong charset",
        "broken words",
        "one long line",
    ],
)
def test_parse_gives_a_result_for_any_octets(program: Program, octets: bytes) -> None:
    assert set(program.json("parse", "-", stdin=octets)) == PARSE_KEYS


def test_parse_says_in_one_line_that_a_file_is_not_there(program: Program) -> None:
    assert program.fails("parse", "none.eml") == "none.eml: No such file or directory"
    assert program.fails("parse", ".") == ".: Is a directory"


# import


def test_import_brings_an_mbox_in_and_answers_nobody_and_again_adds_nothing(program: Program) -> None:
    with_both = mailbox.mbox(program.folder / "old.mbox")
    with_both.add(FORM)
    with_both.add(LOGO)
    with_both.close()
    assert program.json("import", "old.mbox") == {"found": 2, "new": 2, "handled": 2}
    assert program.json("import", "old.mbox") == {"found": 2, "new": 0, "handled": 0}
    assert [one["subject"] for one in program.json("tickets")] == ["The contact form", "The logo"]
    assert [one["mailbox"] for one in program.json("journal")] == ["import", "import"]
    assert program.json("outbox") == []


def test_import_reads_a_maildir_a_file_and_a_folder_of_files(program: Program) -> None:
    old = mailbox.Maildir(program.folder / "old", create=True)
    old.add(FORM)
    (program.folder / "some" / "deep").mkdir(parents=True)
    (program.folder / "some" / "deep" / "two.eml").write_bytes(LOGO)
    (program.folder / "some" / "not-mail.txt").write_text("no")
    (program.folder / "three.eml").write_bytes(mail(3, "The third", "A third request about the opening hours.", "c@third.example"))
    assert program.json("import", "old")["new"] == 1
    assert program.json("import", "some")["new"] == 1
    assert program.json("import", "three.eml")["new"] == 1
    assert [one["outcome"] for one in program.json("journal")] == ["ticket"] * 3
    assert program.json("outbox") == []


def test_import_takes_a_maildir_in_the_order_of_delivery(program: Program) -> None:
    mailbox.Maildir(program.folder / "old", create=True)
    (program.folder / "old" / "new" / "1000000000.M95P1.host").write_bytes(FORM)  # left unread, though the next one was read
    (program.folder / "old" / "cur" / "1000000000.M1200P1.host:2,S").write_bytes(LOGO)
    program.lines("import", "old")
    assert [one["subject"] for one in program.json("tickets")] == ["The contact form", "The logo"]


def test_import_takes_a_date_beyond_the_calendar(program: Program) -> None:
    (program.folder / "one.eml").write_bytes(b"From: a@rose.example\r\nDate: Fri, 31 Dec 9999 23:59:00 -1200\r\n\r\nHello.\r\n")
    assert program.json("import", "one.eml") == {"found": 1, "new": 1, "handled": 1}


def test_import_answers_and_forwards_when_it_is_asked_to(program: Program) -> None:
    (program.folder / "one.eml").write_bytes(FORM)
    assert program.json("import", "one.eml", "--answer")["new"] == 1
    assert [(one["kind"], one["state"]) for one in program.json("outbox")] == [("acknowledgement", "due"), ("forward", "due")]


def test_import_says_what_it_can_read_when_there_is_nothing(program: Program) -> None:
    (program.folder / "empty").mkdir()
    assert "no message there" in program.fails("import", "empty")
    assert "no such file or folder" in program.fails("import", "nowhere")


# tickets, show, journal, outbox, audit, quarantine, replay


def test_tickets_lists_exactly_these_keys(worked: Program) -> None:
    rows = worked.json("tickets")
    assert [set(row) for row in rows] == [TICKET_KEYS] * 2
    form, logo = rows
    assert (form["number"], form["subject"], form["requester"], form["status"]) == (1, "The contact form", "anna@rose.example", "new")
    assert (logo["number"], logo["client"], logo["coverage"], logo["urgent"], logo["repeats"], logo["minutes"]) == (
        2,
        None,
        "none",
        False,
        0,
        0,
    )
    assert is_moment(form["opened_at"])
    assert is_moment(form["verdict_due_at"])
    assert (form["first_response_at"], form["closed_at"], form["possible_repeat_of"]) == (None, None, None)
    assert (form["cause"], form["cause_by"]) == ("fault", None)  # proposed by mailbot


def test_tickets_can_be_narrowed_to_a_status(worked: Program) -> None:
    assert len(worked.json("tickets", "--status", "new")) == 2
    assert worked.json("tickets", "--status", "closed") == []


def test_show_gives_the_ticket_with_messages_work_answers_and_events(worked: Program) -> None:
    shown = worked.json("show", 1)
    assert set(shown) == SHOW_KEYS
    (message,) = shown["messages"]
    assert set(message) == MESSAGE_KEYS
    assert (message["direction"], message["kind"], message["message_id"]) == ("in", "request", "m1@rose.example")
    assert message["from"] == {"name": "Anna", "addr": "anna@rose.example"}
    assert message["text"].strip() == "The contact form fails."
    assert message["because"]
    (file,) = message["attachments"]
    assert set(file) == ATTACHMENT_KEYS
    assert (file["filename"], file["content_type"], file["size"], file["inline"]) == ("a.csv", "text/csv", 3, False)
    assert [one["kind"] for one in shown["answers"]] == ["acknowledgement", "forward"]
    assert shown["work"] == []
    assert shown["events"][0]["what"] == "opened"


def test_show_of_no_ticket_ends_with_1(worked: Program) -> None:
    assert worked.fails("show", 99) == "no ticket 99; `mailbot tickets` lists them"
    assert worked.fails("show", 99, "--json").startswith("no ticket 99")


def test_show_saves_attachments_under_names_that_stay_in_the_folder(program: Program) -> None:
    part = '--b\r\nContent-Disposition: attachment; filename="{}"\r\n\r\n{}\r\n'
    parts = part.format("../../.bashrc", "first") + part.format("/etc/passwd", "second")
    more = f"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n{parts}--b--\r\n"
    program.take(mail(1, "Files", "", more=more))
    program("show", 1, "--save", "files")
    saved = sorted((program.folder / "files").iterdir())
    assert [path.read_text() for path in saved] == ["first", "second"]
    assert not any(path.name.startswith(".") for path in saved)
    assert not (program.folder / ".bashrc").exists()


@pytest.mark.parametrize("words", [("summary", "--out", "taken/here"), ("show", "1", "--save", "taken/here")], ids=["summary", "show"])
def test_a_folder_that_cannot_be_made_is_named_in_one_line(worked: Program, words: tuple[str, ...]) -> None:
    (worked.folder / "taken").touch()
    assert worked.fails(*words) == "taken/here: Not a directory"


def test_a_database_that_is_none_is_named_in_one_line(program: Program) -> None:
    (program.folder / "mailbot.db").write_bytes(bytes(range(256)) * 20)
    assert "is no SQLite database" in program.fails("tickets", status=2)


def test_journal_lists_exactly_these_keys(worked: Program) -> None:
    rows = worked.json("journal")
    assert [set(row) for row in rows] == [JOURNAL_KEYS] * 2
    assert [(row["id"], row["mailbox"], row["outcome"], row["ticket"]) for row in rows] == [
        (1, "support", "ticket", 1),
        (2, "support", "ticket", 2),
    ]
    assert all(row["because"] and is_moment(row["received_at"]) and len(row["sha256"]) == 64 for row in rows)
    assert worked.json("journal", "--outcome", "quarantined") == []
    assert len(worked.json("journal", "--outcome", "ticket")) == 2


def test_journal_shows_one_entry_with_its_whole_mail(worked: Program) -> None:
    entry = worked.json("journal", 2)
    assert set(entry) == JOURNAL_KEYS | {"mail"}
    assert set(entry["mail"]) == PARSE_KEYS
    assert "new logo" in "\n".join(worked.lines("journal", 2))
    assert worked.fails("journal", 99) == "no journal entry 99; `mailbot journal` lists them"


def test_outbox_lists_exactly_these_keys(worked: Program) -> None:
    rows = worked.json("outbox")
    assert [set(row) for row in rows] == [OUTBOX_KEYS] * 4
    assert [row["kind"] for row in rows] == ["acknowledgement", "forward"] * 2
    assert {(row["state"], row["attempts"], row["error"], row["next_attempt_at"]) for row in rows} == {("sent", 1, None, None)}
    assert len({row["message_id"] for row in rows}) == 4
    assert worked.json("outbox", "--state", "failed") == []


def test_audit_proves_that_nothing_is_missing(worked: Program) -> None:
    assert worked.json("audit") == {
        "mailboxes": [{"name": "support", "on_server": 2, "journalled": 2, "missing": []}],
        "outcomes": {"ticket": 2},
        "complete": True,
    }
    assert "2 received = 2 new" in "\n".join(worked.lines("audit"))


def test_audit_names_what_the_journal_has_not_and_ends_with_1(program: Program) -> None:
    name = program.incoming.add(FORM)
    found = program.json("audit", status=1)
    assert found["mailboxes"] == [{"name": "support", "on_server": 1, "journalled": 0, "missing": [name]}]
    assert found["complete"] is False
    assert b"NOT complete" in program("audit", status=1).stdout
    program.take()
    assert program.json("audit")["complete"] is True


def test_a_quarantined_message_is_listed_and_can_be_replayed(program: Program) -> None:
    # A large message's octets lie in the blob folder: without them it cannot be read.
    large = mail(4, "The large one", "".join(f"line {number} of a large request\r\n" for number in range(12_000)))
    digest = sha256(large).hexdigest()
    program.take(LOGO)
    (program.folder / "large.eml").write_bytes(large)
    program.lines("import", "large.eml")
    (blob,) = [path for path in (program.folder / "blobs").rglob("*") if path.is_file()]
    assert program.json("quarantine") == []
    assert program.fails("replay", 2) == "journal entry 2 is not quarantined; `mailbot quarantine` lists those that are"
    assert program.fails("replay", 99).startswith("journal entry 99 is not quarantined")
    undecide(program, 2)
    octets = blob.read_bytes()
    blob.unlink()
    (program.folder / "one.eml").write_bytes(FORM)
    run = program("import", "one.eml", "--json")
    assert json.loads(run.stdout)["new"] == 1
    (row,) = program.json("quarantine")
    assert set(row) == JOURNAL_KEYS
    assert (row["id"], row["outcome"], row["sha256"]) == (2, "quarantined", digest)
    assert row["because"]
    assert program.json("journal")[2]["outcome"] == "ticket"
    blob.write_bytes(octets)
    assert program.lines("replay", 2)[0].startswith("2: repeat (the same words as in ticket 2")  # it was filed before
    assert program.json("quarantine") == []


def undecide(program: Program, entry: int) -> None:
    """Let a journal row wait again, as if the daemon had died before it was decided."""
    with contextlib.closing(sqlite3.connect(program.folder / "mailbot.db")) as database, database:
        database.execute("UPDATE journal SET outcome = 'pending', ticket = NULL, decided_at = NULL, identity = NULL WHERE id = ?", (entry,))


@pytest.mark.parametrize("command", ["tickets", "journal", "outbox", "quarantine"])
def test_an_empty_list_is_an_empty_json_list_and_a_sentence_for_people(program: Program, command: str) -> None:
    assert program.json(command) == []
    (said,) = program.lines(command)
    assert said.endswith(".")


# reply, note, close, reopen, time


def test_reply_goes_to_the_requester_and_is_the_first_response(program: Program) -> None:
    program.take(FORM)
    assert program.lines("reply", 1, "--text", "We are on it.") == [
        "ticket 1: the answer is in the outbox and goes out with the next delivery (`mailbot run`)"
    ]
    shown = program.json("show", 1)
    assert shown["status"] == "waiting"
    assert is_moment(shown["first_response_at"])
    assert [(one["direction"], one["kind"]) for one in shown["messages"]] == [("in", "request"), ("out", "reply")]
    program.take()
    sent = program.sent()[-1]
    assert (sent["To"], sent["In-Reply-To"] is not None) == ("Anna <anna@rose.example>", True)
    assert "support@studio.example" in sent["From"]
    assert sent["Auto-Submitted"] is None
    assert "We are on it." in sent.get_payload(0).get_payload(decode=True).decode()


def test_reply_reads_stdin_and_refuses_to_send_nothing(program: Program) -> None:
    program.take(FORM)
    program.lines("reply", 1, stdin="Готово.\n".encode())
    assert program.json("show", 1)["messages"][-1]["text"] == "Готово."
    assert "nothing was sent" in program.fails("reply", 1, stdin=b" \n")
    assert "no ticket 9" in program.fails("reply", 9, "--text", "x")


def test_note_stays_with_the_operators(program: Program) -> None:
    program.take(FORM)
    before = program.json("outbox")
    program.lines("note", 1, "--text", "He means the second form.")
    message = program.json("show", 1)["messages"][-1]
    assert (message["kind"], message["text"], message["from"]["addr"]) == ("note", "He means the second form.", "olga")
    assert program.json("outbox") == before
    assert "nothing was noted" in program.fails("note", 1, "--text", " ")


def test_close_keeps_the_cause_and_reopen_opens_again(program: Program) -> None:
    program.take(FORM)
    assert "only a closed one can be reopened" in program.fails("reopen", 1)
    assert "is not in [causes] tree; known: fault, content" in program.fails("close", 1, "--cause", "weather")
    assert program.lines("close", 1, "--cause", "fault") == ["ticket 1: closed, cause fault"]
    closed = program.json("show", 1)
    assert (closed["status"], closed["cause"]) == ("closed", "fault")
    assert is_moment(closed["closed_at"])
    program.lines("reopen", 1)
    opened = program.json("show", 1)
    assert (opened["status"], opened["closed_at"]) == ("open", None)
    assert [one["who"] for one in opened["events"]][-2:] == ["olga", "olga"]


def test_time_is_entered_in_whole_minutes_on_its_day(program: Program) -> None:
    program.take(FORM)
    program.lines("time", 1, "40m", "--on", "2026-10-05", "--text", "looked")
    assert program.lines("time", 1, "1h30m", "--on", "2026-10-06") == ["ticket 1: 90 minutes on 2026-10-06, 130 in all"]
    shown = program.json("show", 1)
    assert shown["minutes"] == 130
    assert [(one["day"], one["minutes"], one["who"], one["note"]) for one in shown["work"]] == [
        ("2026-10-05", 40, "olga", "looked"),
        ("2026-10-06", 90, "olga", ""),
    ]
    for wrong in ("0m", "-5m", "soon", "1.5h"):
        assert "nothing was entered" in program(*("time", 1), "--", wrong, status=2).stderr.decode()
    assert "in the future" in program.fails("time", 1, "5m", "--on", "2999-01-01")
    assert program.json("show", 1)["minutes"] == 130


# clients


def test_clients_are_imported_and_importing_again_updates_them(program: Program) -> None:
    (program.folder / "clients.toml").write_text(CLIENTS)
    assert program.lines("clients", "import", "clients.toml") == ["1 added, 0 updated"]
    before = program.json("client", "list")
    assert program.lines("clients", "import", "clients.toml") == ["0 added, 1 updated"]
    assert program.json("client", "list") == before
    (program.folder / "clients.toml").write_text(CLIENTS.replace('"15000"', '"18000"').replace('"anna@rose.example", ', ""))
    program.lines("clients", "import", "clients.toml")
    (client,) = program.json("client", "list")
    assert (client["fee"], client["contacts"], client["domains"]) == ("18000", ["rose.shop@mail.ru"], ["rose.example"])


def test_an_imported_client_s_request_is_his_and_under_his_contract(program: Program) -> None:
    (program.folder / "clients.toml").write_text(CLIENTS)
    program.lines("clients", "import", "clients.toml")
    program.take(LOGO, mail(3, "The banner", "Please change the banner on the start page.", "Oleg <oleg@rose.example>"))
    assert [(one["client"], one["coverage"]) for one in program.json("tickets")] == [(None, "none"), ("Rose Shop", "monthly")]


def test_client_add_show_and_list(program: Program) -> None:
    words = (
        "--contact",
        "o@oak.example",
        "--domain",
        "oak.example",
        "--contract",
        "hourly",
        "--rate",
        "2500",
        "--handed-over",
        "2026-10-01",
    )
    program.lines("client", "add", "Дуб", *words, "--language", "ru")
    shown = program.json("client", "show", "дуб")
    assert (shown["name"], shown["contract"], shown["rate"], shown["language"]) == ("Дуб", "hourly", "2500", "ru")
    assert (shown["contacts"], shown["domains"], shown["handed_over"], shown["class"]) == (
        ["o@oak.example"],
        ["oak.example"],
        "2026-10-01",
        "standard",
    )
    assert (shown["courtesy_used"], shown["minutes_this_month"]) == (False, 0)
    assert "Дуб" in "\n".join(program.lines("client", "list"))
    assert program.fails("client", "show", "Elm") == "no client 'Elm'; `mailbot client list` lists them"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"rose.example"', '"mail.ru"', ("client.1.domains", "public mail provider", "contacts")),
        ('"rose.example"', '"GMAIL.com"', ("client.1.domains", "public mail provider", "contacts")),
        ('"rose.example"', '"rose"', ("client.1.domains", "'rose' must be a domain")),
        ('"anna@rose.example"', '"anna"', ("client.1.contacts", "'anna' must be an address")),
        ("language", "langauge", ("client.1.langauge", "unknown key")),
        ('"ru"', '"de"', ("client.1.language", "'de'", "'ru' or 'en'")),
        ('"monthly"', '"yearly"', ("client.1.contract.kind", "'yearly'", "'monthly', 'hourly' or 'none'")),
        ('"15000"', '"-1"', ("client.1.contract.fee", "'-1'", "at least 0")),
        ('"15000"', '"1e60"', ("client.1.contract.fee", "'1e60'", "15 digits")),
        ('"15000"', "0.1", ("client.1.contract.fee", "0.1", "in quotes")),
        ("300", '"300"', ("client.1.contract.included_minutes", "'300'", "whole number")),
        ('"standard"', '"gold"', ("client Rose Shop", "class 'gold' has no markup", "standard")),
        ('name = "Rose Shop"\n', "", ("client.1.name", "is missing")),
        ("[[client]]", "[[clients]]", ("clients.toml", "client")),
        ("[[client]]", "[[client]", ("not TOML", "line 1")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_in_the_clients_file_is_named_and_nobody_is_added(program: Program, old: str, new: str, says: tuple[str, ...]) -> None:
    good = CLIENTS.replace("Rose Shop", "Good").replace("rose", "good") + "\n"
    broken = good + CLIENTS.replace(old, new, 1) if "[[client]]" not in old else CLIENTS.replace(old, new, 1)
    (program.folder / "clients.toml").write_text(broken)
    run = program("clients", "import", "clients.toml", status=2)
    said = run.stderr.decode()
    for piece in says:
        assert piece.replace("client.1", "client.2") in said or piece in said
    assert all(line.startswith("mailbot: ") for line in said.splitlines())
    assert program.json("client", "list") == []


def test_an_address_belongs_to_one_client_only(program: Program) -> None:
    (program.folder / "clients.toml").write_text(CLIENTS + CLIENTS.replace("Rose Shop", "Thorn Shop"))
    assert program.fails("clients", "import", "clients.toml") == "client Thorn Shop: anna@rose.example belongs to Rose Shop already"
    assert program.json("client", "list") == []


# summary, db


def test_the_summary_is_printed_written_and_sent_once(program: Program) -> None:
    program.take(FORM)
    week = datetime.now(UTC).strftime("%G-W%V")
    assert "New tickets:       1" in "\n".join(program.lines("summary", "--week", week))
    program.lines("summary", "--week", week, "--out", "pages")
    pages = program.folder / "pages"
    assert sorted(path.name for path in pages.iterdir()) == [f"summary-{week}.html", f"summary-{week}.txt"]
    assert (pages / f"summary-{week}.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert "has not ended" in program.fails("summary", "--week", week, "--send")
    week = (datetime.now(UTC) - timedelta(weeks=1)).strftime("%G-W%V")
    assert program.lines("summary", "--week", week, "--send") == [f"summary {week}: queued for boss@studio.example"]
    assert program.lines("summary", "--week", week, "--send") == [f"summary {week}: every recipient has had it already"]
    assert [one["to"] for one in program.json("outbox") if one["kind"] == "summary"] == ["boss@studio.example"]


def test_the_summary_of_no_week_is_refused(program: Program) -> None:
    assert "write it like 20" in program.fails("summary", "--week", "last", status=2)
    assert "write it like 20" in program.fails("summary", "--week", "2026-W60", status=2)
    assert "in the future" in program.fails("summary", "--week", "2999-W01")


def test_db_upgrade_makes_the_schema_and_again_changes_nothing(program: Program) -> None:
    (first,) = program.lines("db", "upgrade")
    assert first.startswith(f"{program.folder / 'mailbot.db'}: schema - → ")
    (second,) = program.lines("db", "upgrade")
    assert second.endswith("already")


# What strangers write


HOSTILE = "[bold]red[/bold] \x1b]0;owned\x07\x1b[31m \x9b2J"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A desk with a ticket whose every part tries to work the terminal; for looking only."""
    program = Program(tmp_path_factory.mktemp("hostile"))
    more = (
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f'text {HOSTILE}\r\n--b\r\nContent-Disposition: attachment; filename="file {HOSTILE}"\r\n\r\nx\r\n--b--\r\n'
    )
    program.take(mail(1, f"subject {HOSTILE}", "", f'"name {HOSTILE}" <anna@rose.example>', more))
    return program


@pytest.mark.parametrize(
    "words",
    [
        ("tickets",),
        ("show", "1"),
        ("show", "1", "--full"),
        ("journal",),
        ("journal", "1"),
        ("outbox",),
        ("summary",),
        ("tickets", "--json"),
        ("show", "1", "--json"),
    ],
    ids=" ".join,
)
def test_control_characters_of_strangers_do_not_reach_the_terminal(hostile: Program, words: tuple[str, ...]) -> None:
    shown = hostile(*words).stdout.decode()
    assert not [character for character in shown if not character.isprintable() and character != "\n"]


def test_parse_prints_no_control_characters_either(program: Program) -> None:
    run = program("parse", "-", stdin=mail(1, f"subject {HOSTILE}", HOSTILE, more=f"X-Mailer: {HOSTILE}\r\n"))
    assert not [character for character in run.stdout.decode() if not character.isprintable() and character != "\n"]


def test_the_log_has_no_control_characters_either(program: Program) -> None:
    program.incoming.add(mail(1, "=?utf-8?Q?Out_of_office:_=C2=9B31m?=", "I am away."))
    shown = program("run", "--once").stderr.decode()
    assert "Out of office" in shown
    assert not [character for character in shown if not character.isprintable() and character != "\n"]


def test_markup_in_a_subject_is_printed_as_it_stands(hostile: Program) -> None:
    assert "subject [bold]red[/bold]" in hostile("tickets").stdout.decode()
    assert "subject [bold]red[/bold]" in hostile("outbox").stdout.decode()
