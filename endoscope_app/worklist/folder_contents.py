"""The procedures that lie in folders: each video, and each folder that holds stills. No Qt."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from endoscope_app.media.opening import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from endoscope_app.media.part_list import MOST_PARTS
from endoscope_app.media.still_listing import dicom_kind, holds_images, natural_key

DEEPEST = 6
MOST = 2000
#: A folder of more videos is a collection of procedures.
MOST_PARTS_IN_FOLDER = 24
#: More videos with numbers for names are rather as many procedures.
MOST_LIKELY_PARTS = 9


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


def videos_together(paths: Sequence[Path]) -> list[Path]:
    """The videos of which somebody may mean that they are one procedure, in natural order: those
    that are named, or those of the one folder that is named. Empty where there are fewer than two,
    or anything else is among them.
    """
    found = [item.path for item in procedures_in(paths)]
    is_folder = len(paths) == 1 and paths[0].is_dir()
    are_videos = not any(path.is_dir() or _is_still(path) for path in found)
    in_one_folder = len({path.parent for path in found}) == 1
    are_meant = in_one_folder if is_folder else not any(path.is_dir() for path in paths)
    most = MOST_PARTS_IN_FOLDER if is_folder else MOST_PARTS
    if not (are_videos and are_meant and 2 <= len(found) <= most):
        return []
    return sorted(found, key=lambda path: natural_key(path.name))


def _is_still(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES or dicom_kind(path) not in ("", "video")


def look_like_parts(paths: Sequence[Path]) -> bool:
    """Whether the names differ in one number alone, as recorders number the parts of a recording:
    NAME_1, NAME_2.
    """
    names = [natural_key(path.name)[0] for path in paths]
    if len(paths) > MOST_LIKELY_PARTS or len({len(name) for name in names}) != 1:
        return False
    differing = [pieces for pieces in zip(*names, strict=True) if len(set(pieces)) > 1]
    return len(differing) == 1 and all(kind == 0 for kind, _, _ in differing[0])


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
