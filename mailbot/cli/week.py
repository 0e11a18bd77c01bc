"""The command `summary`."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.cli.common import desk, say
from mailbot.errors import PermanentError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from mailbot.app import App
    from mailbot.core.desk.letters import Letter
    from mailbot.core.report.week import Week


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(summary)


def summary(
    week: Annotated[
        str | None,
        typer.Option(metavar="YYYY-Www", help="An ISO week such as 2026-W47; the last full one when not given."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write it as summary-WEEK.html and .txt for looking at.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Queue it for the recipients of [summary] who have not had it.")] = False,
    client: Annotated[
        str | None,
        typer.Option("--client", metavar="NAME", help="The short one that this client gets ([summary] clients), for looking at."),
    ] = None,
) -> None:
    """Print the weekly summary, write it into files, or send it."""
    from mailbot.core.report.week import Week
    from mailbot.weekly import send as queue

    if send and client is not None:
        raise typer.BadParameter("a client gets its summary by itself when [summary] clients is true; --send is for the other one")
    app = desk()
    today = app.desk.clock().astimezone(app.desk.policy.timezone).date()
    try:
        wanted = Week.parse(week) if week else Week.of(today - timedelta(weeks=1))
    except ValueError as error:
        raise typer.BadParameter(f"week {week!r}: write it like {Week.of(today)}") from error
    if wanted.monday > today:
        raise PermanentError(f"week {wanted} is in the future; nothing to tell yet")
    if send and wanted.plus(1).monday > today:
        raise PermanentError(f"week {wanted} has not ended; nothing was sent, look at it without --send")
    if send:
        queued = [recipient for recipient in app.schedule.recipients if queue(app.desk, wanted, recipient)]
        say(f"summary {wanted}: queued for {', '.join(queued)}" if queued else f"summary {wanted}: every recipient has had it already")
        return
    with app.desk.database.reading() as transaction:
        one = _letter(app, transaction, wanted, client)
    _, text, html = app.desk.renderer.render(one.language, one.template, one.context)
    if out is None:
        say(text.rstrip())
        return
    out.mkdir(parents=True, exist_ok=True)
    for ending, content in (("txt", text), ("html", html)):
        target = out / f"{one.template}-{wanted}.{ending}"
        target.write_text(content, "utf-8")
        say(f"wrote {target}")


def _letter(app: "App", transaction: "Connection", week: "Week", client: str | None) -> "Letter":
    from mailbot.edge.db.clients import id_by_name
    from mailbot.weekly import client_letter, letter, summary_of

    if client is None:
        return letter(app.desk, summary_of(transaction, app.desk, week), app.schedule.recipients[0])
    client_id = id_by_name(transaction, client)
    one = None if client_id is None else client_letter(transaction, app.desk, week, client_id, "")
    if one is None:
        raise PermanentError(f"no client is named {client!r}; `mailbot client list` shows them")
    return one
