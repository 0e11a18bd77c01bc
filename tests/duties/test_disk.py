"""A disk that takes no more: what was promised is kept, the rest waits where it is."""

import resource
import subprocess
from collections import Counter

import pytest

from tests.conftest import Studio
from tests.duties.mails import mail


def run_with_room(studio: Studio, octets: int) -> subprocess.CompletedProcess[str]:
    """`mailbot run --once` in a process none of whose files may grow beyond so many octets."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (octets, octets))

    return subprocess.run(studio.command("run", "--once"), capture_output=True, text=True, timeout=120, check=False, preexec_fn=limit)


@pytest.mark.parametrize("room", [280_000, 400_000, 700_000], ids=["hardly any room", "some room", "room for half of it"])
def test_a_full_disk_is_told_in_a_line_and_nothing_is_lost_or_doubled(studio: Studio, room: int) -> None:
    app = studio.open()  # the schema is there before the disk is full
    studio.arrive(*(mail(number, text=f"Request {number}\n" + f"{number} " * 4000) for number in range(100)))

    full = run_with_room(studio, room)
    assert full.returncode == 1
    assert "Traceback" not in full.stderr
    assert "waiting for it" in full.stderr

    assert studio.run("run", "--once").returncode == 0
    assert Counter(row["outcome"] for row in studio.journal(app)) == {"ticket": 100}
    assert Counter(row["kind"] for row in studio.outbox(app)) == {"acknowledgement": 100, "forward": 100}
    assert len({row["message_id"] for row in studio.outbox(app)}) == 200
