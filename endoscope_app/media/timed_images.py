"""Images of one DICOM file that follow each other in time: a video whose frames stand alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.media import cutting, fingerprint, image_file, wording
from endoscope_app.media.dicom.image import frame_image
from endoscope_app.media.dicom.layout import DicomLayout
from endoscope_app.media.source import Frame, FrameSource, Image, SourceInfo


class TimedImages(FrameSource):
    """Raises AppError where not one image of the file can be shown."""

    def __init__(self, path: Path, layout: DicomLayout) -> None:
        self._path, self._layout = path, layout
        self._times_ms = _times_ms(layout)
        first = next(self._readable(), None)
        if first is None:
            raise AppError(wording.no_frame(path.name), wording.EXPORT_AGAIN, "no frames")
        promised = layout.header.frames
        lacks = layout.is_cut or layout.frame_count < promised
        duration = float(self._times_ms[-1]) + self._last_step_ms()
        seconds = int(self._times_ms[-1] / 1000)
        self.info = SourceInfo(
            path=path,
            kind="video",
            frame_count=layout.frame_count,
            fps=1000.0 * layout.frame_count / duration,
            width=int(first.shape[1]),
            height=int(first.shape[0]),
            duration_ms=duration,
            fingerprint=fingerprint.of_file(path),
            notes=(wording.damaged_after(seconds, layout.frame_count, promised),) if lacks else (),
            stamp_kind="count",
            damaged=lacks,
        )

    def time_ms(self, index: int) -> float:
        self._check(index)
        return float(self._times_ms[index])

    def stamp(self, index: int) -> int:
        self._check(index)
        return index

    def index_at(self, time_ms: float) -> int:
        place = int(np.searchsorted(self._times_ms, time_ms + 1e-6, side="right")) - 1
        return min(max(place, 0), self.info.frame_count - 1)

    def read(self, index: int) -> Frame:
        self._check(index)
        image = self._image(index)
        if image is None:
            raise AppError(
                wording.frame_not_read(index, self._path.name), wording.ANOTHER_FRAME, "not decoded"
            )
        return Frame(index, self.time_ms(index), image_file.to_bgra(image))

    def segments(self, parts: int, start: int = 0) -> list[tuple[int, int]]:
        return cutting.evenly(self._layout.frame_count, parts, start)

    def small_frames(
        self, start: int, stop: int, height: int, threads: int = 2
    ) -> Iterator[tuple[int, Image]]:
        """As the interface says; ``threads`` means nothing for images that stand alone."""
        for index in range(max(start, 0), min(stop, self._layout.frame_count)):
            image = self._image(index)
            if image is not None:
                yield index, image_file.to_small_rgb(image, height)

    def corrupt_frames(self) -> frozenset[int]:
        return frozenset()

    def close(self) -> None:
        """Nothing stays open between images."""

    def _readable(self) -> Iterator[Image]:
        images = (self._image(index) for index in range(self._layout.frame_count))
        return (image for image in images if image is not None)

    def _image(self, index: int) -> Image | None:
        try:
            return frame_image(self._path, self._layout, index)
        except OSError:
            return None

    def _last_step_ms(self) -> float:
        steps = self._layout.steps_ms
        return max(steps[0] if len(steps) == 1 else float(np.median(steps[1:])), 1.0)

    def _check(self, index: int) -> None:
        if not 0 <= index < self._layout.frame_count:
            raise IndexError(f"frame {index} of {self._layout.frame_count}")


def _times_ms(layout: DicomLayout) -> NDArray[np.float64]:
    """(frames,) from the first one; a list of steps says how long after the one before each is."""
    if len(layout.steps_ms) == 1:
        return np.arange(layout.frame_count, dtype=np.float64) * layout.steps_ms[0]
    steps = np.array(layout.steps_ms[: layout.frame_count], dtype=np.float64)
    steps[0] = 0.0
    return np.cumsum(steps)
