"""The recordings opened lately and the frame each was left at."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from endoscope_app.store.atomic import set_aside, write_atomically

MOST = 12


@dataclass(frozen=True)
class RecentFile:
    """One recording: where it was, its hash, and the last frame shown."""

    path: Path
    fingerprint: str
    frame_index: int


class RecentFiles:
    """At most 12 recordings, newest first, in a JSON list; a damaged list is moved aside and starts empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries = _read(path)

    def entries(self) -> list[RecentFile]:
        return list(self._entries)

    def position(self, fingerprint: str) -> int | None:
        """The last frame shown of this recording, wherever its file lies now."""
        return next((entry.frame_index for entry in self._entries if entry.fingerprint == fingerprint), None)

    def add(self, path: Path, fingerprint: str, frame_index: int) -> None:
        """Put it first and save. A renamed recording (same hash) or another one at the same path replaces the old line."""
        entry = RecentFile(Path(path), fingerprint, max(0, int(frame_index)))
        others = [other for other in self._entries if other.path != entry.path and other.fingerprint != fingerprint]
        self._entries = [entry, *others][:MOST]
        self._save()

    def forget(self, path: Path) -> None:
        """Take out a recording that is gone, or that the reader wants out of the list."""
        self._entries = [entry for entry in self._entries if entry.path != path]
        self._save()

    def _save(self) -> None:
        plain = [{**asdict(entry), "path": str(entry.path)} for entry in self._entries]
        # ASCII escapes carry file names that are no valid UTF-8 (surrogates) through unharmed
        write_atomically(self._path, [json.dumps(plain, indent=1).encode("ascii")], "the list of recent files")


def _read(path: Path) -> list[RecentFile]:
    try:
        plain = json.loads(path.read_bytes())
    except OSError:
        return []
    except (ValueError, RecursionError):
        set_aside(path)
        return []
    if not isinstance(plain, list):
        set_aside(path)
        return []
    found = [entry for entry in map(_entry, plain) if entry is not None]
    return found[:MOST]


def _entry(plain: object) -> RecentFile | None:
    if not isinstance(plain, dict):
        return None
    path, fingerprint, index = plain.get("path"), plain.get("fingerprint"), plain.get("frame_index")
    if not (isinstance(path, str) and path and isinstance(fingerprint, str)):
        return None
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        return None
    return RecentFile(Path(path), fingerprint, index)
