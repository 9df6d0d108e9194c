"""A small image of the frame under the pointer, in the timeline's tool tip."""

from __future__ import annotations

from PySide6.QtCore import QObject

from endoscope_app.analysis.hover_thread import HoverThread, HoverWish
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.viewing.procedure_player import ProcedurePlayer


class HoverImages(QObject):
    """The thread starts with the first wish; while the reader plays it works on, at a low
    priority.
    """

    def __init__(
        self, player: ProcedurePlayer, *, timeline_view: TimelineView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._player, self._timeline_view = player, timeline_view
        self._thread: HoverThread | None = None
        self._closed = False
        timeline_view.hovered.connect(self._on_hovered)

    def close(self) -> None:
        """End the thread and wait for it (only while closing)."""
        self._closed = True
        if self._thread is not None:
            self._thread.stop()
            self._thread.wait()
            self._thread = None

    def _on_hovered(self, frame: int) -> None:
        frames = self._player.frames
        if frames is None or self._closed:
            return
        if self._thread is None:
            self._thread = HoverThread()
            self._thread.made.connect(self._on_made)
            self._thread.start(HoverThread.Priority.LowPriority)
        self._thread.want(HoverWish(self._player.generation, frames, frame))

    def _on_made(self, generation: int, frame: int, jpeg: bytes) -> None:
        if generation == self._player.generation and not self._closed:
            self._timeline_view.hover.show_image(frame, jpeg)
