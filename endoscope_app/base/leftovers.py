"""What a killed program was writing is taken away at the next start: copies of images and names
that nobody would look for. No Qt.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

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
    and stays; links are not followed. What cannot be removed stays for the next start.
    """
    # Listed before the notes are read: what begins later is not on the list
    found = [path for path in _below(data) if path.name != NOTES]
    alive = take_away_noted(data.scratch)
    left = [
        path
        for path in found
        if not any(path == each or path in each.parents for each in alive) and _is_there(path)
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


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()
