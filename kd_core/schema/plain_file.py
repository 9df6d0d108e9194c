"""Reading a file that somebody else may have put there.

A pipe would be waited for without end, a device read without end; a file may be larger than memory.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_plain(path: Path) -> BinaryIO:
    """A plain file, open for reading; links are followed.

    Raises OSError where it cannot be opened, or is a pipe, a device or a folder.
    """
    # Not waiting for a pipe's other end; the kind is asked of what was opened, not of a name.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(errno.EINVAL, "it is no plain file", str(path))


def read_plain(path: Path, largest: int) -> bytes:
    """All of a plain file. Raises OSError as ``open_plain``, and beyond ``largest`` bytes."""
    with open_plain(path) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {largest >> 20} MB", str(path))
    return content
