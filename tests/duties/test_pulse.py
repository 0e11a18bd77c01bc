"""The sign of life means that mail flows: withheld when a restart may cure something, given when it cures nothing."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailbot.daemon import Daemon, run_due
from mailbot.errors import ConfigError, PermanentError, TransientError
from mailbot.pulse import LATE, Pulse
from tests.conftest import Studio


class Seconds:
    """A clock of seconds that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def daemon(studio: Studio, seconds: Seconds) -> Daemon:
    made = studio.open().daemon()
    made.pulse = Pulse({"fetch support": 60, "intake": 1, "deliver": 1}, seconds)
    return made


Hear = Callable[[Callable[[], object]], str]


@pytest.fixture
def hear(tmp_path: Path) -> Iterator[Hear]:
    """What the service manager is told by one call."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))

        def told(call: Callable[[], object]) -> str:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("NOTIFY_SOCKET", str(tmp_path / "n"))
                call()
            return manager.recv(65536).decode()

        yield told


def turn(studio: Studio, daemon: Daemon, seconds: Seconds, work: Callable[[], object], name: str = "deliver") -> None:
    """Twenty minutes in which one duty does that each minute, and the others do well."""
    for _ in range(20):
        seconds.now += 60
        studio.clock.forward(minutes=1)
        for one in ("fetch support", "intake", "deliver"):
            daemon.duty(one, work if one == name else lambda: None)


def failing(error: Exception) -> Callable[[], object]:
    def work() -> object:
        raise error

    return work


@pytest.mark.parametrize("error", [TransientError, PermanentError, ConfigError])
def test_a_server_that_is_away_makes_nobody_restart_the_daemon(
    studio: Studio, daemon: Daemon, seconds: Seconds, hear: Hear, error: type[Exception]
) -> None:
    turn(studio, daemon, seconds, failing(error("smtp.studio.example: away")))
    assert hear(daemon.beat) == "WATCHDOG=1\nSTATUS=smtp.studio.example: away"


@pytest.mark.parametrize("name", ["fetch support", "intake", "deliver"])
def test_what_nobody_foresaw_is_cured_by_a_restart_perhaps(studio: Studio, daemon: Daemon, seconds: Seconds, hear: Hear, name: str) -> None:
    turn(studio, daemon, seconds, failing(RuntimeError("no more files")), name)
    assert hear(daemon.beat) == f"STATUS={name} has not been done for too long; RuntimeError: no more files"
    studio.clock.forward(hours=1)
    daemon.duty(name, lambda: None)
    assert hear(daemon.beat).startswith("WATCHDOG=1\nSTATUS=looking after the mailbox, mail flows since ")


def test_a_clock_that_was_set_back_is_noticed(studio: Studio, daemon: Daemon, seconds: Seconds, hear: Hear) -> None:
    studio.clock.forward(days=1000)
    daemon.duty("intake", failing(TransientError("away")))
    studio.clock.forward(days=-1000)
    daemon.pulse.ended("intake")
    turn(studio, daemon, seconds, lambda: None)
    assert hear(daemon.beat) == "STATUS=intake has not been done for too long; away"


def test_another_duty_that_fails_holds_nothing_up(studio: Studio, daemon: Daemon, seconds: Seconds, hear: Hear) -> None:
    daemon.duty("summary", failing(RuntimeError("x")))
    turn(studio, daemon, seconds, lambda: None)
    assert hear(daemon.beat).startswith("WATCHDOG=1\n")


def test_a_long_backlog_is_a_sign_of_life_between_its_messages(daemon: Daemon, seconds: Seconds, hear: Hear) -> None:
    seconds.now += 10 * LATE
    assert hear(daemon._stopping) == "WATCHDOG=1"  # what the duties are given


def test_a_mailbox_that_is_looked_at_seldom_is_not_late(seconds: Seconds) -> None:
    pulse = Pulse({"fetch a": 86400, "intake": 1}, seconds)
    seconds.now += 86400
    assert pulse.late() == ["intake"]
    seconds.now += 86400 + LATE + 1
    assert pulse.late() == ["fetch a", "intake"]


def test_an_hour_that_the_local_clock_repeats_holds_nothing_up(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    daemon.minutely.append(("own", lambda: done.append("own")))
    try:
        monkeypatch.setenv("TZ", "CEST-2")
        time.tzset()
        timetable = daemon.timetable()
        monkeypatch.setenv("TZ", "CET-1")  # the end of summer: three o'clock is two o'clock
        time.tzset()
        run_due(timetable)
        assert done == ["own"]
        run_due(timetable)
        assert done == ["own"]
        assert timetable.idle_seconds is not None
        assert timetable.idle_seconds <= 60
    finally:
        monkeypatch.undo()
        time.tzset()
