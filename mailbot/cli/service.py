"""Commands about the installation: demo, init, check, run, db."""

import secrets
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.cli.common import cell, desk, say
from mailbot.core.terminal import safe
from mailbot.errors import MailbotError, PermanentError

if TYPE_CHECKING:
    from mailbot.app import App
    from mailbot.core.desk.alarms import Alarm
    from mailbot.daemon import Daemon
    from mailbot.signin import SignIn

db_commands = typer.Typer(no_args_is_help=True, help="The database's schema.")


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (demo, init, check, run):
        app.command()(command)
    app.add_typer(db_commands, name="db")


def demo(
    folder: Annotated[Path, typer.Option("--dir", metavar="DIR", help="Where the demonstration lives; made anew each time.")] = Path(
        "demo"
    ),
) -> None:
    """Show the whole desk on sample mail: no server and no configuration needed."""
    from mailbot.cli.demo import show_desk

    show_desk(folder)


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to; the current folder when not given.")] = Path(),
) -> None:
    """Write a configuration and a secret to begin with; existing files stay as they are."""
    from mailbot.resources import folder as shipped

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content, mode in (
            ("mailbot.toml", (shipped("config") / "mailbot.toml").read_text("utf-8"), 0o640),
            ("secret", secrets.token_urlsafe(32) + "\n", 0o600),
        ):
            target = folder / name
            if target.exists():
                say(f"{target}: exists already, left as it is")
                continue
            target.touch(mode=mode, exist_ok=False)
            target.write_text(content, "utf-8")
            say(f"{target}: written")
    except OSError as error:
        raise PermanentError(f"{error.filename}: {error.strerror}") from error
    written = folder / "mailbot.toml"
    say(f"Next: edit {written}, write the passwords into the files it names, then `mailbot --config {written} check`.")


def check() -> None:
    """Try configuration, sign-ins, mailboxes, SMTP, database, S3 and templates: a line each, what is wrong and how to mend it."""
    app = desk(prepared=False)
    daemon = app.daemon()  # before anything is opened: passwords and templates
    troubles = 0
    for what, probe in _probes(app, daemon):
        try:
            say(f"ok    {what}: {probe()}")
        except (MailbotError, OSError) as error:
            troubles += 1
            say(f"WRONG {what}: {safe(str(error))}")
    if troubles:
        raise typer.Exit(1)


def _probes(app: "App", daemon: "Daemon"):  # type: ignore[no-untyped-def]
    from mailbot.app import prepare
    from mailbot.audit import look

    there = False

    def database() -> str:
        nonlocal there
        prepare(app)
        there = True
        return app.desk.database.place

    def outgoing() -> str:
        try:
            daemon.transport.open()
        finally:
            daemon.transport.close()
        return daemon.transport.place

    def large_octets() -> str:
        octets = b"mailbot check"
        digest = sha256(octets).hexdigest()
        app.desk.blobs.put(digest, octets)
        app.desk.blobs.get(digest)
        return app.config.storage.blobs

    def renewed(sign_in: "SignIn") -> str:
        grant = sign_in.renew(sign_in.grant())
        ends = f"; somebody must sign in again before {cell(grant.ends_at)}" if grant.ends_at else ""
        return f"renewed, the token lasts until {cell(grant.expires_at)}{ends}"

    yield "configuration", lambda: f"{app.config.file}, desk {app.desk.policy.address}"
    yield "templates", lambda: "all read"
    yield "database", database
    for one in _lasting(app) if there else ():
        yield "trouble", partial(_is_not_over, one)
    if app.config.storage.blobs.startswith("s3://"):
        yield "blob store", large_octets
    for sign_in in daemon.sign_ins:
        yield f"sign-in {sign_in.name}", lambda sign_in=sign_in: renewed(sign_in)
    for mailbox in daemon.mailboxes:
        yield f"mailbox {mailbox.name}", lambda mailbox=mailbox: look(mailbox)
    yield "smtp", outgoing


def _lasting(app: "App") -> "list[Alarm]":
    from mailbot.edge.db import alarms

    with app.desk.database.reading() as transaction:
        return alarms.lasting(transaction)


def _is_not_over(one: "Alarm") -> str:
    raise PermanentError(f"{one.kind} {one.name}".strip() + f" since {cell(one.since)}, as `mailbot run` found: {one.because}")


def run(
    once: Annotated[
        bool,
        typer.Option("--once", help="Fetch all, handle all, send all that is due, and exit; status 1 when something failed."),
    ] = False,
) -> None:
    """Look after the mailbox until told to stop (SIGTERM); the log goes to stderr."""
    from mailbot.app import prepare
    from mailbot.log import set_up_log

    app = desk(prepared=False)
    set_up_log()
    daemon = app.daemon()  # every mistake of the configuration is told before the database is touched
    prepare(app)
    if not once:
        app.publish(daemon)
        daemon.run()
    elif not daemon.once():
        raise typer.Exit(1)


@db_commands.command()
def upgrade() -> None:
    """Bring the database to this program's schema."""
    from mailbot.edge.db.upgrade import upgrade as migrate

    app = desk(prepared=False)
    before, after = migrate(app.desk.database)
    say(f"{app.desk.database.place}: {f'schema {after} already' if before == after else f'schema {before or chr(45)} → {after}'}")
