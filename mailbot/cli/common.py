"""What every command needs: the desk, printing, and errors as one line."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO
from zoneinfo import ZoneInfo

import typer

from mailbot.core.terminal import safe

if TYPE_CHECKING:
    from mailbot.app import App

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]
LARGEST = 2**63 - 1  # number of a row that a database holds
config_path: Path | None = None  # `mailbot --config PATH`, set before any command runs
timezone: ZoneInfo | None = None  # the desk's, once it is open: people read its hours, not the server's


def desk(prepared: bool = True) -> "App":
    """The configured desk; `prepared`: with its database ready to work on."""
    from mailbot.app import open_app, prepare

    global timezone  # noqa: PLW0603
    app = open_app(config_path)
    timezone = app.desk.policy.timezone
    if prepared:
        prepare(app)
    return app


def say(line: str = "") -> None:
    """Print a line on stdout."""
    print(line)  # noqa: T201 -- the one place that does


def print_json(value: Any) -> None:
    """Print one JSON value: moments as ISO 8601 with offset, money as text."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    say(text.translate(_C1))  # json escapes the other control characters; a terminal obeys these as well


_C1 = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | Decimal | Path):
        return str(value)
    raise TypeError(type(value).__name__)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], empty: str) -> None:
    """Print rows as a table, or say what it means that there are none. What is not a terminal gets whole lines, uncut."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(Text(cell(one)) for one in row))  # Text: a subject must not be read as markup
    if not table.row_count:
        say(empty)
        return
    console = Console(width=None if sys.stdout.isatty() else 240, soft_wrap=not sys.stdout.isatty(), highlight=False)
    console.print(table)


def cell(value: Any) -> str:
    """A value as people read it in a table; control characters of a stranger's subject do not reach the terminal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, datetime):
        return value.astimezone(timezone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list | tuple):
        return "; ".join(cell(one) for one in value)
    return safe(str(value))


def show_rows(rows: Sequence[Mapping[str, Any]], as_json: bool, columns: Mapping[str, str], empty: str) -> None:
    """Print rows as JSON or as a table of the given {heading: key}."""
    if as_json:
        print_json(list(rows))
    else:
        print_table(list(columns), ([row[key] for key in columns.values()] for row in rows), empty)


def operator() -> str:
    """Who works on the command line."""
    return os.environ.get("SUDO_USER") or os.environ.get("USER") or "operator"


def read_words(text: str | None, source: TextIO | None = None) -> str:
    """The text of an option, or all of stdin."""
    if text is not None:
        return text
    stream: TextIO | None = source or sys.stdin
    if stream is None:  # closed
        return ""
    if stream.isatty():
        typer.echo("Type the text, then Ctrl-D:", err=True)
    return stream.read()


def progress(description: str, total: int | None) -> tuple[Any, Callable[[int], None]]:
    """A progress bar on stderr (only on a terminal), and what moves it on."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    task = bar.add_task(description, total=total)
    return bar, lambda count: bar.update(task, advance=count)


def minutes_of(text: str) -> int:
    """`40m`, `2h`, `1h30m`, `90` as whole minutes. Raises typer.BadParameter for anything else."""
    from mailbot.core.desk.operators import minutes

    try:
        return minutes(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def address_of(to: str) -> str:
    """An address in small letters. Raises typer.BadParameter for what is none."""
    from mailbot.config.kinds import an_address

    try:
        return an_address(to)
    except ValueError as error:
        raise typer.BadParameter(f"to {to!r}: {error}") from error
