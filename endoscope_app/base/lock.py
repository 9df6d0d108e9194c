"""Who may write: an operating system's lock on labels.lock, which dies with the process that
holds it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        # flock, not lockf: a second store inside the same process must be refused too
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


#: Beside the library of labels; who holds it may also sweep the data folder.
LIBRARY_LOCK = "labels.lock"


class LibraryLock:
    """The right to write one library.

    It goes when released and when the process ends, however it ends.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """True when this process may write, False when another window does; OSError where no
        lock file can be made. The file is then dated: what is younger is not an earlier holder's.
        """
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
        except (BlockingIOError, PermissionError):
            os.close(handle)
            return False
        except BaseException:
            os.close(handle)
            raise
        with contextlib.suppress(OSError):
            os.utime(self._path)
        self._handle = handle
        return True

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """A child that is started meanwhile holds the lock too, for as long as it lives,
        whatever becomes of us (not on Windows).
        """
        handle = self._handle if sys.platform != "win32" else None
        if handle is not None:
            os.set_inheritable(handle, True)
        try:
            yield
        finally:
            if handle is not None:
                os.set_inheritable(handle, False)

    def release(self) -> None:
        """Let the next window write.

        The file stays: removing it would let two windows lock two files of the same name.
        """
        if self._handle is not None:
            with contextlib.suppress(OSError):
                os.close(self._handle)
            self._handle = None
