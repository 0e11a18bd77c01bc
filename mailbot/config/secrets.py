"""Secrets, from files, systemd credentials, the environment or a command; never shown, never logged."""

import os
import subprocess  # nosec B404  # `password_command`
from pathlib import Path

from mailbot.config.sections import Config, Storage
from mailbot.config.servers import OAuth2, Secret
from mailbot.errors import ConfigError

COMMAND_SECONDS = 30


def read_secret(config: Config, key: str, secret: Secret | OAuth2 | Storage) -> str | None:
    """The secret of a table (of [[mailbox]] and [smtp] the password) from where it is kept; None when none is given.

    `key`: of the table. Raises ConfigError when it cannot be read.
    """
    kind = next(one for one in ("password", "client_secret", "secret_key") if one in type(secret).model_fields)
    plain, file, variable, command = (getattr(secret, f"{kind}{source}") for source in ("", "_file", "_env", "_command"))
    if plain is not None:
        return str(plain)
    if variable is not None:
        found = os.environ.get(variable, "")
        remedy = f"the environment has no {variable}; set it"
        key = f"{key}.{kind}_env"
    elif command is not None:
        found, remedy = _ask(command)
        key = f"{key}.{kind}_command"
    elif file is not None:
        return read_secret_file(config, f"{key}.{kind}_file", file)
    else:
        return None
    if not found:
        raise ConfigError(f"{config.file}: {key}: {remedy}")
    return found


def _ask(command: str) -> tuple[str, str]:
    """(the password that a command prints, or what is wrong with the command)."""
    try:
        run = subprocess.run(command, shell=True, capture_output=True, timeout=COMMAND_SECONDS, check=True)  # nosec B602  # noqa: S602 -- the operator's own line
        return run.stdout.decode().rstrip("\r\n"), "it printed nothing; try it by hand"
    except subprocess.CalledProcessError as error:
        return "", f"it ended with status {error.returncode}; try it by hand"
    except subprocess.TimeoutExpired:
        return "", f"it did not end within {COMMAND_SECONDS} s; try it by hand"
    except UnicodeDecodeError:
        return "", "it printed what is not UTF-8; try it by hand"


def read_secret_file(config: Config, key: str, name: str) -> str:
    """The content of a secret's file: systemd's credential of that name first, then the file."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    candidates = [Path(credentials) / Path(name).name] if credentials else []
    path = config.at(name)
    try:
        path = next((one for one in [*candidates, path] if one.exists()), path)
        content = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise ConfigError(f"{config.file}: {key}: {path}: {reason}; write the secret there, readable for mailbot alone") from error
    if not content:
        raise ConfigError(f"{config.file}: {key}: {path} is empty; write the secret there")
    return content
