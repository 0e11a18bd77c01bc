"""What the demonstration shows in the end: its mails as pages, and a table of what became of every message."""

import re
import shutil
import sys
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from pathlib import Path
from shlex import quote
from typing import Any

from mailbot.app import App
from mailbot.audit import audit
from mailbot.cli.common import cell, say
from mailbot.core.report.audit import audit_line
from mailbot.core.report.week import Week
from mailbot.core.terminal import safe
from mailbot.edge import maildir
from mailbot.edge.db import journal, outbox, views
from mailbot.edge.parse import parse
from mailbot.resources import folder as shipped
from mailbot.weekly import letter, summary_of

BECAME = {"ticket": "new ticket", "follow-up": "joins ticket", "repeat": "repeat of ticket", "operator": "answer to ticket"}


def went_out(app: App, folder: Path) -> list[tuple[dict[str, Any], EmailMessage]]:
    """Each mail of the outbox with its octets as they lie in the outgoing Maildir, oldest first."""
    mails = {}
    for path in map(Path, maildir.Maildir(folder / "sent").names().values()):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        mails[str(mail["Message-ID"]).strip("<> ")] = mail
    with app.desk.database.reading() as transaction:
        return [(row, mails[row["message_id"]]) for row in outbox.listed(transaction) if row["message_id"] in mails]


@dataclass(frozen=True, slots=True)
class Page:
    """A mail that went out, as an HTML file."""

    name: str
    row: dict[str, Any]


def write_pages(app: App, folder: Path, week: Week) -> list[Page]:
    """Write every mail as `TICKET-KIND.html` and `.txt`, the summary also in English, and `index.html` over them."""
    folder.mkdir()
    pages: list[Page] = []
    for row, mail in went_out(app, folder.parent):
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


def tell(app: App, folder: Path, week: Week, pages: list[Page]) -> None:
    zone = app.desk.policy.timezone
    audited = audit(app.desk, app.mailboxes())
    with app.desk.database.reading() as transaction:
        rows = journal.listed(transaction)
        arrived = [row for row in rows if row["mailbox"] != "import"]
        messages = [(row, parse(app.desk.octets(transaction, row["id"]) or b"")) for row in arrived]
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
    say(f"{len(rows) - len(arrived)} of them are old mail that was imported: the summary and the prices look back on it.")
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
        ("client show 'Кафе «Мята»'", "a client's story: courtesy, terms, agreement, price"),
        ("quote 'Кафе «Мята»'", "what his support costs, with its arithmetic"),
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
