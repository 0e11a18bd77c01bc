"""`make systemd`: boots Debian 12 in systemd-nspawn, installs the wheel there by the README, and runs the checks of `inside.py`.

The root (by debootstrap) and the wheels are made once, below `build/systemd`; what happens in the container is gone with it. Needs root and,
the first time, the network. Exit status: 0 all is well, 1 a check went wrong, 3 it could not be tried here, which MAILBOT_SYSTEMD_OPTIONAL
makes a 0.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "systemd"
PACKAGES = ["systemd-sysv", "dbus", "python3", "python3-venv", "adduser", "dovecot-imapd"]
MIRROR = "http://deb.debian.org/debian"
BOOT_SECONDS = 60


class NotHereError(Exception):
    """Why it cannot be tried on this machine."""


def programs() -> None:
    """systemd-nspawn and debootstrap are there, or are installed."""
    if os.geteuid() != 0:
        raise NotHereError("containers with a systemd of their own need root")
    if shutil.which("systemd-nspawn") and shutil.which("debootstrap"):
        return
    if not shutil.which("apt-get"):
        raise NotHereError("systemd-nspawn or debootstrap is missing")
    words = "apt-get update -qq && apt-get install -y -qq --no-install-recommends systemd-container debootstrap"
    run("sh", "-c", words, because="systemd-container and debootstrap cannot be installed", DEBIAN_FRONTEND="noninteractive")


def run(*words: str | Path, because: str, **environment: str) -> None:
    """A command that must succeed; when it does not, its last line says more."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ | environment)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise NotHereError(f"{because}: {lines[-1] if lines else done.returncode}")


def debian() -> Path:
    """The root of a Debian 12; a half-made one is never taken for it."""
    root, part = FOLDER / "root", FOLDER / "root.part"
    if not root.exists():
        shutil.rmtree(part, ignore_errors=True)
        included = f"--include={','.join(PACKAGES)}"
        run("debootstrap", "--variant=minbase", included, "bookworm", part, MIRROR, because="debootstrap made no root")
        part.rename(root)
    return root


def wheels() -> Path:
    """mailbot's wheel of this checkout, and all that it and the SMTP server need: the container has no network."""
    folder = FOLDER / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("mailbot-*"):
        old.unlink()
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--quiet"]
    # docopt, which num2words wants, has no wheel anywhere.
    run(*pip, "wheel", "--no-deps", "--wheel-dir", folder, ".", "docopt", because="no wheel of mailbot")
    (wheel,) = folder.glob("mailbot-*.whl")
    # For Debian's Python, whichever this one is.
    target: list[str | Path] = ["--python-version", "3.11", "--only-binary=:all:", "--dest", folder]
    run(*pip, "download", *target, "--find-links", folder, wheel, "aiosmtpd", because="no wheels of the libraries")
    return folder


@contextmanager
def booted(root: Path, wheelhouse: Path) -> Iterator[int]:
    """The process id, out here, of the container's systemd."""
    words = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "--console=pipe", "--private-network"]
    words += ["--volatile=overlay", "--directory", str(root), f"--bind-ro={ROOT}:/checkout", f"--bind-ro={wheelhouse}:/wheels"]
    with (FOLDER / "boot.log").open("w") as said:
        container = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        yield _until_it_runs(container)
    finally:
        container.terminate()
        try:
            container.wait(timeout=30)
        except subprocess.TimeoutExpired:
            container.kill()


def _until_it_runs(container: "subprocess.Popen[bytes]") -> int:
    state = ""
    give_up = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < give_up and container.poll() is None:
        children = Path(f"/proc/{container.pid}/task/{container.pid}/children").read_text().split()
        if children:
            asked = subprocess.run(inside(int(children[0]), "systemctl", "is-system-running"), capture_output=True, text=True, check=False)
            state = asked.stdout.strip()
            if state in ("running", "degraded"):
                return int(children[0])
        time.sleep(0.2)
    lines = (FOLDER / "boot.log").read_text().strip().splitlines()
    raise NotHereError(f"systemd-nspawn boots nothing here ({state or 'no answer'}): {lines[-1] if lines else 'it says nothing'}")


def inside(leader: int, *words: str) -> list[str]:
    """The command line of a command in the container."""
    clean = "env --chdir=/checkout -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8"
    return [*f"nsenter --target {leader} --all {clean}".split(), *words]


def main() -> int:
    """The exit status."""
    try:
        programs()
        with booted(debian(), wheels()) as leader:
            return subprocess.run(inside(leader, "python3", "-uB", "-m", "tests.service.inside"), check=False).returncode
    except NotHereError as error:
        print(f"NOT TRIED: {error}")
        return 0 if os.environ.get("MAILBOT_SYSTEMD_OPTIONAL") else 3


if __name__ == "__main__":
    sys.exit(main())
