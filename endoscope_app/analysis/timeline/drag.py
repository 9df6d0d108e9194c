"""What a press on the timeline holds until its release: the playhead, the view, a mark, or a
range.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt

from endoscope_app.analysis.timeline.canvas import TimelineCanvas
from endoscope_app.analysis.timeline.overlay import Mark
from endoscope_app.analysis.timeline.range_painting import Part, RangeBar

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

    def __init__(self, canvas: TimelineCanvas, overview: bool, seek: Callable[[int], None]) -> None:
        self._canvas, self._overview, self._seek = canvas, overview, seek
        self._sought: int | None = None

    def move(self, x: float) -> None:
        frame = self._canvas.stage.frame_under(x, self._overview)
        if self._overview:
            self._canvas.centre_on(frame)
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

    def __init__(self, canvas: TimelineCanvas, overview: bool, x: float) -> None:
        self._canvas, self._overview, self._before = canvas, overview, x

    def move(self, x: float) -> None:
        moved = (x - self._before) / self._canvas.stage.scale(self._overview).pixels_a_unit
        self._before = x
        self._canvas.pan(moved if self._overview else -moved)

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
        canvas: TimelineCanvas,
        overview: bool,
        x: float,
        before: Mark,
        tell: Callable[[Mark], None],
    ) -> None:
        self._canvas, self._overview, self._before, self._tell = canvas, overview, before, tell
        self._anchor = canvas.stage.frame_under(x, overview)
        self.mark = before

    def move(self, x: float) -> None:
        frame = self._canvas.stage.frame_under(x, self._overview)
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

    Drawn through ``show`` at each step, told through ``changed`` at the release only.
    """

    button = Qt.MouseButton.LeftButton
    can_cancel = True

    def __init__(
        self,
        canvas: TimelineCanvas,
        overview: bool,
        x: float,
        bar: RangeBar,
        part: Part,
        show: Callable[[RangeBar], None],
        changed: Callable[[RangeBar], None],
    ) -> None:
        self._canvas, self._overview, self._part = canvas, overview, part
        self._show, self._changed = show, changed
        self._pressed, self._follows = x, False
        self._before = self._now = bar
        scale = canvas.stage.scale(overview)
        self._offset = x - (scale.end(bar.last) if part is Part.END else scale.x(bar.first))

    @property
    def range_id(self) -> int:
        return self._before.id

    def move(self, x: float) -> None:
        self._follows = self._follows or abs(x - self._pressed) >= STILL
        if not self._follows:
            return
        now = self._at(x)
        if now != self._now:
            self._now = now
            self._show(now)

    def _at(self, x: float) -> RangeBar:
        """The bar with the held edge at the pointer: between frames while it is dragged, so
        that it snaps half way.
        """
        edge = round(self._canvas.stage.scale(self._overview).position(x - self._offset))
        bar = self._before
        if self._part is Part.MIDDLE:
            return bar.moved(edge - bar.first, self._canvas.frame_count)
        low, high = self._canvas.stage.seen(self._overview)
        edge = min(max(edge, low), high)
        # the other end's frame stays in the range on whichever side of it the pointer is
        anchor = bar.first if self._part is Part.END else bar.last
        return bar.spanned(anchor, edge - 1 if edge > anchor else edge)

    def release(self) -> None:
        if self._now != self._before:
            self._changed(self._now)

    def cancel(self) -> None:
        self._show(self._before)
