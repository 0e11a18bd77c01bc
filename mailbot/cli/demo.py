"""The demonstration: a week at the desk of a small studio, on sample mail, with the duties that the daemon does.

The mail is in `config/demo/mail`; a file's name says when it arrives (DAY-TIME-what.eml). `config/demo/work.toml` is what
the operators do meanwhile. The clock stands on each arrival in turn, so every answer says what it would have said then.
"""

import re
import secrets
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from pathlib import Path
from shlex import quote
from typing import Any

from mailbot import operate
from mailbot.app import App, open_app, prepare
from mailbot.audit import audit
from mailbot.cli.clients import save_clients
from mailbot.cli.common import cell, safe, say
from mailbot.cli.log import silence
from mailbot.config.clients import read_clients
from mailbot.core.desk.hours import DAYS
from mailbot.core.report.week import Week, audit_line
from mailbot.edge import maildir
from mailbot.edge.db import journal, outbox, views
from mailbot.edge.parse import parse
from mailbot.errors import PermanentError
from mailbot.resources import folder as shipped
from mailbot.weekly import letter, summary_of

MARKER = ".mailbot-demo"
MADE = ("mailbot.toml", "clients.toml", "secret", "mailbot.db*", "blobs", "inbox", "sent", "html", MARKER)
HANDED_OVER_DAYS = 12  # before the first mail: the site of clients.toml is under warranty
BECAME = {"ticket": "new ticket", "follow-up": "joins ticket", "repeat": "repeat of ticket", "operator": "answer to ticket"}


@dataclass
class Clock:
    """The time at the desk; the demonstration sets it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens at the desk: a mail arrives, or an operator works."""

    at: datetime
    happens: Callable[[App], None]


def show_desk(folder: Path, now: datetime | None = None) -> None:
    """Make the folder anew, live through the last full week in it, and tell what became of every message.

    Raises PermanentError when the folder holds something else, or cannot be written.
    """
    silence()
    try:
        app, week = _live(folder, now or datetime.now(UTC))
        pages = _write_pages(app, folder / "html", week)
    except OSError as error:
        raise PermanentError(f"{error.filename or folder}: {error.strerror}") from error
    _tell(app, folder, week, pages)


def _live(folder: Path, now: datetime) -> tuple[App, Week]:
    """The desk after its week: everything arrived, was answered and summed up."""
    _make_room(folder)
    clock = Clock(now)
    _furnish(folder)
    app = open_app(folder / "mailbot.toml", clock)
    week = Week.of(now.astimezone(app.desk.policy.timezone).date()).plus(-1)
    if app.schedule.due_at(week) > now:
        week = week.plus(-1)  # its summary is due on Monday at nine, and nothing here happens in the future
    clock.now = _moment(app, week, "mon 08:00")
    prepare(app)
    save_clients(app, read_clients(_clients_file(folder, week)))
    for step in sorted((*_mails(app, folder, week), *_works(app, week)), key=lambda step: step.at):
        clock.now = step.at + timedelta(seconds=20)
        step.happens(app)
        _do_duties(app)
    clock.now = app.schedule.due_at(week)
    _do_duties(app)
    return app, week


def _make_room(folder: Path) -> None:
    """Remove what an earlier demonstration left, and nothing else."""
    if folder.is_dir():
        if any(folder.iterdir()) and not (folder / MARKER).is_file():
            raise PermanentError(f"{folder}: holds something that is no demonstration; name another folder with --dir")
        for old in [path for name in MADE for path in folder.glob(name)]:
            shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()


def _furnish(folder: Path) -> None:
    (folder / "mailbot.toml").write_bytes((shipped("config") / "demo" / "mailbot.toml").read_bytes())
    (folder / "secret").touch(mode=0o600)
    (folder / "secret").write_text(secrets.token_urlsafe(32) + "\n", "utf-8")
    maildir.create(folder / "inbox")
    maildir.create(folder / "sent")


def _clients_file(folder: Path, week: Week) -> Path:
    file = folder / "clients.toml"
    handed_over = week.monday - timedelta(days=HANDED_OVER_DAYS)
    sample = (shipped("config") / "demo" / file.name).read_text("utf-8")
    file.write_text(re.sub(r"2000-01-01\s+#.*", str(handed_over), sample), "utf-8")
    return file


def _do_duties(app: App) -> None:
    daemon = app.daemon()
    if not daemon.once():
        raise PermanentError("; ".join(daemon.said.values()))


def _moment(app: App, week: Week, at: str) -> datetime:
    """`mon 10:24` of the week, at the desk."""
    day, hour, minute = re.split(r"[ :]", at)
    return datetime.combine(week.monday + timedelta(days=DAYS.index(day)), time(int(hour), int(minute)), app.desk.policy.timezone)


def _mails(app: App, folder: Path, week: Week) -> Iterator[Step]:
    for file in sorted((shipped("config") / "demo" / "mail").glob("*.eml")):
        at = _moment(app, week, f"{file.name[:3]} {file.name[4:6]}:{file.name[6:8]}")

        def arrives(app: App, octets: bytes = file.read_bytes(), at: datetime = at) -> None:
            written = f"Date: {at:%a, %d %b %Y %H:%M:%S %z}\n".encode()
            maildir.deliver(folder / "inbox", written + _filled_in(app, folder, octets), at)

        yield Step(at, arrives)


def _filled_in(app: App, folder: Path, octets: bytes) -> bytes:
    """A sample with `{{reply-to 1 forward}}`, `{{message-id 1 reply}}` replaced by that field of the newest such mail that went out."""
    if b"{{" not in octets:
        return octets
    sent = {(row["ticket"], row["kind"]): mail for row, mail in _went_out(app, folder)}

    def value(match: re.Match[bytes]) -> bytes:
        field, number, kind = match[1].decode().split()
        return str(sent[int(number), kind][field]).strip("<> ").encode()

    return re.sub(rb"\{\{(.+?)\}\}", value, octets)


def _works(app: App, week: Week) -> Iterator[Step]:
    for work in tomllib.loads((shipped("config") / "demo" / "work.toml").read_text("utf-8"))["work"]:
        at = _moment(app, week, work["at"])

        def happens(app: App, work: dict[str, Any] = work, day: date = at.date()) -> None:
            number, who, now = work["ticket"], app.desk.policy.operators[0], app.desk.clock()
            with app.desk.database.writing() as transaction:
                if reply := work.get("reply"):
                    operate.answer(transaction, app.desk, number, reply, who, now)
                if minutes := work.get("minutes"):
                    worked = _month_before(day, work["months_ago"]) if "months_ago" in work else day
                    operate.enter_time(transaction, app.desk, number, minutes, who, now, worked, work["note"])
                if cause := work.get("close"):
                    operate.close(transaction, app.desk, number, cause, who, now)

        yield Step(at, happens)


def _month_before(day: date, months: int) -> date:
    """A day in the middle of the month so many months before."""
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, 15)


def _went_out(app: App, folder: Path) -> list[tuple[dict[str, Any], EmailMessage]]:
    """Each mail of the outbox with its octets as they lie in the outgoing Maildir, oldest first."""
    mails = {}
    for path in maildir.Maildir(folder / "sent").names().values():
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        mails[str(mail["Message-ID"]).strip("<> ")] = mail
    with app.desk.database.reading() as transaction:
        return [(row, mails[row["message_id"]]) for row in outbox.listed(transaction) if row["message_id"] in mails]


@dataclass(frozen=True, slots=True)
class Page:
    """A mail that went out, as an HTML file."""

    name: str
    row: dict[str, Any]


def _write_pages(app: App, folder: Path, week: Week) -> list[Page]:
    """Write every mail as `TICKET-KIND.html` and `.txt`, the summary also in English, and `index.html` over them."""
    folder.mkdir()
    pages: list[Page] = []
    for row, mail in _went_out(app, folder.parent):
        stem = f"{row['ticket']}-{row['kind']}" if row["ticket"] else f"{row['kind']}-{week}"
        twins = sum(re.fullmatch(rf"{stem}(-\d+)?", page.name) is not None for page in pages)
        page = Page(f"{stem}-{twins + 1}" if twins else stem, row)
        for kind, ending in (("html", "html"), ("plain", "txt")):
            part = mail.get_body((kind,))
            (folder / f"{page.name}.{ending}").write_text(part.get_content() if part else "", "utf-8")
        pages.append(page)
    with app.desk.database.reading() as transaction:
        english = letter(app.desk, summary_of(transaction, app.desk, week), app.schedule.recipients[0])
    subject, text, html = app.desk.renderer.render("en", english.template, english.context)
    (folder / f"summary-{week}-en.html").write_text(html, "utf-8")
    (folder / f"summary-{week}-en.txt").write_text(text, "utf-8")
    shown = [*pages, Page(f"summary-{week}-en", {"kind": "summary", "ticket": None, "to": "the same in English", "subject": subject})]
    links = map(_link, sorted(shown, key=lambda page: page.row["kind"] != "summary"))
    index = (shipped("config") / "demo" / "index.html").read_text("utf-8")
    (folder / "index.html").write_text(index.replace("<!-- mails -->", "\n".join(links)), "utf-8")
    return pages


def _link(page: Page) -> str:
    row, name = page.row, escape(page.name)
    about = f"{row['kind']}{' · ticket ' + str(row['ticket']) if row['ticket'] else ''} · {row['to']}"
    return (
        f'<li><a href="{name}.html">{escape(row["subject"])}</a><br><small>{escape(about)} · <a href="{name}.txt">as text</a></small></li>'
    )


def _tell(app: App, folder: Path, week: Week, pages: list[Page]) -> None:
    zone = app.desk.policy.timezone
    audited = audit(app.desk, app.mailboxes())
    with app.desk.database.reading() as transaction:
        messages = [(row, parse(app.desk.octets(transaction, row["id"]) or b"")) for row in journal.listed(transaction)]
        coverage = {row["number"]: row["coverage"] for row in views.listed(transaction)}
    say(f"A week at the desk of {app.desk.policy.name}: {week}, in {folder}\n")
    _print(
        ("arrived", "message", "what became of it, and why"),
        (
            (
                f"{row['received_at'].astimezone(zone):%a %H:%M}",
                f"{mail.originator.addr if mail.originator else ''}\n{mail.subject}",
                f"{_became(row, coverage)}\n{cell(row['because'])}",
            )
            for row, mail in messages
        ),
        apart=True,
    )
    say(f"\n{audit_line(audited.outcomes)}. {'Nothing is missing.' if audited.complete else 'NOT complete!'}")
    say("Meanwhile the operators answered, by mail and with `mailbot reply`, entered time and closed tickets with their cause.\n")
    _print(
        ("went out", "to", "subject", "file in html/"),
        ((row["kind"], row["to"], row["subject"], f"{page.name}.html") for page in pages for row in [page.row]),
    )
    mailbot = f"{_program()} --config {quote(str(folder / 'mailbot.toml'))}"
    say(f"\nLook at the mails and the weekly summary:\n  {(folder / 'html' / 'index.html').absolute()}")
    say("\nLook further:")
    for command, does in (
        ("tickets", "every ticket, with what covers it"),
        ("show 1", "a ticket with its whole story"),
        ("journal", "every message, and why it went where it went"),
        ("outbox", "what went out"),
        ("audit", "the proof that nothing was lost"),
        ("summary", "the week as text"),
    ):
        say(f"  {mailbot} {command:9} # {does}")


def _program() -> str:
    """How this program can be called again: by its name where the shell finds it, else by its path."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{quote(sys.executable)} -m mailbot"
    return called.name if shutil.which(called.name) else quote(str(called))


def _became(row: dict[str, Any], coverage: dict[int, str]) -> str:
    if row["outcome"] == "ticket":
        return f"new ticket {row['ticket']}, {coverage[row['ticket']]}"
    known = BECAME.get(row["outcome"])
    if known:
        return f"{known} {row['ticket']}"
    return f"{row['outcome']}{', kept on ticket ' + str(row['ticket']) if row['ticket'] else ', kept'}"


def _print(columns: tuple[str, ...], rows: Any, apart: bool = False) -> None:
    """A table that wraps what is long, though not its first and last column; `apart`: all may wrap, with air between the rows."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, int(apart), 0), header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, no_wrap=not apart and number in (0, len(columns) - 1), overflow="fold")
    for row in rows:
        table.add_row(*(Text(safe(one)) for one in row))
    Console(width=None if sys.stdout.isatty() else 100, highlight=False).print(table)
