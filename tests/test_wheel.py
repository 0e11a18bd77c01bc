"""The wheel, installed alone: it carries templates, configuration and unit in itself, and the demonstration runs from it."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from mailbot import __version__

ROOT = Path(__file__).parent.parent


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False, cwd=folder, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without the network."""
    target = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(ROOT), folder=target)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """An environment with nothing but this wheel; only the libraries that it depends on come from the one that runs the tests."""
    place = wheel.parent / "environment"
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel), folder=place)
    (site,) = place.glob("lib/python*/site-packages")
    # A path in a .pth file is only looked through: the editable mailbot of that environment is not installed by it.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return place


def test_it_carries_every_template_configuration_and_unit(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if name.startswith("mailbot/data/")}
    there = {
        f"mailbot/data/{one.relative_to(ROOT)}"
        for top in ("templates", "config", "systemd")
        for one in (ROOT / top).rglob("*")
        if one.is_file()
    }
    assert carried == there
    assert len(there) > 50


def test_it_carries_no_tests_and_no_benchmarks(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"mailbot", f"mailbot-{__version__}.dist-info"}


def test_mailbot_comes_from_the_wheel(installed: Path) -> None:
    where = run(str(installed / "bin" / "python"), "-c", "import mailbot; print(mailbot.__file__)", folder=installed)
    assert Path(where.stdout.strip()).is_relative_to(installed)


def test_help_and_version_are_there(installed: Path, tmp_path: Path) -> None:
    assert "summary" in run(str(installed / "bin" / "mailbot"), "--help", folder=tmp_path).stdout
    assert run(str(installed / "bin" / "mailbot"), "--version", folder=tmp_path).stdout == f"mailbot {__version__}\n"


def test_the_demonstration_runs_from_it(installed: Path, tmp_path: Path) -> None:
    shown = run(str(installed / "bin" / "mailbot"), "demo", folder=tmp_path)
    assert shown.stderr == ""
    assert "40 received = 27 new" in shown.stdout
    assert (tmp_path / "demo" / "html" / "index.html").is_file()


def test_init_writes_the_sample_configuration_from_it(installed: Path, tmp_path: Path) -> None:
    run(str(installed / "bin" / "mailbot"), "init", folder=tmp_path)
    assert (tmp_path / "mailbot.toml").read_bytes() == (ROOT / "config" / "mailbot.toml").read_bytes()
