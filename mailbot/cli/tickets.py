"""Commands about tickets: look, answer, note, close, reopen, enter time, settle repeats."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from mailbot.cli.common import (
    LARGEST,
    Json,
    cell,
    desk,
    minutes_of,
    operator,
    print_json,
    print_table,
    read_words,
    say,
    show_rows,
)
from mailbot.core.desk.facts import Status
from mailbot.core.terminal import safe
from mailbot.errors import PermanentError

Number = Annotated[int, typer.Argument(metavar="N", help="The ticket's number.", min=1, max=LARGEST)]
Text = Annotated[str | None, typer.Option("--text", "-t", help="The text; without it, it is read from stdin.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command(name="tickets")(list_tickets)
    for command in (show, reply, note, close, reopen, time, repeat, split):
        app.command()(command)


def list_tickets(
    status: Annotated[Status | None, typer.Option(help="Only tickets with this status.")] = None, as_json: Json = False
) -> None:
    """List all tickets."""
    from mailbot.edge.db import views

    with desk().desk.database.reading() as transaction:
        rows = views.listed(transaction, status)
    if not as_json:
        rows = [row | {"cause": _said(row)} for row in rows]
    columns = {
        "#": "number",
        "status": "status",
        "client": "client",
        "requester": "requester",
        "subject": "subject",
        "coverage": "coverage",
        "urgent": "urgent",
        "cause": "cause",
        "repeats": "repeats",
        "min": "minutes",
        "opened": "opened_at",
        "verdict due": "verdict_due_at",
    }
    show_rows(rows, as_json, columns, "No tickets yet. `mailbot run --once` fetches mail; `mailbot demo` shows how it looks.")


def _said(row: Mapping[str, Any]) -> str | None:
    """The cause as people read it: with a question mark while it is only mailbot's proposal."""
    return f"{row['cause']}?" if row["cause"] and not row["cause_by"] else row["cause"]


def show(
    number: Number,
    full: Annotated[bool, typer.Option("--full", help="Whole texts, with quoted history and signatures.")] = False,
    save: Annotated[Path | None, typer.Option("--save", metavar="DIR", help="Write the attachments into this folder.")] = None,
    as_json: Json = False,
) -> None:
    """Show a ticket with its messages, answers, work and events, and why each message stands there."""
    from mailbot.edge.db import views

    app = desk()
    with app.desk.database.reading() as transaction:
        ticket = views.shown(transaction, number)
    if ticket is None:
        raise PermanentError(f"no ticket {number}; `mailbot tickets` lists them")
    if save is not None:
        _save_attachments(app, number, save)
    if as_json:
        print_json(ticket)
        return
    _show_head(number, ticket)
    for message in ticket["messages"]:
        _show_message(message, full)
    if ticket["answers"]:
        _show_table("Mails of this ticket", ticket["answers"], "id", "kind", "to", "subject", "state", "error")
    if ticket["work"]:
        _show_table("Work", ticket["work"], "day", "minutes", "who", "note")
    _show_table("Events", ticket["events"], "at", "what", "who", "detail")


_HEAD = (
    "status client requester coverage urgent cause cause_by repeats possible_repeat_of related_to merged_into minutes "
    "opened_at verdict_due_at first_response_at closed_at"
).split()


def _show_head(number: int, ticket: dict[str, Any]) -> None:
    """The ticket's own lines; what says nothing is left out."""
    say(f"#{number}  {safe(ticket['subject']) or '(no subject)'}")
    told = ticket | {"cause": _said(ticket)}
    for name in _HEAD:
        if told[name] not in (None, "", 0, False):
            say(f"  {name.replace('_', ' '):18} {cell(told[name])}")
    for one in ticket["possible_repeats"]:
        say(f"  {'possible repeat':18} of {one['of']}, {one['score']:.0%}: {cell(one['because'])}")


def _show_table(title: str, rows: list[dict[str, Any]], *names: str) -> None:
    say(f"\n{title}:")
    print_table(names, ([row[name] for name in names] for row in rows), "none")


def _show_message(message: dict[str, Any], full: bool) -> None:
    from mailbot.core.mail.visible import left_out

    arrow = "◀" if message["direction"] == "out" else "▶"
    entry = f", journal {message['journal_id']}" if message["journal_id"] else ""
    say(f"\n{arrow} {message['kind']}  {cell(message['at'])}  {safe(message['from']['name'])} <{safe(message['from']['addr'])}>{entry}")
    say(f"  because {cell(message['because'])}")
    for file in message["attachments"]:
        name, kind = safe(file["filename"] or "(no name)"), safe(file["content_type"])
        say(f"  attachment {name}  {kind}  {file['size']} octets  sha256 {file['sha256']}")
    say()
    say("\n".join(f"    {line}" for line in safe(message["text"] if full else message["visible"]).rstrip().split("\n")))
    if not full and (hidden := left_out(message["text"], message["visible"])):
        say(f"    [{hidden} lines of quotes and signature left out; --full shows them]")


def _save_attachments(app: Any, number: int, folder: Path) -> None:
    from mailbot.edge.db import tickets
    from mailbot.edge.parse.decode import decoded_body

    folder.mkdir(parents=True, exist_ok=True)
    with app.desk.database.reading() as transaction:
        for entry in tickets.journal_ids_of(transaction, number):
            files = tickets.attachments_of(transaction, entry)
            try:
                octets = app.desk.octets(transaction, entry) or b"" if files else b""
            except PermanentError as error:
                typer.echo(f"left out {len(files)} files: {error}", err=True)
                continue
            for position, file in enumerate(files):
                # The name is a stranger's: only its last part counts, and never as a hidden file.
                name = (
                    "".join(c if c.isalnum() or c in "-_. " else "_" for c in (file.filename or "attachment"))[-100:].lstrip(". ")
                    or "attachment"
                )
                target = folder / f"{entry}-{position + 1}-{name}"
                target.write_bytes(decoded_body(octets[file.start : file.end], file.encoding, []))
                typer.echo(f"wrote {target}", err=True)


def reply(number: Number, text: Text = None) -> None:
    """Answer the requester from the support address; the first answer is the ticket's first response."""
    from mailbot.operate import answer

    words = read_words(text)
    app = desk()
    with app.desk.database.writing() as transaction:
        answer(transaction, app.desk, number, words, operator(), app.desk.clock())
    say(f"ticket {number}: the answer is in the outbox and goes out with the next delivery (`mailbot run`)")


def note(number: Number, text: Text = None) -> None:
    """Keep a note on the ticket that the client does not see."""
    from mailbot.operate import keep_note

    words = read_words(text)
    if not words.strip():
        raise PermanentError(f"ticket {number}: there is no text; nothing was noted")
    app = desk()
    with app.desk.database.writing() as transaction:
        keep_note(transaction, number, words, operator(), app.desk.clock())
    say(f"ticket {number}: noted")


def close(
    number: Number,
    cause: Annotated[str | None, typer.Option(help="What it was about: a name of [causes] tree.")] = None,
) -> None:
    """Close a ticket, with its cause."""
    from mailbot.operate import close as end

    app = desk()
    with app.desk.database.writing() as transaction:
        values = end(transaction, app.desk, number, cause, operator(), app.desk.clock()).values
    say(f"ticket {number}: closed, {_cause_in_words(number, values)}")


def _cause_in_words(number: int, values: Mapping[str, Any]) -> str:
    """What is known of the cause of a ticket that was closed; closing asks for one."""
    if values["cause"] is None:
        return (
            f"without a cause; name it with `mailbot cause {number} NAME`, so that the summary can count it: {', '.join(values['causes'])}"
        )
    if values["proposed"]:
        return f"cause {values['cause']}, proposed by mailbot; `mailbot cause {number} NAME` corrects it"
    return f"cause {values['cause']}"


def repeat(number: Number, of: Annotated[int, typer.Argument(metavar="OF", help="Which ticket it repeats.", min=1, max=LARGEST)]) -> None:
    """Say that a ticket repeats another one: all of it moves there, and the client is told."""
    from mailbot.repeats import merge

    app = desk()
    with app.desk.database.writing() as transaction:
        done = merge(transaction, app.desk, number, of, operator(), app.desk.clock())
    told = "the client is told" if done.values["told"] else f"the client is not told, see `mailbot show {of}`"
    undo = f"; `mailbot {done.undo[1:]}` takes it back" if done.undo else ""
    say(f"ticket {number}: is a repeat of ticket {of} now, {told}{undo}")


_SPLIT_IN_WORDS = {
    "restored": "ticket {number} is a ticket of its own again, apart from ticket {of}",
    "split": "ticket {number}, parted from ticket {of}",
    "refused": "ticket {ticket} is no repeat of ticket {of}",
}


def split(
    entry: Annotated[int, typer.Argument(metavar="ID", help="A journal id, as `mailbot journal` lists them.", min=1, max=LARGEST)],
) -> None:
    """Undo a join: the message becomes a ticket of its own, a merged ticket comes back, or a suggested repeat is refused."""
    from mailbot.repeats import split as part

    app = desk()
    with app.desk.database.writing() as transaction:
        done = part(transaction, app.desk, entry, operator(), app.desk.clock())
    said = _SPLIT_IN_WORDS[done.what].format(ticket=done.ticket, **done.values)
    say(f"journal entry {entry}: {said}; `mailbot {done.undo[1:]}` takes it back")


def reopen(number: Number) -> None:
    """Open a closed ticket again."""
    from mailbot.operate import reopen as again

    app = desk()
    with app.desk.database.writing() as transaction:
        again(transaction, number, operator(), app.desk.clock())
    say(f"ticket {number}: open")


def time(
    number: Number,
    spent: Annotated[str, typer.Argument(metavar="TIME", help="40m, 2h, 1h30m.")],
    on: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day of the work; today when not given.")] = None,
    text: Annotated[str, typer.Option("--text", "-t", help="What was done.")] = "",
) -> None:
    """Enter worked time on a ticket."""
    from mailbot.operate import enter_time

    minutes = minutes_of(spent)
    app = desk()
    now = app.desk.clock()
    if on and on.date() > now.astimezone(app.desk.policy.timezone).date():
        raise PermanentError(f"{on.date()} is in the future; nothing was entered")
    with app.desk.database.writing() as transaction:
        done = enter_time(transaction, app.desk, number, minutes, operator(), now, on.date() if on else None, text)
    say(f"ticket {number}: {minutes} minutes on {done.values['day']}, {done.values['total']} in all")
    if made := done.values["billed"]:
        say(f"act {made[0]} of {made[1]} has billed that month already; `mailbot act … --send --correct` corrects it")
