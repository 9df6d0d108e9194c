"""What a folder holds, seen from outside: images in natural order, and everything beside them
that will not be shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from endoscope_app.media.dicom.layout import holds_video, is_dicom_file
from endoscope_app.media.image_file import IMAGE_SUFFIXES
from endoscope_app.media.opening_watch import OpeningWatch

# Images of kinds that cannot be opened, and videos lying beside stills: said, because a reader
# would miss them.
OTHER_IMAGES = frozenset(
    {
        ".gif",
        ".heic",
        ".heif",
        ".avif",
        ".jp2",
        ".j2k",
        ".jpx",
        ".jxl",
        ".tga",
        ".pgm",
        ".ppm",
        ".pbm",
    }
    | {".pnm", ".exr", ".hdr", ".dng", ".nef", ".cr2", ".arw", ".psd", ".svg"}
)
VIDEO_SUFFIXES = frozenset(
    {
        ".mp4",
        ".m4v",
        ".mov",
        ".avi",
        ".mpg",
        ".mpeg",
        ".ts",
        ".m2ts",
        ".mts",
        ".mkv",
        ".webm",
        ".wmv",
        ".vob",
        ".dv",
        ".m2v",
        ".3gp",
    }
)
DICOM_SUFFIXES = frozenset({".dcm", ".dicom", ".dic", ".ima"})
#: The table of contents of a disc, which is kept as DICOM too.
DISC_CONTENTS = "DICOMDIR"
DEEPEST = 4
MOST_FOLDERS = 1000
TELL_EVERY = 64


@dataclass(frozen=True, slots=True)
class Listing:
    files: tuple[tuple[Path, int], ...]  # (image file, bytes) in natural order of the names
    others: tuple[str, ...]  # names of images that cannot be opened, and of videos
    has_folders: bool = False


def natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sorts "frame 9" before "frame 10"; the plain name decides between equals."""
    pieces = re.split(r"(\d+)", name.casefold())
    return [
        (0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece
    ], name


def list_folder(path: Path) -> Listing:
    """Of one image file a listing of that file."""
    if not path.is_dir():
        return Listing(((path, path.stat().st_size),), ())
    files, others, has_folders = [], [], False
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                has_folders = True
            elif entry.is_file():
                if entry.name == DISC_CONTENTS:
                    continue
                suffix = Path(entry.name).suffix.lower()
                if suffix in IMAGE_SUFFIXES or dicom_kind(path / entry.name) == "images":
                    files.append((path / entry.name, entry.stat().st_size))
                elif suffix in OTHER_IMAGES | VIDEO_SUFFIXES or dicom_kind(path / entry.name):
                    others.append(entry.name)
    files.sort(key=lambda item: natural_key(item[0].name))
    return Listing(tuple(files), tuple(sorted(others, key=natural_key)), has_folders)


def folders_with_images(
    path: Path, watch: OpeningWatch, deepest: int = DEEPEST
) -> tuple[Path, ...]:
    """Folders below ``path`` that hold images themselves, in natural order. Follows no links."""
    folders: list[Path] = []
    for looked, (folder, inner, names) in enumerate(os.walk(path)):
        if looked % TELL_EVERY == 0:
            watch.tell(0.0)
        depth = len(Path(folder).relative_to(path).parts)
        inner[:] = [] if depth >= deepest else [name for name in inner if not name.startswith(".")]
        if depth and holds_images(Path(folder), names):
            folders.append(Path(folder))
        if len(folders) == MOST_FOLDERS:
            break

    def by_name(folder: Path) -> list[object]:
        return [natural_key(part) for part in folder.relative_to(path).parts]

    return tuple(sorted(folders, key=by_name))


def holds_images(folder: Path, names: Sequence[str]) -> bool:
    """Whether one of these files of ``folder`` is an image to show."""
    shown = [name for name in names if not name.startswith(".")]
    return any(Path(name).suffix.lower() in IMAGE_SUFFIXES for name in shown) or any(
        dicom_kind(folder / name) == "images" for name in shown
    )


def dicom_kind(path: Path) -> Literal["", "images", "video"]:
    """What a DICOM file holds by its name and first bytes; "" for other files.

    On a disc from a hospital their names have no suffix.
    """
    suffix = path.suffix.lower()
    # A UID as a name ends in digits behind a dot
    may_be = suffix in DICOM_SUFFIXES or not suffix or suffix[1:].isdecimal()
    if not may_be or path.name == DISC_CONTENTS or not is_dicom_file(path):
        return ""
    return "video" if holds_video(path) else "images"
