"""A Maildir, as a mailbox to read and as a place where sent mail goes."""

import itertools
import os
import re
import socket
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from mailbot.errors import TransientError


def _base(name: str) -> str:
    """A message's unique name without its flags (`:2,S`): reading it in another program must not make it another message."""
    return re.split(r"[:;]", name, maxsplit=1)[0]


def _delivered(name: str) -> tuple[int, int, str]:
    """(seconds, microseconds, name) of a unique name as delivery agents make it: `1136731697.M5801P15382.host`.

    They write the microseconds without leading zeros, so that the names' order as texts is not that of the deliveries.
    """
    found = re.match(r"([0-9]+)\.(?:[^.]*?M([0-9]+))?", name)
    return (int(found[1]), int(found[2] or 0), name) if found else (0, 0, name)


class Maildir:
    """The messages in `new` and `cur` of one folder."""

    def __init__(self, folder: Path, done: str = "keep") -> None:
        self.folder = folder
        self.done = done

    @property
    def place(self) -> str:
        """What log lines call this mailbox."""
        return str(self.folder)

    def names(self) -> dict[str, str]:
        """Each message's unique name and the path where its file is now, in the order of delivery.

        The path is a text: a Path takes a kilobyte, and there may be a backlog.
        """
        found: dict[str, str] = {}
        try:
            for part in ("new", "cur"):
                with os.scandir(self.folder / part) as entries:
                    found |= {_base(entry.name): entry.path for entry in entries if not entry.name.startswith(".") and entry.is_file()}
        except FileNotFoundError as error:
            raise TransientError(
                f"mailbox {self.folder}: is no Maildir ({error.filename} is missing); make it, or mend [[mailbox]] path"
            ) from error
        except OSError as error:
            raise TransientError(f"mailbox {self.folder}: {error.strerror}") from error
        return {name: found[name] for name in sorted(found, key=_delivered)}

    def read(self, name: str, path: str) -> tuple[bytes, datetime] | None:
        """(octets, when it was delivered) of a message; None when it is gone, also from where a mail program moved it."""
        for candidate in (path, None):
            place = candidate or self.names().get(name)
            if place is None:
                return None
            where = Path(place)
            try:
                return where.read_bytes(), datetime.fromtimestamp(where.stat().st_mtime, UTC)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise TransientError(f"mailbox {where}: {error.strerror}") from error
        return None

    def finish(self, names: Iterable[str]) -> None:
        """Do what `done` says to messages that are safe in the journal."""
        if self.done == "keep":
            return
        here = self.names()
        for path in (Path(here[name]) for name in names if name in here):
            try:
                self._file_away(path)
            except FileNotFoundError:
                continue  # a mail program was faster
            except OSError as error:
                raise TransientError(f'mailbox {path}: {error.strerror}; make it writable, or set done = "keep"') from error

    def _file_away(self, path: Path) -> None:
        if self.done == "delete":
            path.unlink()
        else:
            target = create(self.folder / self.done.removeprefix("move:"))
            path.replace(target / "cur" / f"{_base(path.name)}:2,S")


def create(folder: Path) -> Path:
    """Make a Maildir where there is none."""
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    return folder


_count = itertools.count()


def deliver(folder: Path, octets: bytes, at: datetime | None = None) -> Path:
    """Write a message into `new`, complete and on the disk before its name appears there. `at` becomes the file's time.

    Raises OSError when the disk does not take it.
    """
    create(folder)
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    name = f"{seconds}.M{nanoseconds // 1000:06}P{os.getpid()}Q{next(_count)}.{re.sub(r'[^A-Za-z0-9.-]', '-', socket.gethostname())}"
    draft, final = folder / "tmp" / name, folder / "new" / name
    with draft.open("wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    if at is not None:
        os.utime(draft, (at.timestamp(), at.timestamp()))
    draft.rename(final)
    handle = os.open(folder / "new", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return final
