"""Thumbnails of the open procedure's frames, for any list that shows some."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from endoscope_app.labels.review.thumbnail_thread import (
    HEIGHT,
    Draw,
    ThumbnailThread,
    ThumbnailWish,
)
from endoscope_app.viewing.procedure_player import ProcedurePlayer


class FrameThumbnails(QObject):
    """The thread ``running`` starts with the first wish, and lets its file go when nothing is
    wanted.
    """

    made = Signal(int, QImage)  # frame, of the procedure that is open

    def __init__(self, player: ProcedurePlayer, parent: QObject, *, height: int = HEIGHT) -> None:
        """``height``: rows of the images. They are made without what recorders burn in while
        ``blanked`` is set, and with what ``draw`` lays over them.
        """
        super().__init__(parent)
        self.blanked = False
        self.draw: Draw | None = None
        self._player, self._height = player, height
        self.running: ThumbnailThread | None = None
        self._closed = False

    def want(self, frames: list[int]) -> None:
        """These, in place of what was wanted before."""
        info, shared = self._player.info, self._player.frames
        if info is None or self._closed:
            return
        if self.running is None:
            self.running = ThumbnailThread()
            self.running.image_made.connect(self._on_made)
            self.running.start(ThumbnailThread.Priority.LowPriority)
        self.running.want(
            ThumbnailWish(
                self._player.generation,
                info.path,
                self._player.deinterlace,
                tuple(frames),
                info.stream,
                shared if info.kind == "folder" else None,
                self._height,
                self.blanked,
                self.draw,
            )
        )

    def want_none(self) -> None:
        """Nothing is looked at now."""
        if self.running is not None:
            self.running.want(None)

    def close(self) -> None:
        """End the thread and wait for it (only while closing)."""
        self._closed = True
        if self.running is not None:
            self.running.stop()
            self.running.wait()
            self.running = None

    def _on_made(self, generation: int, frame: int, image: QImage) -> None:
        if generation == self._player.generation and not self._closed:
            self.made.emit(frame, image)
