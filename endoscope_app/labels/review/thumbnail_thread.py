"""Small images of the frames that a list shows, decoded beside everything else.

The newest wish replaces the one before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QThread, Signal
from PySide6.QtGui import QImage

from endoscope_app.base.errors import AppError
from endoscope_app.base.log import LOG, log_fault
from endoscope_app.media.opening import OpeningStopped, open_source
from endoscope_app.media.source import FrameSource, Image, SharedFrames
from endoscope_app.viewing.identity_mask import without_identity

#: Number, frame, the frame as it is shown -> what is shown of it.
Draw = Callable[[int, Image, Image], Image]
HEIGHT = 96  # rows: twice what a list shows, for screens with two pixels a point


@dataclass(frozen=True, slots=True)
class ThumbnailWish:
    """Frames of one procedure; ``generation`` says which opening of it asked.

    ``stills``: of a folder, which then need not be looked through again; ``height``: rows of the
    images; ``blanked``: without what recorders burn in; ``draw``: lays something over a
    frame, from its number, the frame (H, W, 3) and how it is shown.
    """

    generation: int
    path: Path
    deinterlace: bool
    frames: tuple[int, ...]
    stream: int | None = None
    stills: SharedFrames | None = None
    height: int = HEIGHT
    blanked: bool = False
    draw: Draw | None = None


class ThumbnailThread(QThread):
    """Owns its file and lets it go in ``rest``.

    ``stop`` and then ``wait`` end it within a frame.
    """

    image_made = Signal(int, int, QImage, bool)  # generation, frame index, image, blanked

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("thumbnails")
        self._changed = threading.Condition()
        self._wish: ThumbnailWish | None = None
        # A wish, or the end of all wishes, that the thread has not taken up yet
        self._fresh = False
        self._stopped = False

    def want(self, wish: ThumbnailWish | None) -> None:
        """Make these from now on; None: nothing, and the file is let go."""
        with self._changed:
            self._wish, self._fresh = wish, True
            self._changed.notify()

    def stop(self) -> None:
        """End ``run``."""
        with self._changed:
            self._stopped = self._fresh = True
            self._changed.notify()

    def run(self) -> None:
        """Until stopped."""
        source: FrameSource | None = None
        opened: tuple[Path, bool, int] | None = None  # the generation stands for the stream, too
        while True:
            wish = self._next()
            wanted = None
            if wish is not None and wish.stills is None:
                wanted = wish.path, wish.deinterlace, wish.generation
            if wanted != opened:
                if source is not None:
                    source.close()
                source = None if wish is None or wanted is None else self._opened(wish)
                opened = wanted
            if self._stopped:
                if source is not None:
                    source.close()
                return
            if wish is not None:
                self._make(source, wish)

    def _next(self) -> ThumbnailWish | None:
        with self._changed:
            while not self._fresh:
                self._changed.wait()
            self._fresh = False
            return None if self._stopped else self._wish

    def _make(self, source: FrameSource | None, wish: ThumbnailWish) -> None:
        for index in sorted(wish.frames):  # in order, the decoder continues from frame to frame
            if self._fresh:
                return
            try:
                image = _image(source, wish, index)
            except (AppError, IndexError):
                continue  # a damaged frame has no image, and the player says so in words
            except Exception as error:  # one image less; the thread makes the next one
                log_fault(error, "fault in a small image")
                continue
            if image is not None:
                self.image_made.emit(wish.generation, index, image, wish.blanked)

    def _opened(self, wish: ThumbnailWish) -> FrameSource | None:
        try:
            return open_source(
                wish.path,
                deinterlace=wish.deinterlace,
                stream=wish.stream,
                should_stop=lambda: self._stopped,
            )
        except OpeningStopped:
            return None
        except AppError:
            LOG.warning("no thumbnails: the procedure was not opened again")
            return None
        except Exception as error:  # the next procedure may well be opened
            log_fault(error, "fault in opening for small images")
            return None


def _image(source: FrameSource | None, wish: ThumbnailWish, index: int) -> QImage | None:
    """None where there is no such image any more. Raises AppError, IndexError."""
    rgb = _read(source, wish, index)
    if rgb is None:
        return None
    shown = without_identity(rgb) if wish.blanked else rgb
    if wish.draw is not None:
        shown = wish.draw(index, rgb, shown)
    width = max(1, round(wish.height * shown.shape[1] / shown.shape[0]))
    small = np.ascontiguousarray(
        cv2.resize(shown, (width, wish.height), interpolation=cv2.INTER_AREA)
    )
    return QImage(
        small.data, width, wish.height, small.strides[0], QImage.Format.Format_RGB888
    ).copy()


def _read(source: FrameSource | None, wish: ThumbnailWish, index: int) -> Image | None:
    """(H, W, 3) RGB; None where there is no such image any more."""
    if wish.stills is not None:
        # At full height where letters are looked for, or a model looks
        looked_at = wish.blanked or wish.draw is not None
        height = wish.stills.info.height if looked_at else wish.height
        return next((rgb for _, rgb in wish.stills.small_frames(index, index + 1, height)), None)
    if source is None:
        return None
    return np.asarray(cv2.cvtColor(source.read(index).image, cv2.COLOR_BGRA2RGB), np.uint8)
