"""The reader's ranges on the timeline, of which one may be selected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from endoscope_app.analysis.timeline import wording
from endoscope_app.analysis.timeline.display import TimelineDisplay
from endoscope_app.analysis.timeline.range_painting import NONE, RangeBar, Ranges
from endoscope_app.analysis.timeline.timeline_text import range_text


class RangeSelection(QObject):
    """What the reader changes is shown at once, and stays until the owner sets something else."""

    range_changed = Signal(int, int, int)
    """Id, first and last frame; once, when the mouse lets go or a key was pressed."""
    described = Signal(str)
    """The selected range in words; empty where none is."""

    def __init__(self, display: TimelineDisplay, parent: QObject) -> None:
        super().__init__(parent)
        self._display = display

    @property
    def ranges(self) -> Ranges:
        return self._display.scene.ranges

    @property
    def selected(self) -> int:
        """The id, or -1."""
        return self.ranges.selected

    @property
    def selected_bar(self) -> RangeBar | None:
        return self.ranges.chosen

    def set_bars(self, bars: Iterable[RangeBar]) -> None:
        """Show these ranges; the selected one stays so if it is among them."""
        bars = tuple(bars)
        if bars == self.ranges.bars:
            return
        selected = self.selected
        self._show(Ranges.of(bars, selected))
        if selected != self.selected:
            self._describe(self.selected_bar)

    def select(self, range_id: int) -> None:
        """Show its handles and let the keys work on it; -1, or an id that is not there, for
        none.
        """
        selected = range_id if range_id in self.ranges.rows else NONE
        if selected != self.selected:
            self._show(replace(self.ranges, selected=selected))
            self._describe(self.selected_bar)

    def show_bar(self, bar: RangeBar) -> None:
        """Draw a range where it is dragged to, in the row that it has."""
        self._show(self.ranges.with_bar(bar))

    def change_bar(self, bar: RangeBar) -> None:
        """The reader is done with a range: rows may move now."""
        self._show(Ranges.of(self.ranges.with_bar(bar).bars, self.selected))
        self._describe(bar)
        self.range_changed.emit(bar.id, bar.first, bar.last)

    def _show(self, ranges: Ranges) -> None:
        self._display.show(replace(self._display.scene, ranges=ranges))

    def _describe(self, bar: RangeBar | None) -> None:
        text = range_text(self._display.scene, bar) if bar is not None else ""
        self.described.emit(wording.selected(text) if text else "")
