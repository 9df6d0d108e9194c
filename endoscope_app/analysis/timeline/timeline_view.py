"""The timeline: the whole procedure and a part of it, what the model found and what the reader
said, with mouse and keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from endoscope_app.analysis.timeline.drag import Drag, MarkDrag, PanDrag, RangeDrag, SeekDrag
from endoscope_app.analysis.timeline.labelled import LabelledTimeline
from endoscope_app.analysis.timeline.overlay import Mark
from endoscope_app.analysis.timeline.range_painting import NONE, Part, RangeBar, touched
from endoscope_app.analysis.timeline.timeline_keys import RangeKey, range_key, trimmed
from endoscope_app.analysis.timeline.timeline_text import (
    gap_words,
    place_words,
    range_words,
    span_words,
)
from endoscope_app.base.plain_text import plain_tip

ZOOM_NOTCH = 1.25
PAN_NOTCH = 0.1
_GRIP_LOST = (
    QEvent.Type.WindowDeactivate,
    QEvent.Type.FocusOut,
    QEvent.Type.Hide,
    QEvent.Type.UngrabMouse,
)
"""After these the release of a drag may never come here."""
NEAR_LABEL = 2.0
"""Pixels around the pointer in which the label lane looks for a label to name."""


class TimelineView(LabelledTimeline):
    """The widget of the window.

    A drag or a key changes what is shown at once; the owner hears of it by a signal.
    """

    seek_requested = Signal(int)
    range_split_requested = Signal(int, int)
    """Id and the frame that becomes the second part's first."""
    range_delete_requested = Signal(int)
    mark_changed = Signal(object, object)
    """First and last frame as they are shown now, None for an end that is not set: also when a
    drag is given up.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drag: Drag | None = None
        self.keys_allowed: Callable[[], bool] = lambda: True

    def set_ranges(self, ranges: Iterable[tuple[int, int, int, int, str]]) -> None:
        """(id, first, last, colour code, name) each, both ends included.

        A range that is being dragged is let go.
        """
        if isinstance(self._drag, RangeDrag):
            self.let_go()
        super().set_ranges(ranges)

    def set_mark(self, first: int | None, last: int | None) -> None:
        """The mark as the owner has it; another one than that of a drag under way ends the drag."""
        super().set_mark(first, last)
        if isinstance(self._drag, MarkDrag) and self._mark != self._drag.mark:
            self._drag = None

    # mouse

    def held(self) -> bool:
        return self._drag is not None

    def let_go(self) -> None:
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.cancel()

    def _touched(self, at: QPointF) -> tuple[RangeBar, Part] | None:
        overview = self.stage.is_overview(at)
        lane = self.stage.rows.lanes(overview).ranges
        return touched(
            self._scene.ranges, at.x(), at.y(), self.stage.scale(overview), lane, thin=overview
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            return
        if self.frame_count == 0 or event.button() not in (
            Qt.MouseButton.LeftButton,
            Qt.MouseButton.MiddleButton,
        ):
            event.ignore()
            return
        QToolTip.hideText()
        self._drag = self._begin(event)
        self._drag.move(event.position().x())

    def _begin(self, event: QMouseEvent) -> Drag:
        at = event.position()
        overview = self.stage.is_overview(at)
        if event.button() == Qt.MouseButton.MiddleButton:
            return PanDrag(self, overview, at.x())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return MarkDrag(self, overview, at.x(), self._mark, self._tell_mark)
        hit = self._touched(at)
        if hit is None:
            lane = self.stage.rows.lanes(overview).ranges
            if lane.top() <= at.y() < lane.bottom():
                self.select_range(NONE)
            return SeekDrag(self, overview, self.seek_requested.emit)
        bar, part = hit
        self.select_range(bar.id)
        return RangeDrag(self, overview, at.x(), bar, part, self._show_bar, self._change_bar)

    def _tell_mark(self, mark: Mark) -> None:
        self._show_mark(mark)
        self.mark_changed.emit(*mark)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._drag is not None and not event.buttons() & self._drag.button:
            self.let_go()  # the release went to somebody else
        if self._drag is not None:
            self._drag.move(at.x())
            text = self._held_text()
        else:
            text = self.hover_text(at) if self.frame_count else ""
            self._show_pointer(at)
        if text:
            QToolTip.showText(event.globalPosition().toPoint(), plain_tip(text), self)
            self._describe(text.replace("\n", ", "))

    def _held_text(self) -> str:
        """The length of what is being dragged; empty for a seek, which the flag tells."""
        bar, (first, last) = self._scene.ranges.chosen, self._mark
        if isinstance(self._drag, RangeDrag) and bar is not None:
            return range_words(self._scene, bar)
        if isinstance(self._drag, MarkDrag) and first is not None and last is not None:
            return f"Mark {span_words(self._scene, first, last)}"
        return ""

    def _show_pointer(self, at: QPointF) -> None:
        hit = self._touched(at)
        if hit is None:
            self.unsetCursor()
        else:
            self.setCursor(
                Qt.CursorShape.PointingHandCursor
                if hit[1] is Part.MIDDLE
                else Qt.CursorShape.SizeHorCursor
            )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None and event.button() == self._drag.button:
            drag, self._drag = self._drag, None
            drag.release()

    def hover_text(self, position: QPointF) -> str:
        """Range, frame, time, class and probability, and label under the pointer."""
        overview = self.stage.is_overview(position)
        hit = self._touched(position)
        scale = self.stage.scale(overview)
        x, bar = position.x(), hit[0] if hit is not None else None
        if bar is None and (gap := self.stage.gap_under(x, overview)) is not None:
            return gap_words(self._scene, gap)
        near = self.stage.rows.lanes(overview).holds(position.y())
        reach = scale.position(x + NEAR_LABEL) - scale.position(x) if near else 0.0
        return place_words(
            self._scene, self.stage.frame_at(position), bar, scale.position(x), reach
        )

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.frame_count == 0:
            event.ignore()
            return
        across, along = event.angleDelta().x() / 120, event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(across) > abs(along):
            self.pan(-(across or along) * PAN_NOTCH * (self.view[1] - self.view[0]))
        elif along:
            overview = self.stage.is_overview(event.position())
            self.zoom(ZOOM_NOTCH**along, self.stage.scale(overview).position(event.position().x()))
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """On a range, its menu; from the keyboard, that of the selected range at the playhead."""
        at = QPointF(event.pos())
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        hit = None if by_key else self._touched(at)
        bar = self._scene.ranges.chosen if by_key else hit[0] if hit is not None else None
        if bar is None or self._drag is not None:
            event.ignore()
            return
        self.select_range(bar.id)
        frame = self.current if by_key else self.stage.frame_at(at)
        self.range_menu(bar, frame).popup(
            self.mapToGlobal(self.rect().center()) if by_key else event.globalPos()
        )

    def range_menu(self, bar: RangeBar, frame: int) -> QMenu:
        """Split at the frame, or delete."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        split = menu.addAction(
            f"&Split at {frame:,}", lambda: self.range_split_requested.emit(bar.id, frame)
        )
        split.setEnabled(bar.first < frame <= bar.last)
        menu.addAction(
            f"&Delete the range {bar.name}", lambda: self.range_delete_requested.emit(bar.id)
        )
        return menu

    # keys

    def event(self, event: QEvent) -> bool:
        # answers Qt's question "shortcut, or yours?": a key that works the timeline now must not
        # reach the window's shortcut of that key
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._key(event) is not None
        ):
            event.accept()
            return True
        if event.type() in _GRIP_LOST:
            self.let_go()
        return super().event(event)

    def _key(self, event: QKeyEvent) -> RangeKey | None:
        """What the key does here at this moment.

        Where ``keys_allowed`` says no, only a drag can be given up.
        """
        if self._drag is not None:
            return (
                RangeKey.LEAVE
                if event.key() == Qt.Key.Key_Escape and self._drag.can_cancel
                else None
            )
        bar = self._scene.ranges.chosen
        found = range_key(event, bar, self.current) if bar is not None else None
        return found if found in (None, RangeKey.LEAVE) or self.keys_allowed() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = self._key(event)
        if key is not None:
            self._work(key)
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_NOTCH)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM_NOTCH)
        else:
            event.ignore()  # arrows and the like belong to the main window

    def _work(self, key: RangeKey) -> None:
        if self._drag is not None:
            self.let_go()
            return
        bar = self._scene.ranges.chosen
        if bar is None:
            return
        if key is RangeKey.LEAVE:
            self.select_range(NONE)
        elif key is RangeKey.DELETE:
            self.range_delete_requested.emit(bar.id)
        elif key is RangeKey.SPLIT:
            self.range_split_requested.emit(bar.id, self.current)
        elif (now := trimmed(bar, key, self.frame_count)) != bar:
            self._change_bar(now)
