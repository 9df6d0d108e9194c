"""Thumbnails of frames of many procedures, one procedure after the other, in the background."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import groupby

import cv2
import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.media.opening import OpeningStopped, open_source
from endoscope_app.media.source import Image
from endoscope_app.similar.nearest import Hit
from endoscope_app.viewing.identity_mask import without_identity

ROWS = 240


class HitImages(QObject):
    """The newest wish replaces the one before."""

    made = Signal(int, int, QImage, bool)  # round, number of the hit, image, blanked

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks, self._stop = Tasks(self), threading.Event()

    def want(self, number: int, hits: Sequence[Hit], *, blanked: bool) -> None:
        """Make those of ``hits``; ``number``: of the round, told with each."""
        self.want_none()
        stop = self._stop = threading.Event()
        numbered = sorted(enumerate(hits), key=lambda item: (item[1].place.path, item[1].index))

        def make() -> None:
            for _, group in groupby(numbered, key=lambda item: item[1].place.path):
                if not stop.is_set():
                    self._of_one(number, list(group), stop, blanked=blanked)

        self._tasks.run(make)

    def want_none(self) -> None:
        """Nothing is looked at now."""
        self._stop.set()

    def close(self) -> None:
        """Stop and wait for it (only while closing)."""
        self.want_none()
        self._tasks.close()

    def _of_one(
        self, number: int, hits: list[tuple[int, Hit]], stop: threading.Event, *, blanked: bool
    ) -> None:
        """A procedure that cannot be opened has no images; opening it says why."""
        try:
            with open_source(hits[0][1].place.path, should_stop=stop.is_set) as source:
                if source.info.fingerprint != hits[0][1].place.fingerprint:
                    return
                for place, hit in hits:
                    if stop.is_set():
                        return
                    bgra = source.read(hit.index).image
                    rgb = np.asarray(cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGB), np.uint8)
                    shown = without_identity(rgb) if blanked else rgb
                    self.made.emit(number, place, _small(shown), blanked)
        except (AppError, IndexError, OpeningStopped):
            return


def _small(rgb: Image) -> QImage:
    width = max(1, round(ROWS * rgb.shape[1] / rgb.shape[0]))
    small = np.ascontiguousarray(cv2.resize(rgb, (width, ROWS), interpolation=cv2.INTER_AREA))
    return QImage(small.data, width, ROWS, small.strides[0], QImage.Format.Format_RGB888).copy()
