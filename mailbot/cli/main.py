"""The command `mailbot`."""

import gc
import sys
from pathlib import Path
from typing import Annotated

import typer

from mailbot import __version__
from mailbot.cli import acts, care, causes, clients, common, mail, money, service, signin, tickets, week
from mailbot.core.terminal import safe
from mailbot.errors import ConfigError, MailbotError

app = typer.Typer(
    name="mailbot",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Turns a support mailbox into tickets: answers at once with the right terms, recognises repeated requests, counts the work.

    Try it without a server: `mailbot demo`. Set it up: `mailbot init`, edit `mailbot.toml`, `mailbot check`, `mailbot run`.
    """,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        common.say(f"mailbot {__version__}")
        raise typer.Exit


@app.callback()
def options(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="PATH",
            help="The configuration; else $MAILBOT_CONFIG, ./mailbot.toml, /etc/mailbot/mailbot.toml.",
        ),
    ] = None,
    _version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Options before the command."""
    common.config_path = config


for group in (service, signin, mail, tickets, causes, clients, money, acts, week, care):
    group.register(app)


def main() -> None:
    """Run a command: exit status 0 done, 1 failed, 2 usage or configuration. Errors are one line on stderr."""
    gc.set_threshold(50_000)  # loading the libraries makes many objects and no garbage: looking for it took a tenth of a short command
    try:
        _run()
    finally:
        gc.freeze()  # the process ends: to look through everything once more took a fifth


def _run() -> None:
    try:
        status = app(standalone_mode=False)
    except ConfigError as error:
        _fail(str(error), 2)
    except MailbotError as error:
        _fail(str(error), 1)
    except typer.TyperException as error:  # what was typed cannot be understood
        if said := _usage(error):  # without any arguments the help has been printed instead
            _fail(said, 2)
        sys.exit(2)
    except typer.Abort:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away, as `head` does
        sys.exit(1)
    except OSError as error:  # a file or folder that somebody named
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), 1)
    except KeyboardInterrupt:
        sys.exit(130)
    else:
        sys.exit(status if isinstance(status, int) else 0)


def _usage(error: typer.TyperException) -> str:
    """A usage error in one line: what is wrong, and where the right form stands."""
    context = getattr(error, "ctx", None)
    said = error.format_message()
    if context is None or not said:
        return said
    return f"{said.rstrip('.')}; see `{context.command_path} --help`"


def _fail(said: str, status: int) -> None:
    for line in said.split("\n"):
        typer.echo(f"mailbot: {safe(line)}", err=True)
    sys.exit(status)
