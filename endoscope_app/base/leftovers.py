"""What a killed program was writing is taken away at the next start: copies of images and names
that nobody would look for. No Qt.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from endoscope_app.base.lock import LIBRARY_LOCK
from endoscope_app.base.paths import DataDir
from endoscope_app.base.unfinished import NOTES, remove, take_away_noted

#: Names that only unfinished files and folders have: as every version of the program has made them.
_UNFINISHED = re.compile(
    r".+\.[0-9a-z_]{8}\.tmp(-journal|-wal|-shm)?"
    r"|.+\.[0-9a-f]+\.part"
    r"|\.signing-.+|\.endoscope-model-part-.+|\.writing(-.+)?"
)


def sweep(data: DataDir) -> int:
    """Remove them from the data folder, and from wherever else this program's were noted; the
    number of those in the data folder.

    By the window that holds the library's lock alone. What another living program writes is noted
    and stays, and so does what was begun since the lock was taken; links are not followed. What
    cannot be removed stays for the next start.
    """
    lock = data.labels / LIBRARY_LOCK
    since = _dated(lock)
    # Listed before the notes are read: what begins later is not on the list
    found = [(path, _dated(path)) for path in _below(data) if path.name != NOTES]
    with suppress(OSError):
        os.utime(lock)
    # By the clock of the drive. Younger than now: written before the clock was set back
    begun_since = range(since, _dated(lock) + 1) if since else range(0)
    alive = take_away_noted(data.scratch)
    left = [
        path
        for path, date in found
        if date not in begun_since
        and not any(path == each or path in each.parents for each in alive)
        and _is_there(path)
    ]
    for path in left:
        remove(path)
    return len(left)


def _below(data: DataDir) -> Iterator[Path]:
    """Unfinished ones by their names, and whatever lies in ``scratch``."""
    folders = [data.root.absolute()]
    scratch = data.scratch.absolute()
    while folders:
        folder = folders.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            if folder == scratch or _UNFINISHED.fullmatch(entry.name):
                yield Path(entry.path)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))


def _dated(path: Path) -> int:
    """When its content was last written, in ns; 0 where it cannot be asked."""
    try:
        return path.lstat().st_mtime_ns
    except OSError:
        return 0


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()
