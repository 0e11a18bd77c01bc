"""Large octets: a folder, a file a digest."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from mailbot.errors import PermanentError, TransientError


class Blobs:
    """A store of octets by their SHA-256 (hex). `put` returns only when they are on the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def put(self, digest: str, octets: bytes) -> None:
        """Store octets under their digest; storing them again changes nothing. Raises TransientError when the disk does not take them."""
        path = self._path(digest)
        try:
            if path.exists() and path.stat().st_size == len(octets):
                os.utime(path)  # somebody needs it again: it is as young as if it were written now
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f"{digest}.{os.getpid()}.tmp")
            with draft.open("wb") as file:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            for parent in (path.parent, self.folder):
                sync_folder(parent)
        except OSError as error:
            raise TransientError(f"blob store {self.folder}: {error.strerror}; make room or mend its rights") from error

    def get(self, digest: str) -> bytes:
        """The octets under a digest. Raises PermanentError when there are none."""
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError as error:
            raise PermanentError(
                f"blob store {self.folder}: {digest} is missing; restore it from a backup, then `mailbot replay`"
            ) from error
        except OSError as error:
            raise TransientError(f"blob store {self.folder}: {error.strerror}") from error

    def has(self, digest: str) -> bool:
        """Whether octets are stored under a digest."""
        return self._path(digest).exists()

    def older_than(self, moment: datetime) -> Iterator[str]:
        """The digests of what was stored before a moment."""
        for path in self.folder.glob("??/*"):
            with suppress(FileNotFoundError):  # another process drops them, too
                if len(path.name) == 64 and path.stat().st_mtime < moment.timestamp():
                    yield path.name

    def drop(self, digest: str) -> bool:
        """Remove the octets under a digest, and drafts of them that a crash has left; False when there were none."""
        found = list(self._path(digest).parent.glob(f"{digest}*"))
        try:
            for path in found:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise TransientError(f"blob store {self.folder}: {error.strerror}") from error
        return bool(found)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last: a file's own fsync does not."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
