"""The command `act`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.cli.common import Json, address_of, desk, operator, print_json, say
from mailbot.core.terminal import safe

if TYPE_CHECKING:
    from mailbot.acts import Papers
    from mailbot.app import App
    from mailbot.core.money.act import Act, Month


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(act)


def act(
    client: Annotated[str, typer.Argument(help="The client's name.")],
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="A month that has ended, such as 2026-10.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write it as HTML (and PDF) for looking at.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Give it the year's next number, keep it and queue it for the client.")] = False,
    to: Annotated[str | None, typer.Option("--to", metavar="ADDRESS", help="With --send: whom; else the contact who wrote last.")] = None,
    correct: Annotated[bool, typer.Option("--correct", help="Make a new act in place of the one that was sent, and name that.")] = False,
    again: Annotated[bool, typer.Option("--again", help="With --send: the act that was sent, unchanged, once more.")] = False,
    as_json: Json = False,
) -> None:
    """Print the act of a client's month as it would be made today or was sent, write it into files, or make and send it."""
    from mailbot import acts

    if out and send:
        raise typer.BadParameter("--out and --send exclude each other; --out writes the files of an act that was sent, too")
    if to and not send:
        raise typer.BadParameter("--to is for --send")
    if again and (correct or not send):
        raise typer.BadParameter("--again is for --send without --correct")
    wanted = acts.Wanted(client, _month(period), correct, again)
    addr = None if to is None else address_of(to)
    app = desk()
    if send:
        made, addr = acts.send(app.desk, wanted, addr, operator())
        total = f"{made.total} {made.parties.currency}"
        told = f"act {made.number} of {made.day}: {made.parties.client}, {made.period}, {total}; queued for {addr}"
        _print(made, told, as_json)
        return
    papers = acts.look(app.desk, wanted, with_pdf=out is not None)
    _print(papers.act, _text(app, papers.act) if out is None else _written(papers, out), as_json)


def _month(period: str) -> "Month":
    from mailbot.core.money.act import Month

    try:
        return Month.parse(period)
    except ValueError as error:
        raise typer.BadParameter(f"period {period!r}: write it like 2026-10") from error


def _text(app: "App", made: "Act") -> str:
    """The act, and what a draft still lacks."""
    from mailbot.acts import text_of
    from mailbot.core.money.act import missing_details

    said = text_of(app.desk, made).rstrip()
    if made.number or not (missing := missing_details(made)):
        return said
    return f"{said}\n\nNot known: {', '.join(missing)}; see [studio] in the configuration and legal = {{ … }} in the clients file."


def _written(papers: "Papers", out: Path) -> str:
    """Write the files, and say which."""
    out.mkdir(parents=True, exist_ok=True)
    for file in papers.files:
        (out / file.name).write_bytes(file.octets)
    return "\n".join(f"wrote {out / file.name}" for file in papers.files)


def _print(made: "Act", told: str, as_json: bool) -> None:
    if not as_json:
        say(safe(told))
        return
    content = made.as_json()
    parties = content.pop("parties")
    print_json({**content, "number": made.number or None, **parties})
