"""Writing a file so that the old or the new content is there, never half of one.

Whatever happens: a crash, a kill, a power cut.
"""

from __future__ import annotations

import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

#: A temporary file this old belongs to a program that died; a younger one may be another's.
STALE_SECONDS = 3600
_SUFFIX = ".tmp"


def temporary_beside(path: Path) -> Path:
    """A name beside it that nobody can have guessed, and planted a link at."""
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}{_SUFFIX}")


def write_atomically(path: Path, *parts: bytes, temporary: Path | None = None) -> None:
    """Write the joined ``parts`` beside it, reach the disk, and replace ``path`` in one step.

    What a killed program left beside it is taken away. ``temporary``: the name meanwhile, from
    ``temporary_beside``. Raises OSError; the previous file then stays.
    """
    _remove_stale(path)
    temporary = temporary or temporary_beside(path)
    try:
        with open(temporary, "xb") as out:
            for part in parts:
                out.write(part)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in it last; Windows cannot open a folder, and some network drives refuse."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove_stale(path: Path) -> None:
    with suppress(OSError):
        for left in path.parent.iterdir():
            if left.name.startswith(f"{path.name}.") and left.suffix == _SUFFIX:
                with suppress(OSError):
                    if time.time() - left.stat().st_mtime > STALE_SECONDS:
                        left.unlink()
