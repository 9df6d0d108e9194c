"""A folder of pictures as a procedure: natural order, a nominal rate, broken pictures skipped and named."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from endoscope_app.errors import AppError
from endoscope_app.media import fingerprint, image_file
from endoscope_app.media.opening_watch import OpeningWatch
from endoscope_app.media.source import Frame, FrameSource, Image, SourceInfo

# Stills have no rate of their own; ten a second lets a reader page through a folder by playing it.
NOMINAL_FPS = 10.0
INTERVAL_MS = 1000.0 / NOMINAL_FPS
NAMED_IN_NOTE = 10
NAMED_FOLDERS = 3
DEEPEST = 4
MOST_FOLDERS = 1000
# Hashing waits for the disk more than for the processor.
HASH_THREADS = 4
HASH_BATCH = 256


class NestedFolders(AppError):
    """The images lie in ``folders`` inside the chosen one: which of them is meant is the reader's to say."""

    def __init__(self, path: Path, folders: tuple[Path, ...]) -> None:
        more = len(folders) - NAMED_FOLDERS
        names = ", ".join(f"“{folder.relative_to(path)}”" for folder in folders[:NAMED_FOLDERS]) + (f" and {more} more" if more > 0 else "")
        super().__init__(f"The images of “{path.name}” lie in folders inside it: {names}.", "Open one of these folders.", "nested folders")
        self.folders = folders


class FolderSource(FrameSource):
    """``path`` is a folder, or one picture that makes a source of a single frame."""

    def __init__(self, path: Path, watch: OpeningWatch) -> None:
        listing = _listing(path)
        good = [(file, size) for file, size in listing if size > 0 and image_file.looks_like_image(file)]
        good, first = _from_first_readable(good)
        if first is None:
            raise _nothing_to_show(path, found=len(listing))
        kept = {file for file, _ in good}
        self._files = [file for file, _ in good]
        hashes = _content_hashes([file for file, _ in listing], watch)
        stamp_of = dict(zip(hashes, fingerprint.stamps_of(hashes.values()), strict=True))
        self._stamps = [stamp_of[file] for file in self._files]
        height, width = first.shape[:2]
        self.info = SourceInfo(
            path=path,
            kind="folder",
            frame_count=len(good),
            fps=NOMINAL_FPS,
            width=int(width),
            height=int(height),
            duration_ms=len(good) * INTERVAL_MS,
            fingerprint=fingerprint.of_images(hashes.values()),
            damaged=len(kept) < len(listing),
            notes=_skipped_note([file.name for file, _ in listing if file not in kept]),
            stamp_kind="content",
            legacy_fingerprint=fingerprint.of_listing((file.name, size) for file, size in listing),
        )

    def time_ms(self, index: int) -> float:
        self._check(index)
        return index * INTERVAL_MS

    def stamp(self, index: int) -> int:
        self._check(index)
        return self._stamps[index]

    def index_at(self, time_ms: float) -> int:
        return min(max(int((time_ms + 1e-6) // INTERVAL_MS), 0), len(self._files) - 1)

    def read(self, index: int) -> Frame:
        self._check(index)
        image = image_file.decode(self._files[index])
        if image is None:
            raise AppError(
                f"The picture “{self._files[index].name}” could not be read.",
                "Go to another picture; copy this one again if you need it.",
                detail=f"picture {index}",
            )
        return Frame(index, self.time_ms(index), image_file.to_bgra(image))

    def segments(self, parts: int, start: int = 0) -> list[tuple[int, int]]:
        start = max(start, 0)
        left = len(self._files) - start
        if left <= 0:
            return []
        parts = min(max(parts, 1), left)
        cuts = [start + left * part // parts for part in range(parts + 1)]
        return list(itertools.pairwise(cuts))

    def small_frames(self, start: int, stop: int, height: int, threads: int = 2) -> Iterator[tuple[int, Image]]:
        """As the interface says; pictures that turn out broken are left out. ``threads`` means nothing for stills."""
        for index in range(max(start, 0), min(stop, len(self._files))):
            image = image_file.decode(self._files[index])
            if image is not None:
                yield index, image_file.to_small_rgb(image, height)

    def corrupt_frames(self) -> frozenset[int]:
        return frozenset()

    def close(self) -> None:
        """Nothing stays open between pictures."""

    def _check(self, index: int) -> None:
        if not 0 <= index < len(self._files):
            raise IndexError(f"picture {index} of {len(self._files)}")


def natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sorts "frame 9" before "frame 10"; the plain name decides between equals."""
    pieces = re.split(r"(\d+)", name.casefold())
    return [(0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece], name


def _listing(path: Path) -> list[tuple[Path, int]]:
    if not path.is_dir():
        return [(path, path.stat().st_size)]
    with os.scandir(path) as entries:
        found = [
            (path / entry.name, entry.stat().st_size)
            for entry in entries
            if not entry.name.startswith(".") and Path(entry.name).suffix.lower() in image_file.IMAGE_SUFFIXES and entry.is_file()
        ]
    return sorted(found, key=lambda item: natural_key(item[0].name))


def _content_hashes(files: list[Path], watch: OpeningWatch) -> dict[Path, bytes]:
    """File -> content hash, in the order of ``files``. One that cannot be read counts as empty: it is skipped by name anyway."""
    hashes: dict[Path, bytes] = {}
    with ThreadPoolExecutor(HASH_THREADS, thread_name_prefix="hash") as pool:
        for begin in range(0, len(files), HASH_BATCH):
            batch = files[begin : begin + HASH_BATCH]
            hashes.update(zip(batch, pool.map(_content_hash, batch), strict=True))
            watch.tell((begin + len(batch)) / len(files))
    return hashes


def _content_hash(file: Path) -> bytes:
    try:
        return fingerprint.of_image(file)
    except OSError:
        return b""


def _from_first_readable(files: list[tuple[Path, int]]) -> tuple[list[tuple[Path, int]], Image | None]:
    """The size of a folder is that of its first picture, so that one must decode; broken ones before it are skipped."""
    for place, (file, _) in enumerate(files):
        image = image_file.decode(file)
        if image is not None:
            return files[place:], image
    return [], None


def _nothing_to_show(path: Path, found: int) -> AppError:
    if not path.is_dir():
        return AppError(f"The picture “{path.name}” could not be read.", "Copy it again, or choose another.", detail="broken picture")
    if found:
        return AppError(f"None of the {found} pictures in “{path.name}” could be read.", "Copy the folder again.", detail="all broken")
    nested = _folders_with_images(path)
    if nested:
        return NestedFolders(path, nested)
    return AppError(
        f"The folder “{path.name}” holds no pictures.", "Choose a folder with JPEG, PNG, BMP, TIFF or WebP files, or a video file."
    )


def _skipped_note(names: list[str]) -> tuple[str, ...]:
    if not names:
        return ()
    listed = ", ".join(names[:NAMED_IN_NOTE]) + (f" and {len(names) - NAMED_IN_NOTE} more" if len(names) > NAMED_IN_NOTE else "")
    pictures, were = ("picture", "was") if len(names) == 1 else ("pictures", "were")
    return (f"{len(names)} {pictures} could not be read and {were} skipped: {listed}",)


def _folders_with_images(path: Path) -> tuple[Path, ...]:
    """Folders below ``path`` that hold images themselves, in natural order. Looks at most ``DEEPEST`` levels down, follows no links."""
    found = []
    for folder, inner, names in os.walk(path):
        depth = len(Path(folder).relative_to(path).parts)
        inner[:] = [] if depth >= DEEPEST else sorted((name for name in inner if not name.startswith(".")), key=natural_key)
        if depth and any(Path(name).suffix.lower() in image_file.IMAGE_SUFFIXES and not name.startswith(".") for name in names):
            found.append(Path(folder))
        if len(found) == MOST_FOLDERS:
            break
    return tuple(sorted(found, key=lambda folder: [natural_key(part) for part in folder.relative_to(path).parts]))
