"""The mouse on the timeline: a press begins a drag, which follows the pointer to its release."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent

from endoscope_app.analysis.timeline.display import TimelineDisplay
from endoscope_app.analysis.timeline.drag import Drag, MarkDrag, PanDrag, RangeDrag, SeekDrag
from endoscope_app.analysis.timeline.overlay import Mark
from endoscope_app.analysis.timeline.range_painting import NONE
from endoscope_app.analysis.timeline.range_selection import RangeSelection
from endoscope_app.analysis.timeline.timeline_text import mark_text, range_text
from endoscope_app.analysis.timeline.view_motion import ViewMotion

BUTTONS = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


class PointerDrags(QObject):
    """At most one drag at a time."""

    seek_requested = Signal(int)
    mark_changed = Signal(object, object)
    """First and last frame as they are shown now, None for an end that is not set: also when a
    drag is given up.
    """

    def __init__(
        self,
        display: TimelineDisplay,
        motion: ViewMotion,
        ranges: RangeSelection,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._display, self._motion, self._ranges = display, motion, ranges
        self._drag: Drag | None = None

    @property
    def held(self) -> bool:
        """Whether the reader is dragging something: then the view is theirs."""
        return self._drag is not None

    @property
    def can_cancel(self) -> bool:
        """Whether Escape would put something back."""
        return self._drag is not None and self._drag.can_cancel

    def press(self, event: QMouseEvent) -> None:
        """Begin a drag; one that is under way continues whatever else is pressed."""
        if self._drag is None:
            self._drag = self._begin(event)
            self._drag.move(event.position().x())

    def _begin(self, event: QMouseEvent) -> Drag:
        at, stage = event.position(), self._display.stage
        overview = stage.is_overview(at)
        if event.button() == Qt.MouseButton.MiddleButton:
            return PanDrag(self._display, self._motion, overview, at.x())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return MarkDrag(self._display, overview, at.x(), self._tell_mark)
        hit = stage.range_at(at)
        if hit is None:
            lane = stage.rows.lanes(overview).ranges
            if lane.top() <= at.y() < lane.bottom():
                self._ranges.select(NONE)
            return SeekDrag(self._display, self._motion, overview, self.seek_requested.emit)
        bar, part = hit
        self._ranges.select(bar.id)
        return RangeDrag(self._display, overview, at.x(), bar, part, self._ranges)

    def _tell_mark(self, mark: Mark) -> None:
        self._display.show_mark(mark)
        self.mark_changed.emit(*mark)

    def move(self, at: QPointF, buttons: Qt.MouseButton) -> None:
        """Follow the pointer; ``buttons``: those that are down."""
        if self._drag is not None and not buttons & self._drag.button:
            self.let_go()  # the release went to somebody else
        if self._drag is not None:
            self._drag.move(at.x())

    def release(self, button: Qt.MouseButton) -> None:
        if self._drag is not None and button == self._drag.button:
            drag, self._drag = self._drag, None
            drag.release()

    def let_go(self) -> None:
        """Give up what is dragged, as if it had never been."""
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.cancel()

    def let_range_go(self) -> None:
        """The ranges are set anew: one that is being dragged is let go."""
        if isinstance(self._drag, RangeDrag):
            self.let_go()

    def mark_was_set(self) -> None:
        """The owner set the mark; another one than that of a drag under way ends the drag."""
        if isinstance(self._drag, MarkDrag) and self._display.mark != self._drag.mark:
            self._drag = None

    def text(self) -> str:
        """The length of what is being dragged; empty for a seek, which the flag tells."""
        scene = self._display.scene
        bar, (first, last) = scene.ranges.chosen, self._display.mark
        if isinstance(self._drag, RangeDrag) and bar is not None:
            return range_text(scene, bar)
        if isinstance(self._drag, MarkDrag) and first is not None and last is not None:
            return mark_text(scene, first, last)
        return ""
