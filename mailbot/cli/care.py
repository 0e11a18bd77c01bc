"""Commands that look after the data: backup, restore, export, erase."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.cli import common
from mailbot.cli.common import Json, address_of, desk, print_json, progress, say
from mailbot.core.terminal import safe

if TYPE_CHECKING:
    from mailbot.backup import Place
    from mailbot.config import Config
    from mailbot.erase import Person


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (backup, restore, export, erase):
        app.command()(command)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that does not exist yet, such as mailbot.tar.zst.")],
) -> None:
    """Write database, large messages, secret and configuration into one file (tar, zstd) that only its owner can read; mailbot may run."""
    from mailbot.backup import backup as write
    from mailbot.config import read_secret_file

    app = desk()
    secret = read_secret_file(app.config, "desk.secret_file", app.config.desk.secret_file)
    made = write(_place(app.config), secret, file, app.desk.clock())
    say(f"{file}: written, with {made.blobs} large messages and the secret; whoever can read it can write in the desk's name")
    if made.missing:
        say(f"NOT in it: {made.missing} large messages that the blob store lacks")
        raise typer.Exit(1)


def restore(file: Annotated[Path, typer.Argument(metavar="FILE", help="What `mailbot backup` wrote.")]) -> None:
    """Restore a backup into an empty place, as the configuration names it; nothing that is there is overwritten."""
    from mailbot import config as configuration
    from mailbot.backup import restore as read

    config = configuration.load(configuration.find(common.config_path))
    place = _place(config)
    made = read(place, file)
    say(f"restored as of {made.made_at}: {place.database.place}, {made.blobs} large messages, the secret")
    if made.missing:
        say(f"The backup lacks {made.missing} large messages.")
    say("Before `mailbot run`: `mailbot outbox --state due` lists the mails that go out then; they may have gone out after the backup.")


def _place(config: "Config") -> "Place":
    from mailbot.app import blobs_of, database_of
    from mailbot.backup import Place

    return Place(database_of(config), blobs_of(config), config.at(config.desk.secret_file), config.file)


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet, or is empty.")],
    as_json: Json = False,
) -> None:
    """Write everything into a folder for other programs: tables as JSON Lines, messages as .eml, acts as HTML and PDF."""
    from mailbot.export import export as write

    app = desk()
    bar, advance = progress("exporting", None)
    with bar:
        counts = write(app.desk, folder, lambda: advance(1))
    if as_json:
        print_json(counts)
    else:
        say(f"{folder}: {counts['ticket']} tickets, {counts['mail']} messages, {counts['sent']} mails of the outbox, {counts['act']} acts")
    if counts["missing"]:
        typer.echo(f"NOT in it: {counts['missing']} large messages that the blob store lacks", err=True)
        raise typer.Exit(1)


def erase(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Whose data to erase.")],
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking; needed when nobody is at a terminal.")] = False,
    as_json: Json = False,
) -> None:
    """Erase a person: his messages, name and address go or are replaced wherever they stand; shows first what that is, and asks."""
    from mailbot.erase import erase as carry_out
    from mailbot.erase import look, person_of

    addr = address_of(address)
    app = desk()
    person = person_of(app.desk, addr)
    counts = look(app.desk, person).counts()
    if not as_json:
        _show(person, counts)
    if not yes:
        if as_json or not sys.stdin.isatty():
            if as_json:
                print_json({"address": addr, "names": sorted(person.names), "found": counts, "erased_as": None})
            else:
                say("\nNothing was erased; --yes does it.")
            raise typer.Exit(1)
        typer.confirm("\nErase all of that? It cannot be undone", abort=True)
    _, name, clean = carry_out(app.desk, person)
    if as_json:
        print_json({"address": addr, "names": sorted(person.names), "found": counts, "erased_as": name, "clean": clean})
        return
    say(f"\nErased; {name} stands for the address now.")
    if not clean:
        say("The database file could not be written anew just now, and freed parts of it may hold traces: run the command again later.")
    say(_ELSEWHERE)


_STAYS = """
What stays, without this person: that messages came, when, where in the mailbox, their digests and what became of them (so that
nothing is fetched again and the audit adds up); numbers, times, coverage, causes, minutes and prices of tickets; offers and what was
answered to them. Acts of completed work are legal papers: names and words stay on them, the address does not."""
_ELSEWHERE = """Not in mailbot's hands: the mailbox itself, backups made before, the operators' own mailboxes with their forwards, and the
clients file (a contact that stands there comes back with the next `mailbot clients import`)."""


def _show(person: "Person", counts: dict[str, int]) -> None:
    named = ", ".join(f"“{safe(one)}”" for one in sorted(person.names))
    say(f"{safe(person.addr)}{f', known as {named}' if named else ''}\n")
    for what, count in counts.items():
        say(f"{count:8}  {what}")
    if person.shared:
        same = ", ".join(map(safe, person.shared))
        say(f"\nMail came under the same name from {same}; of these nothing is erased. Is it the same person, erase them as well.")
    if person.kept:
        say(f"\nThe name of a client or of the desk, which stays: {', '.join(map(safe, sorted(person.kept)))}.")
    say(_STAYS)
