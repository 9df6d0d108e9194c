"""The timeline with what the reader said: labels, ranges of which one is selected, the mark
being made, and disagreements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from endoscope_app.analysis.timeline.canvas import TimelineCanvas
from endoscope_app.analysis.timeline.label_lanes import HumanLabels, Integers
from endoscope_app.analysis.timeline.overlay import Mark
from endoscope_app.analysis.timeline.range_painting import NONE, RangeBar, Ranges
from endoscope_app.analysis.timeline.timeline_text import range_words

ABOUT = (
    "The class found in every frame of the recording, and the reader's labels. Click to go to a"
    " frame; turn the wheel, or press plus and minus, to zoom; drag with Shift to mark a range."
)


class LabelledTimeline(TimelineCanvas):
    """Plain values in, signals out: what the reader changes is shown at once, and stays until
    the owner sets something else.
    """

    range_changed = Signal(int, int, int)
    """Id, first and last frame; once, when the mouse lets go or a key was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription(ABOUT)

    def set_labels(
        self,
        frame_index: Integers,
        colour_code: Integers,
        colours: Sequence[QColor],
        kind: Integers,
        names: Sequence[str] = (),
    ) -> None:
        """Labels by frame, ascending, (N,) each; kind 0 class, 1 agreed, 2 unusable.

        The colours are also those of the ranges.
        """
        self._show(
            replace(self._scene, labels=HumanLabels(frame_index, colour_code, kind, colours, names))
        )
        self._picture.forget_labels()
        self.update()

    def set_disagreements(self, frame_index: Integers) -> None:
        """The frames where reader and model differ, in any order."""
        self._show(replace(self._scene, disagreements=np.unique(frame_index.astype(np.int64))))
        self._picture.forget_labels()
        self.update()

    def set_ranges(self, ranges: Iterable[tuple[int, int, int, int, str]]) -> None:
        """(id, first, last, colour code, name) each, both ends included."""
        bars = tuple(RangeBar(*values) for values in ranges)
        if bars == self._scene.ranges.bars:
            return
        selected = self.selected_range
        self._show_ranges(Ranges.of(bars, selected))
        if selected != self.selected_range:
            self._describe_selection()

    def set_mark(self, first: int | None, last: int | None) -> None:
        """The mark being made, both ends included; None for an end that is not set."""
        if first is not None and last is not None and first > last:
            first, last = last, first
        self._show_mark((first, last))

    @property
    def selected_range(self) -> int:
        """The id, or -1."""
        return self._scene.ranges.selected

    @property
    def mark(self) -> Mark:
        """As it is shown."""
        return self._mark

    def select_range(self, wanted: int) -> None:
        """Show its handles and let the keys work on it; -1, or an id that is not there, for
        none.
        """
        ranges = self._scene.ranges
        selected = wanted if wanted in ranges.rows else NONE
        if selected != ranges.selected:
            self._show_ranges(replace(ranges, selected=selected))
            self._describe_selection()

    def _describe_selection(self) -> None:
        bar = self._scene.ranges.chosen
        self._describe(range_words(self._scene, bar) + ", selected" if bar is not None else "")

    def _show_ranges(self, ranges: Ranges) -> None:
        self._show(replace(self._scene, ranges=ranges))
        self._picture.forget_ranges()
        self.update()

    def _show_bar(self, bar: RangeBar) -> None:
        self._show_ranges(self._scene.ranges.with_bar(bar))

    def _change_bar(self, bar: RangeBar) -> None:
        """The reader is done: rows may move now."""
        self._show_ranges(Ranges.of(self._scene.ranges.with_bar(bar).bars, self.selected_range))
        self._describe(range_words(self._scene, bar) + ", selected")
        self.range_changed.emit(bar.id, bar.first, bar.last)

    def _show_mark(self, mark: Mark) -> None:
        if mark != self._mark:
            self._mark = mark
            self.update()

    def _describe(self, words: str) -> None:
        text = f"{words}. {ABOUT}" if words else ABOUT
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
