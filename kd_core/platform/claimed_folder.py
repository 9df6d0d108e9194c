"""One training at a time in a run directory: an operating system's lock on a file in it, which
goes with the process, however that ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kd_core.schema.errors import DataError

LOCK_NAME = "run.lock"

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """While the block works in ``folder``, which is there. One that torchrun started beside the
    first claims nothing: the first has.

    Raises DataError where another training has it. A drive that knows no locks stops no training.
    """
    if int(os.environ.get("RANK", "0")) > 0:
        yield
        return
    path = folder / LOCK_NAME
    handle = _taken(path, folder)
    try:
        yield
    finally:
        if handle is not None:
            with suppress(OSError):  # Windows deletes no open file: an empty one stays there
                path.unlink(missing_ok=True)
            os.close(handle)


def _taken(path: Path, folder: Path) -> int | None:
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return None  # what cannot be written is said by what writes
        try:
            _lock(handle)
        except (BlockingIOError, PermissionError) as error:
            os.close(handle)
            raise DataError(
                f"Another training is at work in {folder}.",
                "Wait until it has ended, or choose another folder.",
            ) from error
        except OSError:
            os.close(handle)
            return None
        # The holder before may have deleted the file between our opening and our lock
        if _is_still(path, handle):
            return handle
        os.close(handle)


def _is_still(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
