"""Writing a file so that after kill -9 or a power cut either the old or the new content is
there, never half of one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import time
from pathlib import Path

from endoscope_app.base.errors import AppError

STALE_SECONDS = 3600
"""A temporary file this old belongs to a program that died; a younger one may be another
window's save in progress.
"""


def write_atomically(path: Path, parts: list[bytes], what: str) -> None:
    """Replace path by the joined parts; ``what`` names the thing in the sentence shown when it
    cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(path)
        _replace(path, parts)
    except OSError as error:
        raise write_error(error, what) from error


def _replace(path: Path, parts: list[bytes]) -> None:
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the rename itself durable; Windows cannot open a folder, and some network drives
    refuse.
    """
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove_stale(path: Path) -> None:
    for left in path.parent.iterdir():
        if left.name.startswith(f"{path.name}.") and left.suffix == ".tmp":
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > STALE_SECONDS:
                    left.unlink()


def write_error(error: OSError, what: str) -> AppError:
    detail = f"{type(error).__name__} errno {error.errno}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return AppError(
            f"The disk is full, so {what} could not be saved.",
            "Free some space; the program goes on without it.",
            detail,
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return AppError(
            f"The data folder is not writable, so {what} could not be saved.",
            "Choose another one with --data-dir.",
            detail,
        )
    return AppError(
        f"The data folder cannot be used, so {what} could not be saved.",
        "Choose another one with --data-dir.",
        detail,
    )
