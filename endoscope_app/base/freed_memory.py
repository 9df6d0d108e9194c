"""Memory that the program has freed goes back to the system.

glibc keeps it, in pieces between what is still used and for each thread apart: after a day of
procedures of 1080p most of what a window held was free.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

_M_ARENA_MAX = -8  # glibc's malloc.h


def share_one_heap() -> None:
    """All threads of this process take memory from one heap; before the first thread is started.

    By default each gets its own, up to eight per core, and what one has freed serves no other: a
    window that went through procedures of 1080p for ten minutes held twice as much, and more with
    every one. Does nothing on other systems.
    """
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Some milliseconds, so not on the window's thread; does nothing on other systems."""
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):  # another C library, as in Alpine Linux
            ctypes.CDLL(None).malloc_trim(0)
