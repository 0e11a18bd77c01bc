"""The demonstration: a week at the desk of a small studio, on sample mail, with the duties that the daemon does.

The mail is in `config/demo/mail`; a file's name says when it arrives (DAY-TIME-what.eml). `config/demo/work.toml` is what
the operators do meanwhile. The clock stands on each arrival in turn, so every answer says what it would have said then.
"""

import re
import secrets
import shutil
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from mailbot import acts, offers, operate
from mailbot.app import App, open_app, prepare
from mailbot.cli.clients import save_clients
from mailbot.cli.demo_pages import tell, went_out, write_pages
from mailbot.config.clients import read_clients
from mailbot.core.desk.hours import DAYS
from mailbot.core.money.act import Month
from mailbot.core.money.quote import quote_of
from mailbot.core.report.week import Week
from mailbot.desk import Desk
from mailbot.edge import maildir
from mailbot.edge.db import clients, views
from mailbot.edge.db.story import contact_of
from mailbot.errors import PermanentError
from mailbot.fetch import import_messages
from mailbot.intake import take_in
from mailbot.log import silence
from mailbot.resources import folder as shipped

MARKER = ".mailbot-demo"
MADE = ("mailbot.toml", "clients.toml", "secret", "mailbot.db*", "blobs", "inbox", "sent", "html", MARKER)
HANDED_OVER_DAYS = 12  # before the first mail: the site of clients.toml is under warranty


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
        pages = write_pages(app, folder / "html", week)
    except OSError as error:
        raise PermanentError(f"{error.filename or folder}: {error.strerror}") from error
    tell(app, folder, week, pages)


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
    """A sample with `{{reply-to 1 forward}}`, `{{message-id 1 reply}}` replaced by that field of the newest such mail that went out.

    Ticket 0: a mail that belongs to none.
    """
    if b"{{" not in octets:
        return octets
    sent = {(row["ticket"] or 0, row["kind"]): mail for row, mail in went_out(app, folder)}

    def value(match: re.Match[bytes]) -> bytes:
        field, number, kind = match[1].decode().split()
        return str(sent[int(number), kind][field]).strip("<> ").encode()

    return re.sub(rb"\{\{(.+?)\}\}", value, octets)


def _works(app: App, week: Week) -> Iterator[Step]:
    for work in _table("work", "work"):
        at = _moment(app, week, work["at"])

        def happens(app: App, work: dict[str, Any] = work, day: date = at.date()) -> None:
            if work.get("history"):
                _import_history(app, week)
            elif client := work.get("act"):
                acts.send(app.desk, acts.Wanted(client, _month_before(day)), None, app.desk.policy.operators[0])
            else:
                _work(app.desk, work, day)

        yield Step(at, happens)


def _table(file: str, name: str) -> list[dict[str, Any]]:
    return list(tomllib.loads((shipped("config") / "demo" / f"{file}.toml").read_text("utf-8"))[name])


def _work(desk: Desk, work: dict[str, Any], day: date) -> None:
    """What an operator does with a command."""
    number, who, now = work.get("ticket", 0), desk.policy.operators[0], desk.clock()
    with desk.database.writing() as transaction:
        if reply := work.get("reply"):
            operate.answer(transaction, desk, number, reply, who, now)
        if minutes := work.get("estimate"):
            offers.estimate(transaction, desk, number, minutes, work["text"], who, now)
        if kind := work.get("coverage"):
            offers.cover(transaction, desk, number, kind, who, now)
        if minutes := work.get("minutes"):
            worked = _middle_of_month(day, work["months_ago"]) if "months_ago" in work else day
            operate.enter_time(transaction, desk, number, minutes, who, now, worked, work["note"])
        if cause := work.get("close"):
            operate.close(transaction, desk, number, cause, who, now)
        if name := work.get("propose"):
            client_id = clients.id_by_name(transaction, name)
            client = clients.load_client(transaction, client_id or 0, now, desk.policy.timezone, desk.policy.money)
            offers.propose(
                transaction, desk, client, quote_of(client, day, desk.policy.money), contact_of(transaction, client.id) or "", now
            )


def _middle_of_month(day: date, months: int) -> date:
    """A day in the middle of the month so many months before."""
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, 15)


def _month_before(day: date) -> Month:
    before = day.replace(day=1) - timedelta(days=1)
    return Month(before.year, before.month)


def _import_history(app: App, week: Week) -> None:
    """The weeks before: old mail is imported, and what was done about it entered."""
    requests = _table("history", "request")
    moments = [_moment(app, week.plus(-one["week"]), one["day"]) for one in requests]
    octets = [_old_mail(one, at) for one, at in zip(requests, moments, strict=True)]
    import_messages(app.desk, octets, answer=False, on_message=lambda: None)
    take_in(app.desk, hurried=True)
    who = app.desk.policy.operators[0]
    with app.desk.database.writing() as transaction:
        first = views.listed(transaction)[-1]["number"] - len(requests) + 1
        for number, (one, at) in enumerate(zip(requests, moments, strict=True), first):
            operate.enter_time(transaction, app.desk, number, one["minutes"], who, at, at.date())
            closed_at = at + timedelta(days=one.get("days", 0), minutes=one["minutes"])
            operate.close(transaction, app.desk, number, one["cause"], who, closed_at)


def _old_mail(request: dict[str, Any], at: datetime) -> bytes:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = request["from"], "support@taiga.example", request["subject"]
    mail["Date"], mail["Message-ID"] = at, f"<{at:%Y%m%d%H%M}@{request['from'].partition('@')[2].rstrip('>')}>"
    mail.set_content(request["text"])
    return mail.as_bytes()
