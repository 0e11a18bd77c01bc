"""The service manager's end of sd_notify."""

import socket
import threading


class Manager:
    """A service manager's side of sd_notify: it hears what a daemon says."""

    def __init__(self, address: str) -> None:
        self.said: list[str] = []
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.settimeout(0.2)
        self._open = True
        self._ear = threading.Thread(target=self._listen)
        self._ear.start()

    def _listen(self) -> None:
        while self._open:
            try:
                self.said += self._socket.recv(65536).decode().split("\n")
            except TimeoutError:
                continue

    def heard(self, beginning: str) -> int:
        """How many lines began like this."""
        return sum(line.startswith(beginning) for line in list(self.said))

    def close(self) -> None:
        """Hear no more."""
        self._open = False
        self._ear.join()
        self._socket.close()
