"""A folder of images as a procedure: natural order, a nominal rate, broken images skipped and
named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.media import cutting, fingerprint, folder_notes, image_file, wording
from endoscope_app.media.folder_notes import NestedFolders
from endoscope_app.media.opening_watch import OpeningWatch
from endoscope_app.media.source import Frame, FrameSource, Image, SourceInfo
from endoscope_app.media.still_header import StillHeader
from endoscope_app.media.still_listing import list_folder, natural_key
from endoscope_app.media.still_look import look_at_all
from endoscope_app.media.still_scale import StillScale

# Stills have no rate of their own; ten per second let a reader page through a folder by playing it.
NOMINAL_FPS = 10.0
INTERVAL_MS = 1000.0 / NOMINAL_FPS
# Deep images are few; of more than these a sample, evenly spread, decides how they are scaled.
MOST_MEASURED = 200

__all__ = ["FolderSource", "NestedFolders", "natural_key"]


@dataclass(frozen=True, slots=True)
class _Still:
    path: Path
    page: int = 0


class FolderSource(FrameSource):
    """``path`` is a folder, or an image file that makes a source of its pages."""

    def __init__(self, path: Path, watch: OpeningWatch) -> None:
        listing = list_folder(path)
        files = [file for file, _ in listing.files]
        looks = look_at_all(files, watch)
        headers = {file: look.header for file, look in looks.items()}
        first = next(
            (
                file
                for file in files
                if _pages(headers[file]) and image_file.decode_deep(file) is not None
            ),
            None,
        )
        if first is None:
            raise folder_notes.nothing_to_show(path, listing, headers, watch)
        shown = files[files.index(first) :]
        self._stills = [_Still(file, page) for file in shown for page in _pages(headers[file])]
        self._paged = Counter(still.path for still in self._stills)
        self._stamps = fingerprint.stamps_of(
            fingerprint.of_page(looks[still.path].content, still.page) for still in self._stills
        )
        self._scale, is_deep = _scale(self._stills, headers, watch)
        image = image_file.decode(first, self._stills[0].page, self._scale)
        assert image is not None
        self.info = SourceInfo(
            path=path,
            kind="folder",
            frame_count=len(self._stills),
            fps=NOMINAL_FPS,
            width=int(image.shape[1]),
            height=int(image.shape[0]),
            duration_ms=len(self._stills) * INTERVAL_MS,
            fingerprint=fingerprint.of_images(look.content for look in looks.values()),
            notes=folder_notes.notes(
                path, listing, {still.path for still in self._stills}, headers, watch
            )
            + (folder_notes.scale_note(self._scale) if is_deep else ()),
            damaged=len({still.path for still in self._stills}) < len(files)
            or any(map(folder_notes.lacks_images, headers.values())),
            stamp_kind="content",
            legacy_fingerprint=fingerprint.of_listing(
                (file.name, size) for file, size in listing.files
            ),
        )

    def time_ms(self, index: int) -> float:
        self._check(index)
        return index * INTERVAL_MS

    def stamp(self, index: int) -> int:
        self._check(index)
        return self._stamps[index]

    def index_at(self, time_ms: float) -> int:
        return min(max(int((time_ms + 1e-6) // INTERVAL_MS), 0), len(self._stills) - 1)

    def read(self, index: int) -> Frame:
        self._check(index)
        still = self._stills[index]
        image = image_file.decode(still.path, still.page, self._scale)
        if image is None:
            raise AppError(
                wording.image_not_read(still.path.name),
                wording.ANOTHER_IMAGE,
                detail=f"image {index}",
            )
        return Frame(index, self.time_ms(index), image_file.to_bgra(image))

    def segments(self, parts: int, start: int = 0) -> list[tuple[int, int]]:
        return cutting.evenly(len(self._stills), parts, start)

    def small_frames(
        self, start: int, stop: int, height: int, threads: int = 2
    ) -> Iterator[tuple[int, Image]]:
        """As the interface says; images that turn out broken are left out.

        ``threads`` means nothing for stills.
        """
        for index in range(max(start, 0), min(stop, len(self._stills))):
            still = self._stills[index]
            image = image_file.decode(still.path, still.page, self._scale)
            if image is not None:
                yield index, image_file.to_small_rgb(image, height)

    def name_of(self, index: int) -> str:
        """Its file's name, of a file of several pages with the page's number from 1."""
        self._check(index)
        still = self._stills[index]
        return wording.still_name(still.path.name, still.page, self._paged[still.path] > 1)

    def corrupt_frames(self) -> frozenset[int]:
        return frozenset()

    def close(self) -> None:
        """Nothing stays open between images."""

    def _check(self, index: int) -> None:
        if not 0 <= index < len(self._stills):
            raise IndexError(f"image {index} of {len(self._stills)}")


def _pages(header: StillHeader | None) -> tuple[int, ...]:
    return header.pages if header is not None and not header.is_too_large else ()


def _scale(
    stills: list[_Still], headers: dict[Path, StillHeader | None], watch: OpeningWatch
) -> tuple[StillScale, bool]:
    """One scale for all deep images, so that brightness never jumps within a folder; and
    whether there are any.
    """
    depth = max((header.depth for header in headers.values() if header is not None), default=0)
    deep = [
        still
        for still in stills
        if (header := headers[still.path]) is not None and header.may_be_deep
    ]
    measured = deep[:: max(1, -(-len(deep) // MOST_MEASURED))]
    is_deep = False

    def images() -> Iterator[NDArray[Any]]:
        nonlocal is_deep
        for still in measured:
            watch.tell(1.0)
            image = image_file.decode_deep(still.path, still.page)
            if image is not None and image.dtype != np.uint8:
                is_deep = True
                yield image

    return StillScale.of(images(), depth), is_deep
