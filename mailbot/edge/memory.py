"""Memory that is free goes back to the system: what else a long-running process holds is what it once needed most."""

import ctypes
import gc

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3)
_LARGE = 256 * 1024  # octets


def give_back() -> None:
    """From now on large blocks go back when they are freed. Does nothing where the C library is not glibc.

    By itself glibc raises the bound to the largest block that was ever freed, a dictionary of five megabytes, and keeps twice as much.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
        mallopt(_TRIM_THRESHOLD, _LARGE)


def settle() -> None:
    """What is loaded by now stays, and is not looked through any more: so it costs little to look for unreachable cycles often.

    Of each message a few objects are left in cycles; found once in ten thousand messages they would be megabytes, scattered over the rest.
    """
    gc.set_threshold(700, 5, 5)
    gc.collect()
    gc.freeze()
    gc.collect()
