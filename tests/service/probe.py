"""What a process can do under the unit's sandbox: started in mailbot's place, it writes what came of each try as JSON to the file it is given.

`null`: it could be done; otherwise the error's name.
"""

import ctypes
import errno
import json
import mmap
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

CLONE_NEWUSER = 0x10000000


def libc(name: str, *given: object) -> None:
    """A call of the C library. Raises OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*given) == -1:
        raise OSError(ctypes.get_errno(), name)


def write(folder: str) -> Callable[[], object]:
    """Make a file in a folder."""
    return lambda: Path(folder, "probe").write_text("x")


def set_user_id() -> None:
    """Mark a file of its own set-user-ID."""
    with tempfile.NamedTemporaryFile(dir="/var/lib/mailbot") as file:
        os.chmod(file.name, 0o4755)  # noqa: PTH101, S103 -- it must be refused


TRIES: dict[str, Callable[[], object]] = {
    "write into /var/lib/mailbot": write("/var/lib/mailbot"),
    "write into /tmp": write("/tmp"),
    "write into /etc": write("/etc"),
    "write into /etc/mailbot": write("/etc/mailbot"),
    "write into /opt/mailbot": write("/opt/mailbot"),
    "write into /usr": write("/usr"),
    "write into /var/lib": write("/var/lib"),
    "write into /srv/open": write("/srv/open"),  # where every user may write, without the sandbox
    "read /home": lambda: list(Path("/home").iterdir()),
    "see process 1": lambda: Path("/proc/1/status").read_text(),
    "write into /proc/sys": lambda: Path("/proc/sys/kernel/hostname").write_text("x"),
    "open a netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
    "open an internet socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close(),
    "have memory that can be written and executed": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    "make a namespace": lambda: libc("unshare", CLONE_NEWUSER),
    "mount": lambda: libc("mount", b"none", b"/tmp", b"tmpfs", 0, None),
    "become root": lambda: os.setuid(0),
    "run in real time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    "change its priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, 5),  # @resources; the container's own filter lets it pass
    "set a file's set-user-ID": set_user_id,
    "set the host's name": lambda: libc("sethostname", b"x", 1),
    "start a program": lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0),
}
ALLOWED = {"write into /var/lib/mailbot", "write into /tmp", "open an internet socket", "start a program"}


def came_of(one: Callable[[], object]) -> str | None:
    """The error's name, or None."""
    try:
        one()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return None


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps({name: came_of(one) for name, one in TRIES.items()}))
