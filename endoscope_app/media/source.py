"""What the rest of the app knows of a recorded procedure: frames by exact index, and a sequential reader for analysis."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What was opened. ``width`` and ``height`` are as displayed (rotation and sample aspect applied); times in ms from the first frame."""

    path: Path
    kind: str  # "video" or "folder"
    frame_count: int
    fps: float  # average; a folder of stills has a nominal one
    width: int
    height: int
    duration_ms: float
    fingerprint: str  # of the content, not of the name: a renamed or moved file keeps it
    notes: tuple[str, ...] = ()  # sentences for the reader, e.g. what was skipped
    interlaced: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """One exact frame. ``image`` is (H, W, 4) uint8 BGRA, C-contiguous, ready for QImage.Format_RGB32."""

    index: int
    time_ms: float
    image: Image = field(repr=False)


class FrameSource(ABC):
    """An opened procedure. Not thread-safe: each thread opens its own through ``opening.open_source``."""

    info: SourceInfo

    @abstractmethod
    def time_ms(self, index: int) -> float:
        """Presentation time of a frame in ms from the first frame. Raises IndexError outside 0..frame_count-1."""

    @abstractmethod
    def stamp(self, index: int) -> int:
        """What a label of this frame is kept under: the container's own time stamp (pts), or the place of a still in its folder.

        Rising with the index, and the same whenever the file is opened. Raises IndexError outside 0..frame_count-1.
        """

    @abstractmethod
    def index_at(self, time_ms: float) -> int:
        """Index of the frame on screen at that time (clamped to the file)."""

    @abstractmethod
    def read(self, index: int) -> Frame:
        """Decode exactly this frame. The next index after the last read is cheap. Raises AppError where the file is damaged or gone."""

    @abstractmethod
    def segments(self, parts: int, start: int = 0) -> list[tuple[int, int]]:
        """Split frames start..end into at most ``parts`` half-open ranges that begin at keyframes (the first may not)."""

    @abstractmethod
    def small_frames(self, start: int, stop: int, height: int, threads: int = 2) -> Iterator[tuple[int, Image]]:
        """Yield (index, (h, w, 3) uint8 RGB) for start <= index < stop, scaled by the decoder to ``height`` rows.

        Frames that cannot be decoded are left out. Closes itself when exhausted; ``threads`` is the decoder's.
        """

    @abstractmethod
    def close(self) -> None:
        """Release the file. Safe to call twice."""

    def __enter__(self) -> FrameSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
