"""The command `summary`."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from mailbot.cli.common import desk, say
from mailbot.errors import PermanentError


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
) -> None:
    """Print the weekly summary, write it into files, or send it."""
    from mailbot.core.report.week import Week
    from mailbot.weekly import letter, summary_of
    from mailbot.weekly import send as queue

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
        one = letter(app.desk, summary_of(transaction, app.desk, wanted), app.schedule.recipients[0])
    _, text, html = app.desk.renderer.render(one.language, one.template, one.context)
    if out is None:
        say(text.rstrip())
        return
    out.mkdir(parents=True, exist_ok=True)
    for ending, content in (("txt", text), ("html", html)):
        target = out / f"summary-{wanted}.{ending}"
        target.write_text(content, "utf-8")
        say(f"wrote {target}")
