"""One training at a time for all programs that share a folder of runs: a lock that dies with
those who hold it. No Qt.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.base.lock import LibraryLock

BUSY = "A training is already running."
WAY_OUT_BUSY = (
    "Wait for it, or stop it first, perhaps in another window: two at once would take twice as"
    " long."
)
NOT_WRITABLE, WAY_OUT_NOT_WRITABLE = (
    "The folder of the run cannot be written.",
    "Free some space or check the data folder.",
)
LOCK_NAME = "training.lock"


class RunClaim:
    """The right to train.

    The trainer holds it as well: one that outlives a program that was killed is not joined by a
    second.
    """

    def __init__(self) -> None:
        self._lock: LibraryLock | None = None

    def take(self, runs: Path) -> None:
        """Keep all others out of this folder; may be asked twice.

        AppError where another is at work, or nothing can be written.
        """
        if self._lock is not None:
            return
        lock = LibraryLock(runs / LOCK_NAME)
        try:
            runs.mkdir(parents=True, exist_ok=True)
            taken = lock.take()
        except OSError as error:
            raise AppError(NOT_WRITABLE, WAY_OUT_NOT_WRITABLE, str(error)) from error
        if not taken:
            raise AppError(BUSY, WAY_OUT_BUSY)
        self._lock = lock

    def lent(self) -> AbstractContextManager[None]:
        """A child that is started meanwhile holds it too."""
        return self._lock.lent() if self._lock is not None else nullcontext()

    def release(self) -> None:
        """Let others in."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def claimed_elsewhere(runs: Path) -> bool:
    """Whether a training of another program, or one that outlived its own, is at work there."""
    if not (runs / LOCK_NAME).is_file():
        return False
    lock = LibraryLock(runs / LOCK_NAME)
    try:
        if not lock.take():
            return True
    except OSError:
        return False
    lock.release()
    return False
