"""Commands about clients: add, show, list, and import of a clients file."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

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


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ContractTable(_Table):
    """contract = { … }"""

    kind: Literal["monthly", "hourly", "none"] = "none"
    since: date | None = None
    fee: Decimal | None = Field(None, ge=0)
    included_minutes: int | None = Field(None, strict=True, ge=0)
    rate: Decimal | None = Field(None, ge=0)


class ClientTable(_Table):
    """[[client]]"""

    name: str = Field(min_length=1, max_length=200)
    domains: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    language: Literal["ru", "en"] | None = None
    client_class: str = Field("standard", alias="class")
    handed_over: date | None = None
    contract: ContractTable = ContractTable()

    @field_validator("contacts")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if "@" not in one.strip("@") or " " in one:
                raise ValueError(f"{one!r} must be an address")
        return value

    @field_validator("domains")
    @classmethod
    def _own_domains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from mailbot.core.desk.parties import PUBLIC_PROVIDERS

        for one in value:
            if one.lower() in PUBLIC_PROVIDERS:
                raise ValueError(f"{one!r} is a public mail provider and nobody's domain; list the contacts' addresses instead")
            if "@" in one or "." not in one:
                raise ValueError(f"{one!r} must be a domain like rose.example")
        return value


class ClientsFile(_Table):
    """The whole file."""

    client: tuple[ClientTable, ...]


def _record(table: ClientTable) -> Any:
    from mailbot.edge.db.clients import ClientRecord

    contract = table.contract
    return ClientRecord(
        table.name,
        table.domains,
        table.contacts,
        table.language,
        table.client_class,
        table.handed_over,
        contract.kind,
        contract.since,
        contract.fee,
        contract.included_minutes,
        contract.rate,
    )


@clients_commands.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="The clients file; importing it again updates the clients.")],
) -> None:
    """Add or update the clients of a file, all or none of them."""
    records = read_clients(file)
    say(save_clients(desk(), records))


def read_clients(file: Path) -> list[Any]:
    """The clients of a clients file. Raises ConfigError, a line for each mistake."""
    from mailbot.config import explain, read_toml

    values = read_toml(file)
    try:
        tables = ClientsFile.model_validate(values).client
    except ValidationError as error:
        raise ConfigError("\n".join(explain(file, error))) from error
    return [_record(table) for table in tables]


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
    """Add a client, or update the one of that name."""
    if domain is None:
        domain = []
    if contact is None:
        contact = []
    given = {"fee": fee, "included_minutes": included_minutes, "rate": rate}
    own = {"language": language, "handed_over": handed_over.date() if handed_over else None}
    table: dict[str, Any] = {"name": name, "contacts": contact, "domains": domain, "class": client_class}
    table |= {key: value for key, value in own.items() if value is not None}
    table["contract"] = {"kind": contract} | {key: value for key, value in given.items() if value is not None}
    try:
        record = _record(ClientTable.model_validate(table))
    except ValidationError as error:
        from mailbot.config import explain

        raise ConfigError("\n".join(explain(Path("client add"), error))) from error
    say(save_clients(desk(), [record]))


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
    from mailbot.edge.db.facts import load_client

    app = desk()
    with app.desk.database.reading() as transaction:
        client_id = clients.id_by_name(transaction, name)
        if client_id is None:
            raise PermanentError(f"no client {name!r}; `mailbot client list` lists them")
        row = _plain(next(one for one in clients.listed(transaction) if one["id"] == client_id))
        known = load_client(transaction, client_id, app.desk.clock(), app.desk.policy.timezone, app.desk.policy.money.months)
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
