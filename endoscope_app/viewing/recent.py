"""The procedures opened before and the frame each was left at."""

from __future__ import annotations

import glob
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path

from endoscope_app.base.atomic_file import write_atomically, write_error
from endoscope_app.base.damaged_files import set_aside
from endoscope_app.viewing import wording
from kd_core.schema.json_text import JsonError, decode_any_json

#: In the menu.
MOST = 12
#: Whose frames are remembered: a file that is written again at each opening must stay small.
REMEMBERED = 2000
#: No procedure has more frames, and Qt's widgets count no further.
LAST_FRAME = 2**31 - 1


@dataclass(frozen=True)
class RecentFile:
    """One procedure: where it was, its hash, and the last frame shown."""

    path: Path
    fingerprint: str
    frame_index: int


class RecentFiles:
    """The last 12 procedures, newest first, and the positions in the last 2,000, in a JSON list; a
    damaged list is moved aside and starts empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.trouble = ""
        """Why the list begins empty though there was one; '' where nothing is wrong."""
        self._entries = self._read()

    def entries(self) -> list[RecentFile]:
        """Those for the menu."""
        return self._entries[:MOST]

    def position(self, fingerprint: str) -> int | None:
        """The last frame shown of this procedure, wherever its file lies now."""
        return next(
            (entry.frame_index for entry in self._entries if entry.fingerprint == fingerprint), None
        )

    def add(self, path: Path, fingerprint: str, frame_index: int) -> None:
        """Put it first and save.

        A renamed file (same hash) or another one at the same path replaces the old line.
        """
        entry = RecentFile(Path(path), fingerprint, max(0, int(frame_index)))
        others = [
            other
            for other in self._entries
            if other.path != entry.path and other.fingerprint != fingerprint
        ]
        self._entries = [entry, *others][:REMEMBERED]
        self._save()

    def forget(self, path: Path) -> None:
        """Take out a procedure that is gone, or that the reader wants out of the list."""
        self._entries = [entry for entry in self._entries if entry.path != path]
        self._save()

    def erase(self, fingerprints: Collection[str]) -> None:
        """Forget these procedures, also in lists that were moved aside. Raises AppError."""
        self._entries = [entry for entry in self._entries if entry.fingerprint not in fingerprints]
        self._save()
        try:
            for old in self._path.parent.glob(f"{glob.escape(self._path.name)}.damaged-*"):
                old.unlink(missing_ok=True)
        except OSError as error:
            raise write_error(error, wording.RECENT_LIST) from error

    def _save(self) -> None:
        plain = [{**asdict(entry), "path": str(entry.path)} for entry in self._entries]
        # ASCII escapes carry file names that are no valid UTF-8 (surrogates) through unharmed
        write_atomically(
            self._path, [json.dumps(plain, indent=1).encode("ascii")], wording.RECENT_LIST
        )

    def _read(self) -> list[RecentFile]:
        try:
            plain = decode_any_json(self._path.read_bytes())
        except OSError:
            return []
        except JsonError:
            plain = None
        if not isinstance(plain, list):
            self.trouble = wording.recent_damaged(set_aside(self._path))
            return []
        return [entry for entry in map(_entry, plain) if entry is not None][:REMEMBERED]


def _entry(plain: object) -> RecentFile | None:
    if not isinstance(plain, dict):
        return None
    path, fingerprint, index = plain.get("path"), plain.get("fingerprint"), plain.get("frame_index")
    if not (isinstance(path, str) and path and "\0" not in path and isinstance(fingerprint, str)):
        return None
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index <= LAST_FRAME:
        return None
    return RecentFile(Path(path), fingerprint, index)
