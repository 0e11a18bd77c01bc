"""Whether mail is flowing: what the daemon's sign of life to the service manager means.

Each duty of the flow must come to an end of its own often enough: well, or with an error that says what to wait for. A server or a
database that is away is such an error: a restart would cure nothing, and the service manager must not begin one again and again.
What a restart may cure shows as a duty that does not end so: it hangs, it fails with what nobody foresaw, or nobody calls it any more
(the pauses go by the wall clock, and a clock that was set back makes them wait).
"""

import time
from collections.abc import Callable, Mapping

LATE = 900  # seconds: three times the longest pause after failures


class Pulse:
    """When each duty of the flow ended last. `every`: the seconds between its turns, by name; `seconds`: a clock that nobody sets."""

    def __init__(self, every: Mapping[str, float], seconds: Callable[[], float] = time.monotonic) -> None:
        self._allowed = {name: LATE + 2 * pause for name, pause in every.items()}
        self._seconds = seconds
        self._ended = dict.fromkeys(every, seconds())

    def ended(self, name: str) -> None:
        """A duty ended well, or with an error that says what to wait for."""
        if name in self._ended:
            self._ended[name] = self._seconds()

    def late(self) -> list[str]:
        """The duties that have not ended for too long."""
        now = self._seconds()
        return [name for name, at in self._ended.items() if now - at > self._allowed[name]]
