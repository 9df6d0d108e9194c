"""Frames of labelled recordings while their files are still where they were last seen.

Opened one at a time, on the thread that asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import FrameLabel, Procedure
from endoscope_app.media.opening import open_source
from endoscope_app.media.part import Part
from endoscope_app.media.source import FrameSource


class Recordings:
    """``stamps``: those of the open procedure by its fingerprint, which need no file."""

    def __init__(
        self,
        library: LabelReader,
        *,
        deinterlace: bool,
        stamps: Mapping[str, NDArray[np.int64]] | None = None,
    ) -> None:
        self._procedures: dict[str, Procedure] = {
            procedure.fingerprint: procedure for procedure in library.procedures()
        }
        self._deinterlace = deinterlace
        self._stamps = dict(stamps or {})
        self._open: tuple[str, FrameSource | None] = ("", None)

    def pts(self, fingerprint: str, index: int) -> int | None:
        """What a label of this frame is kept under; None where neither file nor stamps are at
        hand.
        """
        stamps = self._stamps.get(fingerprint)
        if stamps is not None:
            return int(stamps[index]) if 0 <= index < len(stamps) else None
        source = self._source(fingerprint)
        return (
            source.stamp(index)
            if source is not None and 0 <= index < source.info.frame_count
            else None
        )

    def seconds(self, fingerprint: str, index: int) -> float:
        """The frame's time from the first frame; where the recording is not at hand, as if its
        frames were evenly spaced.
        """
        source = self._source(fingerprint)
        if source is not None and 0 <= index < source.info.frame_count:
            return round(source.time_ms(index) / 1000.0, 6)
        procedure = self._procedures.get(fingerprint)
        step = (
            procedure.duration_s / procedure.frame_count
            if procedure is not None and procedure.frame_count > 0
            else 0.0
        )
        return round(index * step, 3)

    def parts(self, fingerprint: str) -> tuple[Part, ...]:
        """The files of a recording in several; none where there is one, or it is not at hand."""
        source = self._source(fingerprint)
        return () if source is None else source.info.parts

    def size(self, fingerprint: str) -> tuple[int, int]:
        """Width and height of the frames in pixels as displayed; zeros where the recording is
        not at hand.
        """
        source = self._source(fingerprint)
        return (0, 0) if source is None else (source.info.width, source.info.height)

    def image(self, fingerprint: str, index: int, pts: int) -> NDArray[np.uint8] | None:
        """(H, W, 3) uint8 RGB of the frame, decoded; None where the file is gone, another one
        now, or damaged there.
        """
        source = self._source(fingerprint)
        if source is None or not 0 <= index < source.info.frame_count or source.stamp(index) != pts:
            return None
        try:
            return np.asarray(cv2.cvtColor(source.read(index).image, cv2.COLOR_BGRA2RGB), np.uint8)
        except AppError:
            return None

    def close(self) -> None:
        """Let go of the file."""
        if self._open[1] is not None:
            self._open[1].close()
        self._open = ("", None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _source(self, fingerprint: str) -> FrameSource | None:
        if self._open[0] != fingerprint:
            self.close()
            self._open = (fingerprint, self._opened(fingerprint))
        return self._open[1]

    def _opened(self, fingerprint: str) -> FrameSource | None:
        procedure = self._procedures.get(fingerprint)
        if procedure is None or not Path(procedure.path).exists():
            return None
        try:
            source = open_source(Path(procedure.path), deinterlace=self._deinterlace)
            if source.info.fingerprint == fingerprint:
                return source
            source.close()
            # The labels may be of another stream of the file than the one that opens by itself.
            for stream in source.info.streams:
                if not stream.is_chosen:
                    source = open_source(
                        Path(procedure.path), deinterlace=self._deinterlace, stream=stream.index
                    )
                    if source.info.fingerprint == fingerprint:
                        return source
                    source.close()
        except AppError:
            return None
        return None


class LabelledImages:
    """The pixels of labelled frames: the kept image first, which is what the reader saw, else
    the recording.
    """

    def __init__(self, library: LabelReader, kept: FramePngs, recordings: Recordings) -> None:
        self._library, self._kept, self._recordings = library, kept, recordings
        self._labels: tuple[str, dict[int, FrameLabel]] = ("", {})

    def of(self, fingerprint: str, pts: int) -> NDArray[np.uint8] | None:
        """(H, W, 3) uint8 RGB, or None where there is neither."""
        if self._labels[0] != fingerprint:
            self._labels = (
                fingerprint,
                {label.pts: label for label in self._library.frame_labels(fingerprint)},
            )
        label = self._labels[1].get(pts)
        if label is None:
            return None
        kept = self._kept.find(label.png)
        return (
            kept
            if kept is not None
            else self._recordings.image(fingerprint, label.frame_index, pts)
        )
