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


def read_most(file: BinaryIO, largest: int) -> bytes:
    """All of an open file, or its first ``largest`` + 1 bytes: who gets so many refuses it.

    A reading takes the memory that it asks for before it knows how much there is to read.
    """
    size = min(os.fstat(file.fileno()).st_size, largest)
    content = file.read(size + 1)
    # it has grown since, or does not say its size
    return content + file.read(largest - size) if len(content) > size else content


def read_plain(path: Path, largest: int) -> bytes:
    """All of a plain file. Raises OSError as ``open_plain``, and beyond ``largest`` bytes."""
    with open_plain(path) as file:
        content = read_most(file, largest)
    if len(content) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {largest >> 20} MB", str(path))
    return content
