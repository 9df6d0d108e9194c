"""Files and folders on their way to their names, noted while they are: what a killed program left
is found wherever it lies, and what a living one writes is let be.

A note is a locked file below the data folder's ``scratch`` that holds one path. The lock goes with
the process, however it ends.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from endoscope_app.base.lock import LibraryLock

#: Where notes are kept by this process; as with the umask, there is one for all that it writes.
NOTES_VARIABLE = "ENDOSCOPE_APP_UNFINISHED"
NOTES = "unfinished"
_LONGEST = 1 << 16
#: SQLite's own, beside a copy that is being written.
_BESIDE = ("-journal", "-wal", "-shm")


def keep_notes_in(scratch: Path) -> None:
    """From now on; where the folder cannot be made nothing is noted."""
    folder = scratch / NOTES
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        os.environ[NOTES_VARIABLE] = str(folder.absolute())


def refuse_lost_folder(path: Path) -> None:
    """Raise FileNotFoundError where ``path`` is in a data folder that was there when the program
    began and is gone: a new one must not be made in its place.
    """
    notes = os.environ.get(NOTES_VARIABLE)
    root = Path(notes).parent.parent if notes else None
    if root is not None and path.absolute().is_relative_to(root) and not root.is_dir():
        raise FileNotFoundError(errno.ENOENT, "the data folder is gone")


class Note:
    """That ``path`` is being written, from now until ``done``; nothing where no note can be
    made: that stops no saving.
    """

    def __init__(self, path: Path) -> None:
        self._note: Path | None = None
        folder = os.environ.get(NOTES_VARIABLE)
        if not folder:
            return
        note = Path(folder) / secrets.token_hex(8)
        self._lock = LibraryLock(note)
        with suppress(OSError):
            if self._lock.take():
                self._note = note
                note.write_bytes(os.fsencode(path.absolute()))

    def done(self) -> None:
        """It has its name, or is gone."""
        if self._note is not None:
            with suppress(OSError):
                self._note.unlink(missing_ok=True)
            self._lock.release()
            with suppress(OSError):  # Windows deletes no file that is open
                self._note.unlink(missing_ok=True)
            self._note = None


@contextmanager
def noted(path: Path) -> Iterator[None]:
    """While the block writes ``path``."""
    note = Note(path)
    try:
        yield
    finally:
        note.done()


def take_away_noted(scratch: Path) -> set[Path]:
    """Remove what dead programs were writing, and say what living ones write now."""
    alive = set()
    try:
        notes = list((scratch / NOTES).iterdir())
    except OSError:
        return set()
    for note in notes:
        lock = LibraryLock(note)
        with suppress(OSError):
            path = _path_in(note)
            if not lock.take():
                alive |= {path} if path else set()
                continue
            try:
                if path is not None:
                    remove(path)
                note.unlink(missing_ok=True)
            finally:
                lock.release()
            note.unlink(missing_ok=True)
    return alive


def remove(path: Path) -> None:
    """A file, a link itself or a whole folder, and what SQLite keeps beside a file. What refuses
    stays.
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    for beside in ("", *_BESIDE):
        with suppress(OSError):
            path.with_name(path.name + beside).unlink(missing_ok=True)


def _path_in(note: Path) -> Path | None:
    with note.open("rb") as file:
        content = file.read(_LONGEST)
    return Path(os.fsdecode(content)) if content and b"\0" not in content else None
