"""The clients file, and a client as it is given on the command line."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from mailbot.config.files import explain, read_toml
from mailbot.config.kinds import Amount, Section
from mailbot.config.sections import Legal
from mailbot.core.desk.parties import PUBLIC_PROVIDERS
from mailbot.edge.db.clients import ClientRecord
from mailbot.errors import ConfigError


class ContractTable(Section):
    """contract = { … }"""

    kind: Literal["monthly", "hourly", "none"] = "none"
    since: date | None = None
    fee: Amount | None = None
    included_minutes: int | None = Field(None, strict=True, ge=0)
    rate: Amount | None = None


class ClientTable(Section):
    """[[client]]"""

    name: str = Field(min_length=1, max_length=200)
    domains: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    language: Literal["ru", "en"] | None = None
    client_class: str = Field("standard", alias="class")
    handed_over: date | None = None
    contract: ContractTable = ContractTable()
    legal: Legal | None = None

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
        for one in value:
            if one.lower() in PUBLIC_PROVIDERS:
                raise ValueError(f"{one!r} is a public mail provider and nobody's domain; list the contacts' addresses instead")
            if "@" in one or "." not in one:
                raise ValueError(f"{one!r} must be a domain like rose.example")
        return value


class ClientsFile(Section):
    """The whole file."""

    client: tuple[ClientTable, ...]


def read_clients(file: Path) -> list[ClientRecord]:
    """The clients of a clients file. Raises ConfigError, a line for each mistake."""
    try:
        tables = ClientsFile.model_validate(read_toml(file)).client
    except ValidationError as error:
        raise ConfigError("\n".join(explain(file, error))) from error
    return [_record(table) for table in tables]


def read_client(values: Mapping[str, Any]) -> ClientRecord:
    """One client of a `[[client]]` table's values. Raises ConfigError, a line for each mistake."""
    try:
        return _record(ClientTable.model_validate(values))
    except ValidationError as error:
        raise ConfigError("\n".join(explain(Path("client add"), error))) from error


def _record(table: ClientTable) -> ClientRecord:
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
        table.legal.model_dump() if table.legal else None,
    )
