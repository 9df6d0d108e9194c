"""Thumbnails of the open procedure's frames, for any list that shows some."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.review.thumbnail_thread import (
    HEIGHT,
    Draw,
    ThumbnailThread,
    ThumbnailWish,
)
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.viewing.screen_blanking import ScreenBlanking


class FrameThumbnails(QObject):
    """The thread ``running`` starts with the first wish, and lets its file go when nothing is
    wanted.
    """

    made = Signal(int, QImage)  # frame, of the procedure that is open
    outdated = Signal()  # images that were made before may not be shown any more

    def __init__(
        self, player: ProcedurePlayer, window: WindowPort, parent: QObject, *, height: int = HEIGHT
    ) -> None:
        """``height``: rows of the images. They are blanked where the screen is, and
        have over them what ``draw`` lays there.
        """
        super().__init__(parent)
        self.draw: Draw | None = None
        self._player, self._height = player, height
        self._blanking = ScreenBlanking(window, self)
        self._blanking.changed.connect(self._on_blanking)
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
                self._blanking.on,
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

    def _on_blanking(self) -> None:
        self.want_none()
        self.outdated.emit()

    def _on_made(self, generation: int, frame: int, image: QImage, blanked: bool) -> None:
        is_current = generation == self._player.generation and blanked == self._blanking.on
        if is_current and not self._closed:
            self.made.emit(frame, image)
