"""A backup as one file: a tar, compressed with zstd, for its owner alone; `tar --zstd -xf FILE` unpacks it without mailbot."""

import io
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import zstandard

from mailbot.errors import PermanentError


class Writer:
    """Files on their way into an archive."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, octets: bytes, at: float) -> None:
        """Add octets under a name."""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = len(octets), at, 0o600
        self._tar.addfile(entry, io.BytesIO(octets))

    def add_file(self, name: str, path: Path, at: float) -> None:
        """Add what a file holds, without reading it whole."""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = path.stat().st_size, at, 0o600
        with path.open("rb") as file:
            self._tar.addfile(entry, file)


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """An archive that is there whole, and on the disk, when the block ends without an error, or not at all.

    Raises PermanentError when the file exists.
    """
    if target.exists():
        raise PermanentError(f"{target}: exists already; name a file that does not, a backup overwrites nothing")
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            with (
                zstandard.ZstdCompressor(level=3).stream_writer(file, closefd=False) as packed,
                tarfile.open(fileobj=packed, mode="w|") as tar,
            ):
                yield Writer(tar)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(source: Path, take: Callable[[str, IO[bytes]], None]) -> None:
    """Hand (name, content) of each file of an archive over, in order. Raises PermanentError for what is none."""
    try:
        with (
            source.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as unpacked,
            tarfile.open(fileobj=unpacked, mode="r|") as tar,
        ):
            for entry in tar:
                content = tar.extractfile(entry)
                if content is not None:
                    take(entry.name, content)
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise PermanentError(f"{source}: is no backup of mailbot, or is cut off: {error}") from error
