"""The pixels of the frame on screen as a label keeps them, hashed while the reader looks at it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer

from endoscope_app.base.background_task import Tasks
from endoscope_app.labels.library.frame_pngs import content_hash
from endoscope_app.media.source import Frame

#: A frame that stands so long is not one that plays or is passed by a key that is held.
REST_MS = 50


@dataclass(frozen=True)
class HashedPixels:
    """``rgb`` (H, W, 3) uint8 with the hash under which it is kept."""

    rgb: NDArray[np.uint8]
    content: str


class FramePixels(QObject):
    """SHA-256 over a 1080p frame takes 14 ms, which a key press must not wait for; so it is at
    hand before the key, unless the key comes at once or while playing.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks(self)  # its own: a label's PNG takes ten times as long
        self._shown: Frame | None = None
        self._hashed: tuple[Frame, HashedPixels] | None = None
        self._busy = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._begin)

    @property
    def ready(self) -> bool:
        """Whether the frame on screen has been hashed."""
        return self._hashed is not None and self._hashed[0] is self._shown

    def show(self, frame: Frame) -> None:
        """The frame on screen."""
        self._shown = frame
        self._rest.start()

    def forget(self) -> None:
        """Another procedure is being opened."""
        self._rest.stop()
        self._shown = self._hashed = None

    def of(self, frame: Frame) -> HashedPixels:
        """Those of this frame; hashed now where they are not at hand."""
        if self._hashed is not None and self._hashed[0] is frame:
            return self._hashed[1]
        return _hashed(frame)

    def close(self) -> None:
        """Wait for what runs (only while closing)."""
        self._rest.stop()
        self._tasks.close()

    def _begin(self) -> None:
        frame = self._shown
        if frame is None or self._busy or self.ready:
            return
        self._busy = True
        self._tasks.run(lambda: (frame, _hashed(frame)), self._on_hashed, self._on_failed)

    def _on_hashed(self, result: tuple[Frame, HashedPixels]) -> None:
        self._busy = False
        if result[0] is self._shown:
            self._hashed = result
        else:
            self._begin()

    def _on_failed(self, _: object) -> None:
        self._busy = False


def _hashed(frame: Frame) -> HashedPixels:
    rgb = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGRA2RGB), np.uint8)
    return HashedPixels(rgb, content_hash(rgb))
