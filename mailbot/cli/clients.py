"""Commands about clients: add, show, list, and import of a clients file."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailbot.cli.common import Json, cell, desk, print_json, say, show_rows
from mailbot.core.terminal import safe
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
    """Tell the story of a client: contacts, contract, terms and offers with their answers, courtesy, minutes by month, price, acts."""
    from mailbot.core.money.quote import quote_of
    from mailbot.edge.db import clients
    from mailbot.edge.db.story import story_of

    app = desk()
    now, policy = app.desk.clock(), app.desk.policy
    with app.desk.database.reading() as transaction:
        client_id = clients.id_by_name(transaction, name)
        if client_id is None:
            raise PermanentError(f"no client {name!r}; `mailbot client list` lists them")
        row = _plain(story_of(transaction, client_id))
        known = clients.load_client(transaction, client_id, now, policy.timezone, policy.money)
    quote = quote_of(known, now.astimezone(policy.timezone).date(), policy.money)
    row |= {
        "courtesy_used": known.courtesy_used,
        "minutes_this_month": known.minutes_this_month,
        "minutes_of_last_months": list(known.months),
        "months": [{"month": f"{one.first:%Y-%m}", "minutes": one.minutes} for one in quote.months],
        "price": quote.price.amount if quote.price else None,
        "pays": quote.pays,
    }
    if as_json:
        print_json(row)
        return
    for line in _story(row):
        say(line)


def _story(row: Mapping[str, Any]) -> Iterator[str]:
    """The story in lines: first what is a word each, then what has a line for each event."""
    told = ("courtesy", "terms", "months", "offers", "acts", "legal", "courtesy_used", "minutes_of_last_months")
    for key, value in row.items():
        if key not in told and value not in (None, [], ""):
            yield f"{key.replace('_', ' '):24} {cell(value)}"
    for key, value in (row["legal"] or {}).items():
        if value:
            yield f"{'legal, ' + key.replace('_', ' '):24} {safe(value)}"
    if row["courtesy"]:
        yield f"{'courtesy':24} ticket {row['courtesy']['ticket']}, {cell(row['courtesy']['at'])}"
    else:
        yield f"{'courtesy':24} not used"
    for one in row["months"]:
        yield f"{'worked in ' + one['month']:24} {one['minutes']} min"
    if terms := row["terms"]:
        yield f"{'terms told':24} version {terms['version']}, {cell(terms['at'])}, ticket {terms['ticket']}"
    for one in row["offers"]:
        yield from _offer(one)
    for one in row["acts"]:
        again = f", edition {one['edition']}" if one["edition"] > 1 else ""
        yield f"{'act':24} {one['number']} of {one['year']}, {one['period']}{again}: {one['total']}, {cell(one['made_at'])}"


def _offer(one: Mapping[str, Any]) -> Iterator[str]:
    """An offer, and what was answered."""
    about = f"act {one['act']}" if one["act"] else f"{one['kind']}{', ticket ' + str(one['ticket']) if one['ticket'] else ''}"
    reminded = f", reminded {one['reminders']} times" if one["reminders"] else ""
    yield f"{'offer':24} {about}, version {one['version']}, {cell(one['sent_at'])} to {safe(one['to'])}: {one['state']}{reminded}"
    for said in one["answers"]:
        words = " ".join(safe(said["words"]).split())[:80]
        proof = f", {said['authenticated']}" if said["authenticated"] else ""
        yield f"{'':24} {said['verdict']} by {safe(said['who'])}, {cell(said['at'])}{proof}: “{words}”"


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    row["class"] = row.pop("client_class")
    return row
