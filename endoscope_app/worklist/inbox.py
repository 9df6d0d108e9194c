"""Procedures that the command ``endoscope-app add`` leaves for the window, which alone may write
the library. No Qt.

A file each time it is called: the paths as bytes, a NUL between two.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.worklist import wording

SUFFIX = ".added"


def leave(folder: Path, paths: Sequence[Path]) -> None:
    """Put these where the window finds them. AppError where the data folder cannot be written."""
    name = f"{uuid.uuid4().hex}{SUFFIX}"
    write_atomically(
        folder / name, [b"\0".join(os.fsencode(path) for path in paths)], wording.THE_WORKLIST
    )


def waiting(folder: Path) -> list[Path]:
    """The files that were left, oldest first."""
    try:
        files = [path for path in folder.iterdir() if path.suffix == SUFFIX]
        return sorted(files, key=lambda path: path.stat().st_mtime_ns)
    except OSError:
        return []


def paths_of(file: Path) -> list[Path]:
    """What one of them holds; nothing where it cannot be read."""
    try:
        content = file.read_bytes()
    except OSError:
        return []
    return [Path(os.fsdecode(path)) for path in content.split(b"\0") if path]


def taken(file: Path) -> None:
    """It is in the library now."""
    with suppress(OSError):
        file.unlink()
