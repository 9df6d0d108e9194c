"""What can be done to the selected range: by the keys while the timeline has the focus, and by
its menu.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu

from endoscope_app.analysis.timeline import wording
from endoscope_app.analysis.timeline.display import TimelineDisplay
from endoscope_app.analysis.timeline.pointer_drags import PointerDrags
from endoscope_app.analysis.timeline.range_painting import NONE, RangeBar
from endoscope_app.analysis.timeline.range_selection import RangeSelection
from endoscope_app.analysis.timeline.timeline_keys import RangeKey, range_key, trimmed


class RangeCommands(QObject):
    """Trims and unselects by itself; splitting and deleting are the owner's."""

    split_requested = Signal(int, int)
    """Id and the frame that becomes the second part's first."""
    delete_requested = Signal(int)

    def __init__(
        self,
        display: TimelineDisplay,
        ranges: RangeSelection,
        drags: PointerDrags,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._display, self._ranges, self._drags = display, ranges, drags

    def key(self, event: QKeyEvent) -> RangeKey | None:
        """What the key would do here at this moment; while something is dragged, only Escape."""
        if self._drags.held:
            escapes = event.key() == Qt.Key.Key_Escape and self._drags.can_cancel
            return RangeKey.LEAVE if escapes else None
        bar = self._ranges.selected_bar
        return range_key(event, bar, self._display.current) if bar is not None else None

    def work(self, key: RangeKey) -> None:
        """Do what the key asks for."""
        if self._drags.held:
            self._drags.let_go()
            return
        bar = self._ranges.selected_bar
        if bar is None:
            return
        if key is RangeKey.LEAVE:
            self._ranges.select(NONE)
        elif key is RangeKey.DELETE:
            self.delete_requested.emit(bar.id)
        elif key is RangeKey.SPLIT:
            self.split_requested.emit(bar.id, self._display.current)
        elif (now := trimmed(bar, key, self._display.scene.frame_count)) != bar:
            self._ranges.change_bar(now)

    def menu(self, bar: RangeBar, frame: int) -> QMenu:
        """Split at the frame, or delete."""
        menu = QMenu(self._display.widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        split = menu.addAction(
            wording.split_range(frame), lambda: self.split_requested.emit(bar.id, frame)
        )
        split.setEnabled(bar.first < frame <= bar.last)
        menu.addAction(wording.delete_range(bar.name), lambda: self.delete_requested.emit(bar.id))
        return menu
