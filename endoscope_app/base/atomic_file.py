"""Saving a file of the reader's in one step; what fails is an AppError with the way out."""

from __future__ import annotations

import errno
from pathlib import Path

from endoscope_app.base import wording
from endoscope_app.base.errors import AppError
from endoscope_app.base.unfinished import noted, refuse_lost_folder
from kd_core.schema.atomic_file import temporary_beside
from kd_core.schema.atomic_file import write_atomically as write_unnoted


def write_file(path: Path, *parts: bytes) -> None:
    """Replace ``path`` by the joined parts in one step; a program that is killed meanwhile leaves
    what the next start takes away. Raises OSError.
    """
    temporary = temporary_beside(path)
    with noted(temporary):
        write_unnoted(path, *parts, temporary=temporary)


def write_atomically(path: Path, parts: list[bytes], what: str) -> None:
    """Replace ``path`` by the joined parts, in a folder that is made where it is missing.

    ``what`` names the thing in the sentence shown when it cannot be written. Raises AppError.
    """
    try:
        refuse_lost_folder(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, *parts)
    except OSError as error:
        raise write_error(error, what) from error


def write_error(error: OSError, what: str) -> AppError:
    """``what`` could not be saved, and what can be done."""
    detail = f"{type(error).__name__} errno {error.errno}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return AppError(wording.disk_full(what), wording.FREE_SPACE, detail)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return AppError(wording.not_writable(what), wording.OTHER_FOLDER, detail)
    return AppError(wording.not_usable(what), wording.OTHER_FOLDER, detail)
