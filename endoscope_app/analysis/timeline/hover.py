"""What the timeline says of a place: in a tool tip, by the pointer's shape, and to readers who
do not see it.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QToolTip

from endoscope_app.analysis.timeline import wording
from endoscope_app.analysis.timeline.display import TimelineDisplay
from endoscope_app.analysis.timeline.range_painting import Part
from endoscope_app.analysis.timeline.timeline_text import place_text
from endoscope_app.base.plain_text import plain_tip


class Hover:
    """Tool tip, pointer and accessible description of the widget."""

    def __init__(self, display: TimelineDisplay) -> None:
        self._display, widget = display, display.widget
        self._shown: tuple[int, str, QPoint] | None = None
        widget.setAccessibleName(wording.NAME)
        widget.setAccessibleDescription(wording.ABOUT)

    def text(self, position: QPointF) -> str:
        """Range, frame, time, class and probability, and label at a point of the widget; empty
        where nothing is shown.
        """
        stage = self._display.stage
        return place_text(stage, position) if stage.scene.frame_count else ""

    def show(self, text: str, at: QPoint, frame: int = -1) -> None:
        """``at``: in pixels of the screen; ``frame``: of which the text tells. Nothing changes for
        an empty text.
        """
        if text:
            self._shown = frame, text, at
            QToolTip.showText(at, plain_tip(text), self._display.widget)
            self.describe(text.replace("\n", ", "))

    def show_image(self, frame: int, jpeg: bytes) -> None:
        """Above the tip, if that still tells of this frame."""
        if self._shown is None or self._shown[0] != frame or not QToolTip.isVisible():
            return
        _, text, at = self._shown
        QToolTip.showText(at, plain_tip(text, jpeg), self._display.widget)

    def show_pointer(self, position: QPointF) -> None:
        """The pointer tells which part of a range it would take hold of."""
        hit = self._display.stage.range_at(position)
        if hit is None:
            self._display.widget.unsetCursor()
        elif hit[1] is Part.MIDDLE:
            self._display.widget.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self._display.widget.setCursor(Qt.CursorShape.SizeHorCursor)

    def describe(self, text: str) -> None:
        """Say this, then what the timeline is; empty: only the latter."""
        whole = wording.described(text)
        if whole != self._display.widget.accessibleDescription():
            self._display.widget.setAccessibleDescription(whole)
