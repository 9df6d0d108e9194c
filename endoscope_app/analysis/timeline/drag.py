"""What a press on the timeline holds until its release: the playhead, the view, a mark, or a
range.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt

from endoscope_app.analysis.timeline.display import TimelineDisplay
from endoscope_app.analysis.timeline.overlay import Mark
from endoscope_app.analysis.timeline.range_painting import Part, RangeBar
from endoscope_app.analysis.timeline.range_selection import RangeSelection
from endoscope_app.analysis.timeline.view_motion import ViewMotion

STILL = 3.0
"""Pixels that a range must be dragged before it follows: a click must not change it."""


class Drag(Protocol):
    """Follows the pointer in pixels.

    ``cancel`` puts back what the drag changed, if ``can_cancel``; a seek has happened already.
    """

    button: Qt.MouseButton
    can_cancel: bool

    def move(self, x: float) -> None: ...

    def release(self) -> None: ...

    def cancel(self) -> None: ...


class SeekDrag:
    """The playhead follows; in the overview the view does so, too."""

    button = Qt.MouseButton.LeftButton
    can_cancel = False

    def __init__(
        self,
        display: TimelineDisplay,
        motion: ViewMotion,
        overview: bool,
        seek: Callable[[int], None],
    ) -> None:
        self._display, self._motion = display, motion
        self._overview, self._seek = overview, seek
        self._sought: int | None = None

    def move(self, x: float) -> None:
        frame = self._display.stage.frame_under(x, self._overview)
        if self._overview:
            self._motion.centre_on(frame)
        if frame != self._sought:
            self._sought = frame
            self._seek(frame)

    def release(self) -> None:
        """Every step has been told already."""

    def cancel(self) -> None:
        """Nothing to put back."""


class PanDrag:
    """The view follows and the playhead stays."""

    button = Qt.MouseButton.MiddleButton
    can_cancel = False

    def __init__(
        self, display: TimelineDisplay, motion: ViewMotion, overview: bool, x: float
    ) -> None:
        self._display, self._motion = display, motion
        self._overview, self._before = overview, x

    def move(self, x: float) -> None:
        moved = (x - self._before) / self._display.stage.scale(self._overview).pixels_a_unit
        self._before = x
        self._motion.pan(moved if self._overview else -moved)

    def release(self) -> None:
        """Every step has been done already."""

    def cancel(self) -> None:
        """Nothing to put back."""


class MarkDrag:
    """Marks the frames between press and pointer.

    ``tell(mark)`` draws each step and tells the owner; giving up tells the mark before.
    """

    button = Qt.MouseButton.LeftButton
    can_cancel = True

    def __init__(
        self,
        display: TimelineDisplay,
        overview: bool,
        x: float,
        tell: Callable[[Mark], None],
    ) -> None:
        self._display, self._overview, self._tell = display, overview, tell
        self._anchor = display.stage.frame_under(x, overview)
        self._before = self.mark = display.mark

    def move(self, x: float) -> None:
        frame = self._display.stage.frame_under(x, self._overview)
        mark = min(self._anchor, frame), max(self._anchor, frame)
        if mark != self.mark:
            self.mark = mark
            self._tell(mark)

    def release(self) -> None:
        """Every step has been told already."""

    def cancel(self) -> None:
        if self.mark != self._before:
            self._tell(self._before)


class RangeDrag:
    """Moves one end of a bar, or all of it.

    Drawn at each step, told at the release only.
    """

    button = Qt.MouseButton.LeftButton
    can_cancel = True

    def __init__(
        self,
        display: TimelineDisplay,
        overview: bool,
        x: float,
        bar: RangeBar,
        part: Part,
        ranges: RangeSelection,
    ) -> None:
        self._display, self._overview, self._part = display, overview, part
        self._ranges = ranges
        self._pressed, self._follows = x, False
        self._before = self._now = bar
        scale = display.stage.scale(overview)
        self._offset = x - (scale.end(bar.last) if part is Part.END else scale.x(bar.first))

    def move(self, x: float) -> None:
        self._follows = self._follows or abs(x - self._pressed) >= STILL
        if not self._follows:
            return
        now = self._at(x)
        if now != self._now:
            self._now = now
            self._ranges.show_bar(now)

    def _at(self, x: float) -> RangeBar:
        """The bar with the held edge at the pointer: between frames while it is dragged, so
        that it snaps half way.
        """
        edge = round(self._display.stage.scale(self._overview).position(x - self._offset))
        bar = self._before
        if self._part is Part.MIDDLE:
            return bar.moved(edge - bar.first, self._display.scene.frame_count)
        low, high = self._display.stage.seen(self._overview)
        edge = min(max(edge, low), high)
        # the other end's frame stays in the range on whichever side of it the pointer is
        anchor = bar.first if self._part is Part.END else bar.last
        return bar.spanned(anchor, edge - 1 if edge > anchor else edge)

    def release(self) -> None:
        if self._now != self._before:
            self._ranges.change_bar(self._now)

    def cancel(self) -> None:
        self._ranges.show_bar(self._before)
