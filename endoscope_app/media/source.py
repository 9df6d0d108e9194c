"""What the rest of the app knows of a recorded procedure: frames by exact index, and a
sequential reader for analysis.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from endoscope_app.media.part import Part, part_at

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class StreamChoice:
    """A video stream of a file that holds several. ``index`` is FFmpeg's number of the stream."""

    index: int
    width: int
    height: int
    rate: float  # average frames per second, 0 where the file does not say
    is_default: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What was opened.

    ``width`` and ``height`` are as displayed (rotation and sample aspect applied); times in ms from
    the first frame.
    """

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
    # What FrameSource.stamp holds: "pts", "position" (byte in the file), "count" or "content"; of
    # several files "content"
    stamp_kind: str = "pts"
    legacy_fingerprint: str = ""  # of a folder: names and sizes only, as libraries before kept it
    damaged: bool = False  # shorter than its container promises, torn, or with corrupt packets
    streams: tuple[StreamChoice, ...] = ()  # every video stream where there is more than one
    # Fingerprints of the file's other streams: other procedures of the same, unchanged file
    siblings: frozenset[str] = frozenset()
    parts: tuple[Part, ...] = ()  # the files, in order, where there is more than one
    # When the first frame begins and the last one ends, by the file's own clock in ms
    clock_ms: tuple[float, float] | None = None

    @property
    def stream(self) -> int | None:
        """The chosen stream's number where there are several: what opens the same frames again."""
        return next((stream.index for stream in self.streams if stream.is_chosen), None)

    def present(self, index: int, step: int) -> int:
        """This frame; where its file is away, the nearest in the direction of ``step`` that is
        there, or in the other one at an end.
        """
        for towards in (step, -step):
            there = index
            while (part := part_at(self.parts, there)) is not None and part.is_missing:
                there = part.end if towards > 0 else part.first - 1
            if 0 <= there < self.frame_count:
                return there
        return index


@dataclass(frozen=True, slots=True)
class Frame:
    """One exact frame.

    ``image`` is (H, W, 4) uint8 BGRA, C-contiguous, ready for QImage.Format_RGB32.
    """

    index: int
    time_ms: float
    image: Image = field(repr=False)
    is_corrupt: bool = False  # damaged data: what FFmpeg shows is partly guessed


class SharedFrames(ABC):
    """What threads may share of an opened procedure: whoever holds it need not look through the
    file again. It outlives the source's ``close``.
    """

    info: SourceInfo

    @abstractmethod
    def segments(self, parts: int, start: int = 0) -> list[tuple[int, int]]:
        """Split frames start..end into at most ``parts`` half-open ranges that begin at
        keyframes (the first may not).
        """

    @abstractmethod
    def small_frames(
        self, start: int, stop: int, height: int, threads: int = 2
    ) -> Iterator[tuple[int, Image]]:
        """Yield (index, (h, w, 3) uint8 RGB) for start <= index < stop, scaled by the decoder to
        ``height`` rows.

        Each run has a file and a decoder of its own, with ``threads``, and closes them when
        exhausted. Frames that cannot be decoded are left out. Raises AppError where the file is
        gone or damaged.
        """

    def key_frames(self) -> NDArray[np.int64] | None:
        """Frames (K,) where decoding may begin, ascending from 0; None where each stands alone."""
        return None

    def key_images(self, frames: Sequence[int], height: int) -> Iterator[tuple[int, Image]]:
        """As ``small_frames``, of these ``key_frames`` alone, ascending: each is decoded by itself,
        so that what lies between costs nothing. One that does not come out whole is left out.
        """
        for frame in frames:
            yield from self.small_frames(frame, frame + 1, height, threads=1)

    def name_of(self, index: int) -> str:
        """What the reader calls a frame by: a still's file name; empty for a frame of a video."""
        return ""

    @abstractmethod
    def corrupt_frames(self) -> frozenset[int]:
        """Indices known so far to hold damaged data: their packets are flagged so, or a decoder
        concealed errors.
        """


class FrameSource(SharedFrames):
    """An opened procedure.

    Only what it inherits is safe to share between threads.
    """

    @abstractmethod
    def time_ms(self, index: int) -> float:
        """Presentation time of a frame in ms from the first frame.

        Raises IndexError outside 0..frame_count-1.
        """

    @abstractmethod
    def stamp(self, index: int) -> int:
        """What a label of this frame is kept under, by ``info.stamp_kind``: the container's time
        stamp where every frame has its own (of AVI, which has no presentation stamps, its decode
        stamp), else the byte position of its packet, else its number; of a still, 63 bits of its
        content's hash; of a frame in one of several files, 63 bits of the hash of that file's
        fingerprint and the stamp in it.

        Unique within the source and the same whenever it is opened, but NOT rising with the index.
        Raises IndexError outside 0..frame_count-1.
        """

    @abstractmethod
    def index_at(self, time_ms: float) -> int:
        """Index of the frame on screen at that time (clamped to the file)."""

    @abstractmethod
    def read(self, index: int) -> Frame:
        """Decode exactly this frame.

        The next index after the last read is cheap. Raises AppError where the file is damaged or
        gone.
        """

    def rest(self) -> None:
        """Let go of the file and of decoded frames until the next ``read``."""

    @abstractmethod
    def close(self) -> None:
        """Release the file. Safe to call twice."""

    def __enter__(self) -> FrameSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
