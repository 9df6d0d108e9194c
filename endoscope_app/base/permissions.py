"""Who may read what the program writes: the reader's data folder nobody else, an export whoever
may read the folder it lies in.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

PRIVATE_UMASK = 0o077
#: Where the user's own umask is kept once the process has a private one; child processes inherit
#: both.
UMASK_VARIABLE = "ENDOSCOPE_APP_UMASK"
_FILE, _FOLDER = 0o600, 0o700


def keep_private() -> None:
    """From now on nothing that this process or a child of it creates can be read by others,
    unless ``open_like_folder`` says so.
    """
    before = os.umask(PRIVATE_UMASK)
    os.environ.setdefault(UMASK_VARIABLE, f"{before:o}")


def open_like_folder(path: Path) -> None:
    """Let those read ``path`` (a file or a folder) who may read the folder it lies in, as far as
    the user's umask lets them.

    An export among colleagues' files is one that they can open; in the private data folder it stays
    private. A system that keeps no such rights is left alone.
    """
    with suppress(OSError, ValueError):
        around, own = path.parent.stat().st_mode, path.stat()
        may_read = around & 0o055 & ~int(os.environ.get(UMASK_VARIABLE, "22"), 8)
        shared = may_read if stat.S_ISDIR(own.st_mode) else (may_read & 0o044)
        path.chmod((_FOLDER if stat.S_ISDIR(own.st_mode) else _FILE) | shared)


def make_open_folder(path: Path) -> None:
    """Make the folder, and those above it that are missing, each as open as the one it lies in.

    Raises OSError.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in reversed(missing):
        open_like_folder(folder)


def make_private(root: Path, folders: tuple[str, ...], files: tuple[str, ...]) -> None:
    """Take everyone else's rights from ``root``, from the named ``folders`` in it, and from files
    whose names begin as ``files``.

    A root that holds other things too is left as open as it is, and so are those: it may be a home
    folder or a shared drive. Links are not followed. What cannot be changed is left.
    """
    try:
        found = list(os.scandir(root))
    except OSError:
        return
    ours = [entry for entry in found if entry.name in folders or entry.name.startswith(files)]
    if len(ours) == len(found):
        _tighten(root, _FOLDER)
    for entry in ours:
        _make_entry_private(entry)


def _make_entry_private(entry: os.DirEntry[str]) -> None:
    with suppress(OSError):
        if entry.is_symlink():
            return
        if not entry.is_dir():
            _tighten(Path(entry.path), _FILE)
            return
        _tighten(Path(entry.path), _FOLDER)
        for below in os.scandir(entry.path):
            _make_entry_private(below)


def _tighten(path: Path, mode: int) -> None:
    with suppress(OSError):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(mode)
