"""The procedures that lie in folders: each video, and each folder that holds stills. No Qt."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from endoscope_app.media.opening import VIDEO_SUFFIXES
from endoscope_app.media.still_listing import dicom_kind, holds_images, natural_key

DEEPEST = 6
MOST = 2000


@dataclass(frozen=True, slots=True)
class Found:
    """A procedure, and when its file was written, in s since 1970 (0 where that is not known)."""

    path: Path
    changed_at: float


def procedures_in(paths: Sequence[Path]) -> list[Found]:
    """What of ``paths`` and below can be a procedure, at most 2,000, in natural order.

    A file that is named is one, whatever it is called. Follows no links, and reads no more than
    the first bytes of DICOM files.
    """
    found: dict[Path, None] = {}
    for path in paths:
        for inside in _inside(path) if path.is_dir() else (path,):
            found[inside.absolute()] = None
            if len(found) == MOST:
                break
    return [Found(path, changed_at(path)) for path in found]


def changed_at(path: Path) -> float:
    """When the file was written, in s since 1970; 0 where that is not known."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _inside(root: Path) -> Iterator[Path]:
    for folder, inner, names in os.walk(root):
        here = Path(folder)
        is_deepest = len(here.relative_to(root).parts) >= DEEPEST
        inner[:] = (
            []
            if is_deepest
            else sorted((name for name in inner if not name.startswith(".")), key=natural_key)
        )
        shown = [name for name in names if not name.startswith(".")]
        if holds_images(here, shown):
            yield here
        for name in sorted(shown, key=natural_key):
            suffix = Path(name).suffix.lower()
            if suffix in VIDEO_SUFFIXES or dicom_kind(here / name) == "video":
                yield here / name
