"""Small images of the frames that stand for segments, made beside everything else."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from endoscope_app.labels.review.thumbnail_thread import ThumbnailThread, ThumbnailWish
from endoscope_app.segments.segment_list import SegmentList
from endoscope_app.viewing.procedure_player import ProcedurePlayer


class SegmentImages(QObject):
    """The thread starts with the first wish; it lets its file go with the procedure."""

    def __init__(self, player: ProcedurePlayer, segments: SegmentList, parent: QObject) -> None:
        super().__init__(parent)
        self._player, self._list = player, segments
        self._thread: ThumbnailThread | None = None
        self._closed = False
        segments.images_wanted.connect(self._on_wanted)
        player.opened.connect(self._on_opened)

    def close(self) -> None:
        """End the thread and wait for it (only while closing)."""
        self._closed = True
        if self._thread is not None:
            self._thread.stop()
            self._thread.wait()
            self._thread = None

    def _on_wanted(self, frames: list[int]) -> None:
        info = self._player.info
        if info is None or self._closed:
            return
        if self._thread is None:
            self._thread = ThumbnailThread()
            self._thread.image_made.connect(self._on_made)
            self._thread.start(ThumbnailThread.Priority.LowPriority)
        self._thread.want(
            ThumbnailWish(
                self._player.generation,
                info.path,
                self._player.deinterlace,
                tuple(frames),
                info.stream,
            )
        )

    def _on_made(self, generation: int, frame: int, image: QImage) -> None:
        if generation == self._player.generation and not self._closed:
            self._list.show_image(frame, image)

    def _on_opened(self) -> None:
        self._list.forget_images()
        if self._thread is not None:
            self._thread.want(None)
