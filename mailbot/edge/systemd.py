"""The service manager's side of the daemon: sd_notify(3) over its datagram socket."""

import os
import socket


def notify(state: str) -> bool:
    """Send `READY=1`, `STATUS=…`, `WATCHDOG=1` or `STOPPING=1`; False when no service manager listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]  # the abstract namespace, unix(7)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
            connection.connect(address)
            connection.sendall(state.encode())
    except OSError:
        return False
    return True
