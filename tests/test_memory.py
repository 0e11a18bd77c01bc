"""What a long-running process gives back of what it needed once, and what it does not keep for ever."""

import gc
import platform
import subprocess
import sys
from collections.abc import Callable

import pytest

from mailbot.core.desk.causes.features import of_word, stem
from mailbot.core.desk.repeats.terms import grams, term
from mailbot.core.desk.repeats.vocabulary import is_known, root

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


CYCLES = """
import gc
import sys
from mailbot.edge import memory

gc.set_threshold(50_000)  # as commands do, which end before it matters
memory.settle()
before = sys.getallocatedblocks()
for _ in range(20_000):
    one = []
    one.append(one)
print(sys.getallocatedblocks() - before)
"""


def test_a_long_running_process_soon_finds_what_nobody_can_reach() -> None:
    assert int(subprocess.run([sys.executable, "-c", CYCLES], capture_output=True, check=True, text=True).stdout) < 3000


@pytest.mark.parametrize("of", [stem, of_word, term, grams, root, is_known])
@pytest.mark.parametrize("word", ["order{}x", "заказ{}ы"])
def test_words_that_come_once_are_not_kept_for_ever(of: Callable[[str], object], word: str) -> None:
    for number in range(3000):
        of(word.format(number))
    gc.collect()
    before = sys.getallocatedblocks()
    for number in range(3000, 6000):
        of(word.format(number))
    gc.collect()
    assert sys.getallocatedblocks() - before < 1000
