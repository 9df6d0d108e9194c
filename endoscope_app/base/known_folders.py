"""Data folders that this person's windows have used, remembered outside of them: one that has
vanished is asked about instead of being made anew without a word. No Qt.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec
import platformdirs

from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.json_text import JsonError, read_json

_APP = "endoscope-app"
_NAME = "data-folders.json"
_MOST = 20


class KnownFolders(msgspec.Struct, frozen=True):
    """``used``: the newest last; ``instead``: where one that had vanished was found again."""

    used: tuple[str, ...] = ()
    instead: dict[str, str] = {}


def config_file() -> Path:
    """Where they are remembered."""
    return Path(platformdirs.user_config_dir(_APP, appauthor=False)) / _NAME


def known() -> KnownFolders:
    """Nothing where nothing was remembered, or it cannot be read."""
    try:
        return read_json(config_file(), KnownFolders)
    except (OSError, JsonError):
        return KnownFolders()


def where(root: Path) -> Path:
    """``root``, or where the reader has said that it lies now."""
    if holds_something(root):
        return root
    instead = known().instead.get(str(root.absolute()))
    return Path(instead) if instead and holds_something(Path(instead)) else root


def has_vanished(root: Path) -> bool:
    """Whether it was used before, and is gone or empty now, as where a drive is not connected."""
    return str(root.absolute()) in known().used and not holds_something(root)


def holds_something(root: Path) -> bool:
    """False for a folder without entries, and for what is none."""
    try:
        return next(root.iterdir(), None) is not None
    except OSError:
        return False


def remember(root: Path, *, asked_for: Path | None = None) -> None:
    """This one is used; ``asked_for``: what lies there now. Where nothing can be written, nothing
    is remembered.
    """
    before, path = known(), str(root.absolute())
    instead = dict(before.instead)
    instead.pop(path, None)
    if asked_for is not None and asked_for.absolute() != root.absolute():
        instead[str(asked_for.absolute())] = path
    used = (*(each for each in before.used if each != path), path)[-_MOST:]
    now = KnownFolders(used, instead)
    if now != before:
        with suppress(OSError):
            config_file().parent.mkdir(parents=True, exist_ok=True)
            write_atomically(config_file(), msgspec.json.encode(now))
