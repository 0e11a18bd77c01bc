"""The file where a grant is kept: for its owner alone, written whole or not at all, by one process at a time."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from mailbot.core.oauth.grant import Grant
from mailbot.errors import PermanentError, TransientError

LOCK_SECONDS = 60  # longer than a token endpoint may take


class TokenFile:
    """The grant of the sign-in `name`, in a file."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path

    def read(self) -> Grant | None:
        """The grant, None when there is no file. Raises PermanentError when it is no grant, or not for mailbot alone."""
        try:
            with self.path.open("rb") as file:
                if others := os.fstat(file.fileno()).st_mode & 0o077:
                    raise PermanentError(f"sign-in {self.name}: {self.path} is open to others (…{others:03o}); `chmod 600 {self.path}`")
                octets = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PermanentError(
                f"sign-in {self.name}: {self.path}: {error.strerror}; give it to the user that mailbot runs as, or move it away and "
                f"sign in again as that user: `mailbot login {self.name}`"
            ) from error
        try:
            return _grant(json.loads(octets))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise PermanentError(f"sign-in {self.name}: {self.path} is damaged; sign in again: `mailbot login {self.name}`") from error

    def write(self, grant: Grant) -> None:
        """Keep the grant, under `locked`; what was there is replaced whole or stays. Raises TransientError when the disk is full."""
        draft = self.path.with_name(f"{self.path.name}.new")
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as file:
                os.fchmod(handle, 0o600)
                self._belong(handle)
                file.write(json.dumps(asdict(grant), default=datetime.isoformat, indent=1).encode())
                file.flush()
                os.fsync(handle)
            draft.replace(self.path)
            self._sync_folder()
        except OSError as error:
            raise TransientError(f"sign-in {self.name}: {self.path}: {error.strerror}; make room or mend its rights") from error

    def _belong(self, handle: int) -> None:
        """What root writes (`mailbot check`, a sign-in) stays the daemon's: its own file's owner, or the folder's."""
        if os.geteuid() == 0:
            model = (self.path if self.path.exists() else self.path.parent).stat()
            os.fchown(handle, model.st_uid, model.st_gid)

    def _sync_folder(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone with the file. Raises PermanentError when it could not be written: a grant that is renewed and lost is lost for good."""
        folder = self.path.parent
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermanentError(f"sign-in {self.name}: {folder} cannot be written; set token_file to a path where mailbot may write")
        # The folder itself is locked: a lock file of root's would keep the daemon out.
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            give_up = time.monotonic() + LOCK_SECONDS
            while not _lock(handle):
                if time.monotonic() > give_up:
                    raise TransientError(f"sign-in {self.name}: another process holds {folder}; will try again")
                time.sleep(0.05)
            yield
        finally:
            os.close(handle)


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _grant(kept: dict[str, str | None]) -> Grant:
    moments = {name: datetime.fromisoformat(str(kept[name])) for name in ("expires_at", "renewed_at")}
    ends_at = datetime.fromisoformat(kept["ends_at"]) if kept["ends_at"] else None
    tokens = [kept["access_token"], kept["refresh_token"]]
    if not all(isinstance(one, str) for one in tokens) or any(one.tzinfo is None for one in [*moments.values(), *filter(None, [ends_at])]):
        raise ValueError("no grant")
    return Grant(str(tokens[0]), str(tokens[1]), ends_at=ends_at, **moments)
