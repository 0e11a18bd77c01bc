"""Where the files that lie beside the package are: in a checkout at its top, in an installed mailbot inside the package."""

from pathlib import Path


def folder(name: str) -> Path:
    """The folder `templates`, `config` or `systemd` that this mailbot came with."""
    installed = Path(__file__).parent / "data" / name
    return installed if installed.is_dir() else Path(__file__).parent.parent / name
