"""The digests of all that lies in a model folder, but for its signature."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path

from kd_core.schema.model_files import LARGEST_WEIGHTS, SIGNATURE_NAME
from kd_core.schema.plain_file import open_plain
from kd_core.signing.signed_text import is_name

#: A student's folder holds some six.
MOST_FILES = 64
_BLOCK = 1 << 20
#: What systems leave in any folder that is looked at; no program of ours reads or copies it.
_LEFT_BY_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


def names_in(folder: Path) -> tuple[str, ...]:
    """All files of a model folder but its signature, sorted.

    Raises OSError, also for a link, a folder, a pipe or too many files in it.
    """
    names = []
    with os.scandir(folder) as found:
        for entry in found:
            if entry.name in _LEFT_BY_SYSTEMS or entry.name.startswith("._"):
                continue
            if not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                raise OSError(errno.EINVAL, f"{entry.name} is no plain file")
            if not is_name(entry.name):
                raise OSError(errno.EINVAL, "a file in it has a name that cannot be signed")
            names.append(entry.name)
            if len(names) > MOST_FILES:
                raise OSError(errno.EINVAL, f"it holds more than {MOST_FILES} files")
    return tuple(sorted(name for name in names if name != SIGNATURE_NAME))


def digests_of(folder: Path) -> dict[str, str]:
    """sha256 (hex) by name. Raises OSError as ``names_in``, and for a file beyond any model's."""
    return {name: _digest(folder / name) for name in names_in(folder)}


def _digest(path: Path) -> str:
    digest, size = hashlib.sha256(), 0
    with open_plain(path) as file:
        while block := file.read(_BLOCK):
            size += len(block)
            if size > LARGEST_WEIGHTS:
                raise OSError(errno.EFBIG, f"{path.name} is larger than any model")
            digest.update(block)
    return digest.hexdigest()
