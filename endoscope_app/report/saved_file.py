"""Writing where the reader pointed: in one step, open to who may read the folder. No Qt."""

from __future__ import annotations

import errno
from pathlib import Path

from endoscope_app.base.atomic_file import write_file
from endoscope_app.base.errors import AppError
from endoscope_app.base.permissions import make_open_folder, open_like_folder
from endoscope_app.report import wording


def save(path: Path, content: bytes) -> None:
    """Replace the file. AppError, without the name of the file, where it cannot be written."""
    try:
        make_open_folder(path.parent)
        write_file(path, content)
    except OSError as error:
        raise not_saved(error) from error
    open_like_folder(path)


def not_saved(error: OSError) -> AppError:
    """What became of it, and what can be done."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    sentence = wording.DISK_FULL if full else wording.NOT_SAVED
    return AppError(*sentence, f"{type(error).__name__} errno {error.errno}")
