"""The kinds of values that keys of the configuration hold."""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def an_address(value: str) -> str:
    """An address in small letters; raises ValueError for what is none."""
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", value):
        raise ValueError("must be an address like support@studio.example")
    return value.lower()


def a_word(value: str) -> str:
    """Words that a rule looks for; raises ValueError for none."""
    if not value.strip(" *"):
        raise ValueError('must be words that stand in a mail, like "invoice" or "invoic*"')
    return value.strip()


def a_sender(value: str) -> str:
    """An address or a domain, in small letters; raises ValueError for what is neither."""
    if not re.fullmatch(r"[^@\s<>,;]*@[^@\s<>,;]+", value):
        raise ValueError("must be an address, or a domain like @rose.example")
    return value.lower()


def _money(value: Any) -> Any:
    if isinstance(value, float | bool):
        raise ValueError('must be written in quotes, like "0.30": a float is not exact')
    return value


Name = Annotated[str, Field(min_length=1, max_length=40)]
Address = Annotated[str, AfterValidator(an_address)]
Amount = Annotated[Decimal, BeforeValidator(_money), Field(ge=0, max_digits=15, decimal_places=4)]
Count = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
Days = Annotated[int, Field(strict=True, ge=0, le=36_500)]
Positive = Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Flag = Annotated[bool, Field(strict=True)]


class Section(BaseModel):
    """A table of the file; an unknown key in it is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
