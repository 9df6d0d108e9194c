"""Small images of the frames that stand for segments, made beside everything else."""

from __future__ import annotations

from PySide6.QtCore import QObject

from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.review.frame_thumbnails import FrameThumbnails
from endoscope_app.segments.segment_list import SegmentList
from endoscope_app.viewing.procedure_player import ProcedurePlayer


class SegmentImages(QObject):
    """The list says what it wants; another procedure has other images."""

    def __init__(self, player: ProcedurePlayer, segments: SegmentList, window: WindowPort) -> None:
        super().__init__(window.as_widget())
        self._list, self._thumbnails = segments, FrameThumbnails(player, window, self)
        self._thumbnails.outdated.connect(segments.forget_images)
        segments.images_wanted.connect(self._thumbnails.want)
        self._thumbnails.made.connect(segments.show_image)
        player.opened.connect(self._on_opened)

    def close(self) -> None:
        """End the thread and wait for it (only while closing)."""
        self._thumbnails.close()

    def _on_opened(self) -> None:
        self._list.forget_images()
        self._thumbnails.want_none()
