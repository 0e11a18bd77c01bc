"""Runs `mailbot` commands fast: each in a process of its own, forked from one that has imported everything already."""

import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

IMPORTED = (
    "mailbot.cli.main",
    "mailbot.app",
    "mailbot.edge.db.upgrade",
    "mailbot.edge.db.clients",
    "mailbot.audit",
    "mailbot.backup",
    "mailbot.daemon",
    "mailbot.erase",
    "mailbot.export",
    "rich.table",
    "rich.progress",
)
SECONDS = 120  # after which a command is ended: its status is then -14


def command(*words: str, cwd: Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """What `mailbot WORDS…` does in that folder, as `subprocess.run` would tell it."""
    with TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("stdin", "stdout", "stderr")]
        files[0].write_bytes(stdin)
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        job = {"words": words, "cwd": str(cwd), "environment": dict(os.environ | environment), "files": list(map(str, files))}
        server.stdin.write(json.dumps(job) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        return subprocess.CompletedProcess(words, status, files[1].read_bytes(), files[2].read_bytes())


@cache
def _server() -> subprocess.Popen[str]:
    # It ends when its stdin does, with the process that started it.
    return subprocess.Popen([sys.executable, "-m", "tests.command"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _serve() -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(job)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201 -- the answer to `command`


def _become(job: dict[str, object]) -> None:
    """Turn this process into the command, and end with its status."""
    for number, (name, flags) in enumerate(
        zip(job["files"], (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT), strict=True)
    ):
        os.dup2(os.open(name, flags), number)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["environment"])
    signal.alarm(SECONDS)
    sys.argv = ["mailbot", *job["words"]]
    status: object = 1
    try:
        importlib.import_module("mailbot.cli.main").main()
        status = 0
    except SystemExit as end:
        status = end.code or 0
    except BaseException:  # noqa: BLE001 -- as the interpreter does
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    _serve()
