"""Commands about messages: parse, import, journal, outbox, audit, quarantine, replay."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mailbot.cli.common import Json, cell, desk, print_json, print_table, progress, say, show_rows
from mailbot.core.desk.facts import Outcome
from mailbot.core.terminal import safe
from mailbot.errors import PermanentError

State = Literal["due", "sending", "sent", "failed"]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(name="parse")(parse_file)
    app.command(name="import")(import_path)
    for command in (journal, outbox, audit, quarantine, replay):
        app.command()(command)


def parse_file(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A message as octets; `-` reads stdin.")],
    as_json: Json = False,
) -> None:
    """Show one message as mailbot sees it. Needs no configuration; any octets give a result."""
    from mailbot.cli.seen import seen
    from mailbot.core.mail.screen import screen
    from mailbot.edge.parse import parse

    try:
        octets = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise PermanentError(f"{file}: {error.strerror}") from error
    mail = parse(octets)
    found = seen(mail, screen(mail), octets)
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        if name not in ("text", "html", "visible_reply"):
            say(f"{name:20} {cell(_in_words(name, value))}")
    say(f"\n{safe(mail.text)}")


def _in_words(name: str, value: Any) -> Any:
    """A value of `seen` for people."""
    if name == "attachments":
        return [f"{one['filename']} ({one['content_type']}, {one['size']} octets)" for one in value]
    if isinstance(value, dict):
        return [f"{key}: {cell(one)}" for key, one in value.items() if one]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [f"{one['name']} <{one['addr']}>".strip() for one in value]
    return value


def import_path(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="An mbox file, a Maildir, an .eml file, or a folder of .eml files.")],
    answer: Annotated[bool, typer.Option("--answer", help="Answer and forward as if the mail had just arrived.")] = False,
    as_json: Json = False,
) -> None:
    """Bring old mail into the journal and make tickets of it; answers nobody unless `--answer`.

    Importing the same mail again adds nothing.
    """
    from mailbot.fetch import import_messages
    from mailbot.intake import take_in

    total, messages = _messages(path)
    app = desk()
    bar, advance = progress("importing", total)
    with bar:
        added = import_messages(app.desk, messages, answer, lambda: advance(1))
    bar, advance = progress("taking in ", added)
    with bar:
        handled = take_in(app.desk, on_batch=advance, hurried=True)
    if as_json:
        print_json({"found": total, "new": added, "handled": handled})
    else:
        say(f"{total} found, {added} new, {handled} taken in; `mailbot journal` tells what became of each")


def _messages(path: Path) -> tuple[int, Iterator[bytes]]:
    """How many messages a path holds, and their octets one by one. Raises PermanentError for a path that holds none."""
    if all((path / part).is_dir() for part in ("new", "cur")):
        from mailbot.edge.maildir import Maildir

        files = [Path(one) for one in Maildir(path).names().values()]
    elif path.is_dir():
        files = sorted(path.rglob("*.eml"))
    elif path.is_file():
        with path.open("rb") as file:
            if file.read(5) == b"From ":
                import mailbox

                box = mailbox.mbox(path, create=False)
                return len(box), (box.get_bytes(key) for key in box.iterkeys())
        files = [path]
    else:
        raise PermanentError(f"{path}: no such file or folder")
    if not files:
        raise PermanentError(f"{path}: no message there; give an mbox file, a Maildir, an .eml file or a folder of .eml files")
    return len(files), (one.read_bytes() for one in files)


def journal(
    entry: Annotated[int | None, typer.Argument(metavar="[ID]", help="Show this entry with its whole text.")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="Only entries with this outcome.")] = None,
    as_json: Json = False,
) -> None:
    """List every message that ever was in a mailbox and what became of it, with the reason."""
    from mailbot.edge.db import journal as entries

    app = desk()
    if entry is not None:
        _show_entry(app, entry, as_json)
        return
    with app.desk.database.reading() as transaction:
        rows = entries.listed(transaction, outcome)
    columns = {
        "id": "id",
        "received": "received_at",
        "mailbox": "mailbox",
        "uid": "uid",
        "outcome": "outcome",
        "ticket": "ticket",
        "because": "because",
    }
    show_rows(rows, as_json, columns, "The journal is empty: nothing was fetched yet.")


def _show_entry(app: Any, entry: int, as_json: bool) -> None:
    from mailbot.cli.seen import seen
    from mailbot.core.mail.screen import screen
    from mailbot.edge.db import journal as entries
    from mailbot.edge.parse import parse

    with app.desk.database.reading() as transaction:
        octets = app.desk.octets(transaction, entry)
        row = entries.one(transaction, entry)
    if octets is None or row is None:
        raise PermanentError(f"no journal entry {entry}; `mailbot journal` lists them")
    mail = parse(octets)
    if as_json:
        print_json(row | {"mail": seen(mail, screen(mail), octets)})
        return
    for name, value in row.items():
        say(f"{name:12} {cell(value)}")
    say(f"{'from':12} {safe(mail.originator.addr if mail.originator else '')}\n{'subject':12} {safe(mail.subject)}\n\n{safe(mail.text)}")


def outbox(
    state: Annotated[State | None, typer.Option(help="Only mails in this state.")] = None,
    as_json: Json = False,
) -> None:
    """List the mails that went out or wait to."""
    from mailbot.edge.db import outbox as mails

    with desk().desk.database.reading() as transaction:
        rows = mails.listed(transaction, state)
    columns = {
        "id": "id",
        "kind": "kind",
        "to": "to",
        "subject": "subject",
        "ticket": "ticket",
        "state": "state",
        "attempts": "attempts",
        "next attempt": "next_attempt_at",
        "error": "error",
    }
    show_rows(rows, as_json, columns, "Nothing went out, and nothing waits to.")


def audit(as_json: Json = False) -> None:
    """Compare the mailboxes with the journal and prove that nothing was lost; exit status 1 when something is missing or waits."""
    from mailbot.audit import audit as compare
    from mailbot.core.report.audit import audit_line

    app = desk()
    found = compare(app.desk, app.mailboxes())
    if as_json:
        print_json(asdict(found))
    else:
        columns = ("mailbox", "on server", "journalled", "missing")
        print_table(
            columns,
            ((one.name, one.on_server, one.journalled, ", ".join(map(str, one.missing[:20]))) for one in found.mailboxes),
            "No mailbox.",
        )
        say(f"\n{audit_line(found.outcomes)}")
        say(
            "Complete: nothing is missing."
            if found.complete
            else "NOT complete: run `mailbot run --once`, then look at `mailbot journal` and the log."
        )
    if not found.complete:
        raise typer.Exit(1)


def quarantine(as_json: Json = False) -> None:
    """List the messages that could not be handled; their octets are kept, and `mailbot replay ID` tries again."""
    from mailbot.edge.db import journal as entries

    with desk().desk.database.reading() as transaction:
        rows = entries.listed(transaction, "quarantined")
    columns = {"id": "id", "received": "received_at", "mailbox": "mailbox", "size": "size", "because": "because"}
    show_rows(rows, as_json, columns, "Nothing is quarantined.")


def replay(
    entry: Annotated[int, typer.Argument(metavar="ID", help="A journal id, as `mailbot quarantine` lists them.")],
) -> None:
    """Try a quarantined message again from the beginning."""
    from mailbot.edge.db import journal as entries
    from mailbot.intake import take_in

    app = desk()
    with app.desk.database.writing() as transaction:
        if not entries.replay(transaction, entry):
            raise PermanentError(f"journal entry {entry} is not quarantined; `mailbot quarantine` lists those that are")
        app.desk.octets(transaction, entry)  # when they are gone it stays as it is
    take_in(app.desk, hurried=True)
    with app.desk.database.reading() as transaction:
        row = entries.one(transaction, entry)
    say(f"{entry}: {row['outcome'] if row else 'gone'} ({cell(row['because']) if row else ''})")
