"""Memory that the program has freed goes back to the system.

glibc keeps it, in pieces between what is still used and for each thread apart: after a day of
procedures of 1080p most of what a window held was free.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """Some milliseconds, so not on the window's thread; does nothing on other systems."""
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):  # another C library, as in Alpine Linux
            ctypes.CDLL(None).malloc_trim(0)
