"""Commands about clients: add, show, list, and import of a clients file."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailbot.cli.common import Json, cell, desk, print_json, say, show_rows
from mailbot.errors import ConfigError, PermanentError

if TYPE_CHECKING:
    from mailbot.app import App

client_commands = typer.Typer(no_args_is_help=True, help="Clients: organisations with contacts, domains and a contract.")
clients_commands = typer.Typer(no_args_is_help=True, help="Many clients at once.")


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(client_commands, name="client")
    app.add_typer(clients_commands, name="clients")


@clients_commands.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="The clients file; importing it again updates the clients.")],
) -> None:
    """Add or update the clients of a file, all or none of them."""
    from mailbot.config.clients import read_clients

    records = read_clients(file)
    say(save_clients(desk(), records))


def save_clients(app: "App", records: list[Any]) -> str:
    """Add or update clients, all or none of them, and say how many."""
    from mailbot.edge.db import clients

    known = app.config.money.markup
    for record in records:
        if record.client_class not in known:
            raise ConfigError(f"client {record.name}: class {record.client_class!r} has no markup; [money.markup] has {', '.join(known)}")
    with app.desk.database.writing() as transaction:
        added = sum(clients.save(transaction, record, app.desk.clock()) for record in records)
    return f"{added} added, {len(records) - added} updated"


@client_commands.command()
def add(
    name: Annotated[str, typer.Argument(help="The client's name.")],
    contact: Annotated[list[str] | None, typer.Option(help="An address of a contact; can be repeated.")] = None,
    domain: Annotated[list[str] | None, typer.Option(help="A mail domain of the client; can be repeated.")] = None,
    contract: Annotated[str, typer.Option(help="monthly, hourly or none.")] = "none",
    fee: Annotated[str | None, typer.Option(help="Monthly fee.")] = None,
    included_minutes: Annotated[int | None, typer.Option(help="Minutes that the fee includes.")] = None,
    rate: Annotated[str | None, typer.Option(help="Rate an hour, when it is not [money] hourly_rate.")] = None,
    handed_over: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When the site was handed over.")] = None,
    language: Annotated[str | None, typer.Option(help="ru or en.")] = None,
    client_class: Annotated[str, typer.Option("--class", help="A class of [money.markup].")] = "standard",
) -> None:
    """Add a client. An existing one is changed with `mailbot clients import`."""
    from mailbot.config.clients import read_client
    from mailbot.edge.db import clients

    given = {"fee": fee, "included_minutes": included_minutes, "rate": rate}
    own = {"language": language, "handed_over": handed_over.date() if handed_over else None}
    table: dict[str, Any] = {"name": name, "contacts": contact or [], "domains": domain or [], "class": client_class}
    table |= {key: value for key, value in own.items() if value is not None}
    table["contract"] = {"kind": contract} | {key: value for key, value in given.items() if value is not None}
    record = read_client(table)
    app = desk()
    with app.desk.database.reading() as transaction:
        if clients.id_by_name(transaction, name) is not None:
            raise PermanentError(f"client {name!r} is there already; change it in a clients file and `mailbot clients import` that")
    say(save_clients(app, [record]))


@client_commands.command(name="list")
def list_clients(as_json: Json = False) -> None:
    """List all clients."""
    from mailbot.edge.db import clients

    with desk().desk.database.reading() as transaction:
        rows = [_plain(row) for row in clients.listed(transaction)]
    columns = {
        "name": "name",
        "contract": "contract",
        "class": "class",
        "contacts": "contacts",
        "domains": "domains",
        "tickets": "tickets",
    }
    show_rows(rows, as_json, columns, "No clients yet: `mailbot clients import FILE.toml`, or `mailbot client add NAME`.")


@client_commands.command()
def show(name: Annotated[str, typer.Argument(help="The client's name.")], as_json: Json = False) -> None:
    """Show a client: contacts, contract, courtesy, minutes."""
    from mailbot.edge.db import clients

    app = desk()
    with app.desk.database.reading() as transaction:
        client_id = clients.id_by_name(transaction, name)
        if client_id is None:
            raise PermanentError(f"no client {name!r}; `mailbot client list` lists them")
        row = _plain(next(one for one in clients.listed(transaction) if one["id"] == client_id))
        known = clients.load_client(transaction, client_id, app.desk.clock(), app.desk.policy.timezone, app.desk.policy.money)
    row |= {
        "courtesy_used": known.courtesy_used,
        "minutes_this_month": known.minutes_this_month,
        "minutes_of_last_months": list(known.months),
    }
    if as_json:
        print_json(row)
        return
    for key, value in row.items():
        if value not in (None, [], ""):
            say(f"{key.replace('_', ' '):24} {cell(value)}")


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    row["class"] = row.pop("client_class")
    return row
