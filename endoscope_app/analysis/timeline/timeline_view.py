"""The timeline: the whole procedure and a part of it, what the model found and what the reader
said, with mouse and keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from endoscope_app.analysis.findings import Finding
from endoscope_app.analysis.quality.image_quality import ImageQuality
from endoscope_app.analysis.timeline.display import TimelineDisplay
from endoscope_app.analysis.timeline.geometry import FIXED, STRIP
from endoscope_app.analysis.timeline.hover import Hover
from endoscope_app.analysis.timeline.label_lanes import HumanLabels, Integers
from endoscope_app.analysis.timeline.place_menu import place_menu
from endoscope_app.analysis.timeline.pointer_drags import BUTTONS, PointerDrags
from endoscope_app.analysis.timeline.range_commands import RangeCommands
from endoscope_app.analysis.timeline.range_painting import RangeBar
from endoscope_app.analysis.timeline.range_selection import RangeSelection
from endoscope_app.analysis.timeline.timeline_keys import RangeKey
from endoscope_app.analysis.timeline.view_motion import ViewMotion
from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.media.frame_times import FrameTimes

ZOOM_NOTCH = 1.25
PAN_NOTCH = 0.1
_GRIP_LOST = (
    QEvent.Type.WindowDeactivate,
    QEvent.Type.FocusOut,
    QEvent.Type.Hide,
    QEvent.Type.UngrabMouse,
)
"""After these the release of a drag may never come here."""
_LOOK_CHANGED = (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange)


class TimelineView(QWidget):
    """The widget of the window: plain values in, signals out.

    A drag or a key changes what is shown at once; the owner hears of it by a signal.
    """

    seek_requested = Signal(int)
    range_changed = Signal(int, int, int)
    """Id, first and last frame; once, when the mouse lets go or a key was pressed."""
    range_split_requested = Signal(int, int)
    """Id and the frame that becomes the second part's first."""
    range_delete_requested = Signal(int)
    legend_requested = Signal()
    classes_changed = Signal()
    """There are other ones, or they have other names or colours."""
    hovered = Signal(int)
    mark_changed = Signal(object, object)
    """First and last frame as they are shown now, None for an end that is not set: also when a
    drag is given up.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.display = TimelineDisplay(self)
        self.hover = Hover(self.display)
        self.motion = ViewMotion(self.display)
        self.ranges = RangeSelection(self.display, self)
        self.drags = PointerDrags(self.display, self.motion, self.ranges, self)
        self.range_commands = RangeCommands(self.display, self.ranges, self.drags, self)
        self.keys_allowed: Callable[[], bool] = lambda: True
        self.ranges.range_changed.connect(self.range_changed)
        self.ranges.described.connect(self.hover.describe)
        self.drags.seek_requested.connect(self.seek_requested)
        self.drags.mark_changed.connect(self.mark_changed)
        self.range_commands.split_requested.connect(self.range_split_requested)
        self.range_commands.delete_requested.connect(self.range_delete_requested)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        # every pixel comes from the finished image, so Qt need not clear the background first
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # what is shown

    @property
    def frame_count(self) -> int:
        return self.display.scene.frame_count

    def set_timeline(
        self,
        timeline: Timeline | None,
        class_names: Sequence[str],
        colours: Sequence[QColor],
        times: FrameTimes | None = None,
        keep_view: bool = False,
    ) -> None:
        """Show another procedure, or the same one under another model (keep_view).

        ``times``: of every frame; None for stills, which have numbers instead.

        Labels, ranges, mark and disagreements stay, because the reader's labels may be known before
        the model's predictions are: who opens another procedure sets or clears them.
        """
        if timeline is not None and min(len(colours), len(class_names)) < timeline.class_count:
            raise ValueError(f"{timeline.class_count} classes need as many names and colours")
        frames = timeline.frame_count if timeline is not None else 0
        kept = keep_view and frames == self.frame_count
        if not kept:
            self.let_go()
        scene = self.display.scene
        self.display.show(scene.with_timeline(timeline, class_names, colours, times, kept=kept))
        if not kept:
            self.display.show_current(0)
        now = self.display.scene
        if now.names and (now.names, now.colours) != (scene.names, scene.colours):
            self.classes_changed.emit()

    def timeline_changed(self) -> None:
        """The timeline was written to: redraw soon, at most ten times a second."""
        self.display.redraw_soon()

    def set_findings(self, findings: Sequence[Finding]) -> None:
        self.display.show(replace(self.display.scene, findings=list(findings)))

    def set_damaged(self, frames: NDArray[np.int64]) -> None:
        """The frames that came out damaged, in any order."""
        damaged = np.unique(frames.astype(np.int64))
        if not np.array_equal(damaged, self.display.scene.damaged):
            self.display.show(replace(self.display.scene, damaged=damaged))

    def set_quality(self, quality: ImageQuality | None) -> None:
        """Of the images of the procedure that is shown."""
        self.display.show(replace(self.display.scene, quality=quality))

    def set_image_lanes(self, *, quality: bool, colours: bool) -> None:
        """Which of the images' lanes are shown, once something is measured."""
        scene = self.display.scene
        self.display.show(replace(scene, quality_lane=quality, colour_lane=colours))

    def set_labels(
        self,
        frame_index: Integers,
        colour_code: Integers,
        colours: Sequence[QColor],
        kind: Integers,
        names: Sequence[str] = (),
        groups: Sequence[str] = (),
    ) -> None:
        """Labels by frame, ascending, (N,) each; kind 0 class, 1 agreed, 2 unusable; ``groups``: of
        each class, whose labels have a track of that name.

        The colours are also those of the ranges.
        """
        labels = HumanLabels(frame_index, colour_code, kind, colours, names, groups)
        self.display.show(replace(self.display.scene, labels=labels))

    def set_disagreements(self, frame_index: Integers) -> None:
        """The frames where reader and model differ, in any order."""
        frames = np.unique(frame_index.astype(np.int64))
        self.display.show(replace(self.display.scene, disagreements=frames))

    def set_ranges(
        self,
        ranges: Iterable[tuple[int, int, int, int, str] | tuple[int, int, int, int, str, int]],
    ) -> None:
        """(id, first, last, colour code, name) each, both ends included; and the number of the
        group, whose ranges have rows of their own.

        A range that is being dragged is let go.
        """
        self.drags.let_range_go()
        self.ranges.set_bars(RangeBar(*values) for values in ranges)

    def set_mark(self, first: int | None, last: int | None) -> None:
        """The mark being made, both ends included; None for an end that is not set.

        Another one than that of a drag under way ends the drag.
        """
        if first is not None and last is not None and first > last:
            first, last = last, first
        self.display.show_mark((first, last))
        self.drags.mark_was_set()

    def let_go(self) -> None:
        """Give up what is dragged, as if it had never been."""
        self.drags.let_go()

    # moving

    def set_current(self, index: int) -> None:
        """Move the playhead; the view follows unless the reader is dragging something."""
        self.motion.set_current(index, follow=not self.drags.held)

    def reveal_current(self) -> None:
        """Bring the playhead into the zoomed strip if it is outside."""
        self.motion.reveal_current()

    def zoom(self, factor: float, around_frame: float | None = None) -> None:
        """Magnify by factor (below 1: wider) around a frame, or around the playhead."""
        self.motion.zoom(factor, around_frame)

    # mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.drags.held and (self.frame_count == 0 or event.button() not in BUTTONS):
            event.ignore()
            return
        if not self.drags.held:
            QToolTip.hideText()
        self.drags.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        self.drags.move(at, event.buttons())
        if not self.drags.held:
            self.hover.show_pointer(at)
        text = self.drags.text() if self.drags.held else self.hover.text(at)
        frame = self.display.stage.frame_at(at) if text and not self.drags.held else -1
        self.hover.show(text, event.globalPosition().toPoint(), frame)
        if frame >= 0:
            self.hovered.emit(frame)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.drags.release(event.button())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.frame_count == 0:
            event.ignore()
            return
        across, along = event.angleDelta().x() / 120, event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(across) > abs(along):
            first, last = self.motion.view
            self.motion.pan(-(across or along) * PAN_NOTCH * (last - first))
        elif along:
            stage, at = self.display.stage, event.position()
            place = stage.scale(stage.is_overview(at)).position(at.x())
            self.motion.zoom(ZOOM_NOTCH**along, place)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """On a range, its menu, elsewhere that of the place; from the keyboard, that of the
        selected range, at the playhead.
        """
        at, stage = QPointF(event.pos()), self.display.stage
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        hit = None if by_key else stage.range_at(at)
        bar = self.ranges.selected_bar if by_key else hit[0] if hit is not None else None
        if self.frame_count == 0 or self.drags.held:
            event.ignore()
            return
        frame = self.display.current if by_key else stage.frame_at(at)
        if bar is not None:
            self.ranges.select(bar.id)
            menu = self.range_commands.menu(bar, frame)
        else:
            menu = place_menu(
                self.display,
                frame,
                seek=self.seek_requested.emit,
                mark=lambda mark: self.mark_changed.emit(*mark),
                zoom=self.motion.zoom,
                legend=self.legend_requested.emit,
            )
        menu.popup(self.mapToGlobal(self.rect().center()) if by_key else event.globalPos())

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

        Where ``keys_allowed`` says no, ranges are only left, and drags given up.
        """
        key = self.range_commands.key(event)
        return key if key in (None, RangeKey.LEAVE) or self.keys_allowed() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = self._key(event)
        if key is not None:
            self.range_commands.work(key)
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.motion.zoom(ZOOM_NOTCH)
        elif event.key() == Qt.Key.Key_Minus:
            self.motion.zoom(1 / ZOOM_NOTCH)
        else:
            event.ignore()  # arrows and the like belong to the main window

    # the widget itself

    def sizeHint(self) -> QSize:
        return QSize(720, FIXED + STRIP + self.display.scene.lanes.height)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, FIXED + 40 + self.display.scene.lanes.height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.display.paint(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.display.redraw()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in _LOOK_CHANGED:
            self.display.redraw()
        super().changeEvent(event)
