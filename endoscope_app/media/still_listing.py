"""What a folder holds, seen from outside: images in natural order, and everything beside them
that will not be shown.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from endoscope_app.media.image_file import IMAGE_SUFFIXES
from endoscope_app.media.opening_watch import OpeningWatch

# Images of kinds that cannot be opened, and videos lying beside stills: said, because a reader
# would miss them.
OTHER_IMAGES = frozenset(
    {
        ".dcm",
        ".dicom",
        ".dic",
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
DICOM_AT = 128
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
                suffix = Path(entry.name).suffix.lower()
                if suffix in IMAGE_SUFFIXES:
                    files.append((path / entry.name, entry.stat().st_size))
                elif (
                    suffix in OTHER_IMAGES
                    or suffix in VIDEO_SUFFIXES
                    or (not suffix and _is_dicom(path / entry.name))
                ):
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
        if depth and any(
            Path(name).suffix.lower() in IMAGE_SUFFIXES and not name.startswith(".")
            for name in names
        ):
            folders.append(Path(folder))
        if len(folders) == MOST_FOLDERS:
            break

    def by_name(folder: Path) -> list[object]:
        return [natural_key(part) for part in folder.relative_to(path).parts]

    return tuple(sorted(folders, key=by_name))


def _is_dicom(path: Path) -> bool:
    """DICOM files on a disc from a hospital have names without suffix."""
    try:
        with path.open("rb") as file:
            return file.read(DICOM_AT + 4)[DICOM_AT:] == b"DICM"
    except OSError:
        return False
