"""The pictures of a report: the frame of each finding without what identifies the patient, and the
same with the heat map of its class. No Qt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.media.source import SharedFrames
from endoscope_app.report.report_values import Picture, Pictures, Report
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.viewing.heat_colours import colour_table, laid_over
from endoscope_app.viewing.identity_mask import without_identity

Image = NDArray[np.uint8]
Progress = Callable[[int, int], None]

#: Rows of a picture; a report prints it a hand wide.
ROWS = 480
QUALITY = 88


@dataclass(frozen=True)
class HeatMaps:
    """Makes heat maps with this model, in these colours."""

    classifier: Classifier
    colour_map: str
    opacity: float

    def over(self, shown: Image, rgb: Image, key: str) -> Image | None:
        """``shown`` (H, W, 3) RGB under the heat map of class ``key`` on ``rgb`` of the same
        size; None where the model does not know the class.
        """
        classes = self.classifier.classes
        if key not in classes:
            return None
        bgra = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA), np.uint8)
        prediction = self.classifier.classify(bgra)
        heat_map = self.classifier.heat_map(prediction, classes.index(key))
        return laid_over(shown, heat_map, colour_table(self.colour_map, self.opacity))


@dataclass
class PictureMaker:
    """Makes pictures of an opened procedure; those that were made are kept."""

    frames: SharedFrames
    heat: HeatMaps | None
    _stills: dict[int, Picture] = field(default_factory=dict)
    _heat_maps: dict[tuple[int, str], Picture] = field(default_factory=dict)

    def draws_with(self, classifier: Classifier | None) -> bool:
        """Whether its heat maps are of this model."""
        return (None if self.heat is None else self.heat.classifier) is classifier

    def made(self) -> Pictures:
        """What there is so far."""
        return Pictures(dict(self._stills), dict(self._heat_maps))

    def make(self, report: Report, progress: Progress, should_stop: Callable[[], bool]) -> Pictures:
        """Those that ``report`` needs; a frame that cannot be decoded has none.

        Raises AppError where the recording is gone or damaged.
        """
        total = len(report.findings) + len(report.pairs)
        for done, finding in enumerate(report.findings):
            progress(done, total)
            if should_stop():
                break
            index, key = finding.shown_frame, finding.class_key
            wanted = report.options.heat_maps and self.heat is not None and bool(key)
            if index in self._stills and (not wanted or (index, key) in self._heat_maps):
                continue
            self._make(index, key if wanted else "")
        for done, pair in enumerate(report.pairs, start=len(report.findings)):
            progress(done, total)
            if should_stop():
                break
            for index in (pair.before, pair.after):
                if index not in self._stills:
                    self._make(index, "")
        return self.made()

    def _make(self, index: int, key: str) -> None:
        info = self.frames.info
        # At full height: small letters would be blurred before they are looked for
        for _, rgb in self.frames.small_frames(index, index + 1, info.height):
            shown = without_identity(rgb)
            self._stills[index] = encoded(shown)
            if key and self.heat is not None:
                over = self.heat.over(shown, rgb, key)
                if over is not None:
                    self._heat_maps[index, key] = encoded(over)


def encoded(rgb: Image) -> Picture:
    """(H, W, 3) RGB as a JPEG of at most ROWS rows."""
    height, width = rgb.shape[:2]
    if height > ROWS:
        width, height = max(1, round(width * ROWS / height)), ROWS
        rgb = np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    _, jpeg = cv2.imencode(
        ".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    return Picture(jpeg.tobytes(), width, height)
