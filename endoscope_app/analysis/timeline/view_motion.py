"""Which part of the procedure the zoomed strip shows, and how it follows the playhead."""

from __future__ import annotations

from dataclasses import replace

from endoscope_app.analysis.timeline.display import TimelineDisplay
from endoscope_app.analysis.timeline.geometry import clamped_view, zoomed

LEAST_VIEW = 12.0
"""Usual frames; zooming in further would show nothing new."""
JUMP_FRAMES = 25.0
"""Usual frames; see _page_jump."""
PAGE_LEAD = 0.06
"""Share of the view left behind the playhead when the view turns a page."""


class ViewMotion:
    """Moves the view and the playhead of a display."""

    def __init__(self, display: TimelineDisplay) -> None:
        self._display = display

    @property
    def view(self) -> tuple[float, float]:
        """The zoomed strip's part of the axis: positions, which are frames where they all are
        shown equally long.
        """
        return self._display.scene.view

    def set_current(self, index: int, *, follow: bool = True) -> None:
        """Move the playhead, and turn the page when it leaves the view.

        ``follow`` False leaves the view where it is: the reader is dragging something.
        """
        scene, before = self._display.scene, self._display.current
        index = min(max(index, 0), scene.frame_count - 1)
        if index == before or scene.frame_count == 0:
            return
        self._display.show_current(index)
        way = scene.middle(index) - scene.middle(before)
        # a reader who panned away from a running playhead is left alone; a jump is followed
        is_followed = abs(way) > self._page_jump() or scene.shows(before)
        if is_followed and follow and not scene.shows(index):
            self._turn_page(way)

    def reveal_current(self) -> None:
        """Bring the playhead into the zoomed strip if it is outside."""
        scene = self._display.scene
        if scene.frame_count and not scene.shows(self._display.current):
            self._turn_page(0)

    def set_view(self, first: float, last: float) -> None:
        """Show this part of the axis in the zoomed strip, as far as the procedure and the least
        width allow.
        """
        scene = self._display.scene
        if scene.frame_count and last > first:
            self._move(clamped_view(first, last, scene.axis.length, LEAST_VIEW))

    def centre_on(self, frame: int) -> None:
        """Bring a frame into the middle of the zoomed strip."""
        half = (self.view[1] - self.view[0]) / 2
        middle = self._display.scene.middle(frame)
        self.set_view(middle - half, middle + half)

    def zoom(self, factor: float, around_frame: float | None = None) -> None:
        """Magnify by factor (below 1: wider), keeping around_frame (default: the playhead, if
        visible) where it is.
        """
        scene = self._display.scene
        if scene.frame_count == 0 or factor <= 0:
            return
        around = sum(self.view) / 2
        if around_frame is not None:
            around = scene.axis.at(around_frame)
        elif scene.shows(self._display.current):
            around = scene.middle(self._display.current)
        self._move(zoomed(self.view, factor, around, scene.axis.length, LEAST_VIEW))

    def pan(self, by: float) -> None:
        """Move the view along the axis."""
        self.set_view(self.view[0] + by, self.view[1] + by)

    def _page_jump(self) -> float:
        """A longer way than this is no playing: a second, or 25 frames where they are rarer."""
        unit_ms = self._display.scene.axis.unit_ms
        return max(1000 / unit_ms if unit_ms else 0.0, JUMP_FRAMES)

    def _turn_page(self, step: float) -> None:
        """Put the playhead near the end it came from, or in the middle after a jump."""
        span = self.view[1] - self.view[0]
        lead = (
            0.5 if step == 0 or abs(step) > span / 2 else PAGE_LEAD if step > 0 else 1 - PAGE_LEAD
        )
        first = self._display.scene.middle(self._display.current) - lead * span
        self.set_view(first, first + span)

    def _move(self, view: tuple[float, float]) -> None:
        if view != self.view:
            self._display.show(replace(self._display.scene, view=view))
