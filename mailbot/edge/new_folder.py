"""A folder that is made and filled once, for its owner alone; nothing in it is ever overwritten."""

import os
from collections.abc import Iterable
from pathlib import Path

from mailbot.errors import PermanentError


class NewFolder:
    """Files below a folder that is new or empty. Raises PermanentError when there is something in it."""

    def __init__(self, folder: Path) -> None:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise PermanentError(f"{folder}: is there already and not empty; name a folder that does not exist")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """Write a file part by part; its name may have folders in it."""
        path = self.folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for part in parts:
                file.write(part)
