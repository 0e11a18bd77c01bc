"""What a long-running process gives back of what it needed once."""

import platform
import subprocess
import sys

import pytest

HELD = """
import sys
from pathlib import Path
from mailbot.edge import memory

if sys.argv[1] == "gives back":
    memory.give_back()
bytearray(16 << 20)  # as when a dictionary is read
blocks = [bytearray(1 << 20) for _ in range(100)]
last = blocks.pop()
del blocks
print([int(line.split()[1]) // 1024 for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")][0])
"""


def held(how: str) -> int:
    """MiB that a process still holds after it has needed a hundred more, and has freed all but the last of them."""
    return int(subprocess.run([sys.executable, "-c", HELD, how], capture_output=True, check=True, text=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_freed_memory_goes_back_to_the_system() -> None:
    keeps, gives_back = held("keeps"), held("gives back")
    assert keeps > gives_back + 50
