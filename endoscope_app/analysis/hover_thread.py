"""The image of one frame at a time, for the pointer over the timeline: decoded beside everything
else, the newest wish in place of the one before.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

import cv2
from PySide6.QtCore import QThread, Signal

from endoscope_app.base.errors import AppError
from endoscope_app.base.log import log_fault
from endoscope_app.media.source import SharedFrames
from endoscope_app.viewing.identity_mask import without_identity

HEIGHT = 112
KEPT = 200
"""JPEGs of some 4 kB."""


@dataclass(frozen=True, slots=True)
class HoverWish:
    """A frame of a procedure; ``generation`` says which opening of it asked."""

    generation: int
    frames: SharedFrames
    index: int


class HoverThread(QThread):
    """``stop`` and then ``wait`` end it. Burnt-in identity is blanked in every image."""

    made = Signal(int, int, bytes)  # generation, frame, JPEG

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("hover images")
        self._changed = threading.Condition()
        self._wish: HoverWish | None = None
        self._stopped = False
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()

    def want(self, wish: HoverWish) -> None:
        """This one next."""
        with self._changed:
            self._wish = wish
            self._changed.notify()

    def stop(self) -> None:
        """End ``run``."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def run(self) -> None:
        """Until stopped."""
        while self._make_next():
            pass

    def _make_next(self) -> bool:
        """False when stopped. While the next wish is waited for, no procedure is held: it may be
        closed.
        """
        wish = self._next()
        if wish is None:
            return False
        place = wish.generation, wish.index
        jpeg = self._kept.get(place) or _image(wish)
        if jpeg:
            self._kept[place] = jpeg
            self._kept.move_to_end(place)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            self.made.emit(*place, jpeg)
        return True

    def _next(self) -> HoverWish | None:
        with self._changed:
            while self._wish is None and not self._stopped:
                self._changed.wait()
            wish, self._wish = self._wish, None
            return None if self._stopped else wish


def _image(wish: HoverWish) -> bytes:
    """Empty where the frame cannot be read: the player says so in words."""
    try:
        found = next(wish.frames.small_frames(wish.index, wish.index + 1, HEIGHT, threads=1), None)
        if found is None:
            return b""
        bgr = cv2.cvtColor(without_identity(found[1]), cv2.COLOR_RGB2BGR)
        return bytes(cv2.imencode(".jpg", bgr)[1].tobytes())
    except AppError:
        return b""
    except Exception as error:  # one image less; the thread makes the next one
        log_fault(error, "fault in the image under the pointer")
        return b""
