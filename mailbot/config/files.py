"""The configuration file: found, read and checked; every mistake is one line with file, key, what was found and what is allowed."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ValidationError,
)

from mailbot.config.sections import Config
from mailbot.errors import ConfigError

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
DEFAULT_PATHS = (Path("mailbot.toml"), Path("/etc/mailbot/mailbot.toml"))


def find(path: Path | None) -> Path:
    """The configuration file: the given one, $MAILBOT_CONFIG, or the first that exists. Raises ConfigError when there is none."""
    named = path or (Path(os.environ["MAILBOT_CONFIG"]) if os.environ.get("MAILBOT_CONFIG") else None)
    if named is not None:
        return named
    for candidate in DEFAULT_PATHS:
        if candidate.exists():
            return candidate
    raise ConfigError(
        "no configuration: neither ./mailbot.toml nor /etc/mailbot/mailbot.toml exists; `mailbot init` writes one, --config names one"
    )


def load(path: Path) -> Config:
    """Read and check a configuration file. Raises ConfigError, a line for each mistake."""
    values = read_toml(path)
    if "file" in values:
        raise ConfigError(f"{path}: file: is an unknown key; remove it")
    try:
        return Config.model_validate({**values, "file": path.absolute()})
    except ValidationError as error:
        raise ConfigError("\n".join(explain(path, error))) from error


def read_toml(path: Path) -> dict[str, Any]:
    """The values of a TOML file. Raises ConfigError, one line, for a file that is missing or no TOML, or holds what no key can mean."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        wrong = next(_senseless(values), None)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name another file with --config, or write one with `mailbot init`") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: octet {error.start} is not UTF-8; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}; mend that line") from error
    except (ValueError, RecursionError) as error:  # the limits of Python's own integers and stack
        raise ConfigError(f"{path}: a number of too many digits, or tables and lists in one another without end; mend it") from error
    if wrong:
        raise ConfigError(f"{path}: {wrong}; mend it")
    return values


def _senseless(value: Any, place: str = "") -> Iterator[str]:
    """What TOML allows and no file, address or line of a mail can hold, with its place."""
    match value:
        case dict():
            for key, one in value.items():
                if len(key.splitlines()) > 1 or _CONTROL.search(key):
                    yield f"{place}{key!a}: a control character in a key"
                yield from _senseless(one, f"{place}{key}.")
        case list():
            for number, one in enumerate(value, 1):
                yield from _senseless(one, f"{place}{number}.")
        case str() if _CONTROL.search(value):
            yield f"{place.rstrip('.')}: a control character in a text"
        case int() if not -(2**63) <= value < 2**63:  # TOML 1.0.0, section Integer
            yield f"{place.rstrip('.')}: a number of more than 64 bits"


def explain(path: Path, error: ValidationError) -> list[str]:
    """Each mistake as `file: key: what was found; what is allowed`. Values that may hold a secret are not repeated."""
    lines = []
    for one in error.errors():
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in one["loc"])
        untold = one["type"] in ("missing", "extra_forbidden") or isinstance(one["input"], dict | list | tuple | BaseModel)
        found = (
            ""
            if untold or "password" in key or "client_secret" in key or "secret_key" in key or key == "database.url"
            else f"{one['input']!r} "
        )
        lines.append(f"{path}: {key + ': ' if key else ''}{found}{_remedy(one)}")
    return lines


_REMEDIES = {
    "missing": "is missing; add it",
    "extra_forbidden": "is an unknown key; mend its spelling or remove it (`mailbot init DIR` writes a file with every key)",
    "literal_error": "is not allowed; allowed: {expected}",
    "value_error": "{error}",
    "string_type": 'must be text in quotes, like "text"',
    "string_too_short": "must not be empty",
    "string_too_long": "is too long; at most {max_length} characters",
    "int_type": "must be a whole number, without quotes",
    "bool_type": "must be true or false, without quotes",
    "tuple_type": 'must be a list, like ["one", "two"]; a table is repeated as [[table]]',
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "decimal_type": 'must be an amount in quotes, like "2000"',
    "decimal_parsing": 'must be an amount in quotes, like "2000"',
    "finite_number": 'must be an amount in quotes, like "2000"',
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}
_PATTERNS = {
    "^[A-Za-z0-9.-]+$": "must be the directory's id or domain, like studio.example",
    "^(keep|delete|move:.+)$": 'is not allowed; allowed: "keep", "delete", "move:FOLDER"',
    r"^([01]\d|2[0-3]):[0-5]\d$": 'must be a time like "09:00"',
}


def _remedy(one: Any) -> str:
    context = one.get("ctx", {})
    if one["type"] == "string_pattern_mismatch" and context["pattern"] in _PATTERNS:
        return _PATTERNS[context["pattern"]]
    words = _REMEDIES.get(one["type"])
    return words.format(**context) if words else f"is wrong: {one['msg'][0].lower()}{one['msg'][1:]}; mend it"
