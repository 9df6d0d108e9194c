"""The timeline's surface: the whole procedure as a thin strip, a zoomed strip beneath it, what
is in view, and the painting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QEvent, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from endoscope_app.analysis.findings import Finding
from endoscope_app.analysis.timeline.geometry import (
    FIXED,
    STRIP,
    clamped_view,
    zoomed,
)
from endoscope_app.analysis.timeline.overlay import (
    NO_MARK,
    Mark,
    paint_flag,
    paint_mark,
    paint_playhead,
)
from endoscope_app.analysis.timeline.scene import Canvas, Scene
from endoscope_app.analysis.timeline.stage import Stage
from endoscope_app.analysis.timeline.strip_image import Picture
from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.media.frame_times import FrameTimes

REPAINT_MS = 100
"""While a recording is analysed the strips are redrawn at most this often."""
LEAST_VIEW = 12.0
"""Usual frames; zooming in further would show nothing new."""
JUMP_FRAMES = 25.0
"""Usual frames; see _page_jump."""
PAGE_LEAD = 0.06
"""Share of the view left behind the playhead when the view turns a page."""


class TimelineCanvas(QWidget):
    """Draws a Scene and moves the view over it. Nothing here costs more with a longer recording."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self._current = 0
        self._mark: Mark = NO_MARK
        self._picture = Picture()
        self._since_redraw = QElapsedTimer()
        self._redraw_soon = QTimer(self)
        self._redraw_soon.setSingleShot(True)
        self._redraw_soon.timeout.connect(self._redraw_data)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        # every pixel comes from the picture, so Qt need not clear the background first
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # what is shown

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
        the model's answers are: who opens another procedure sets or clears them.
        """
        if timeline is not None and min(len(colours), len(class_names)) < timeline.class_count:
            raise ValueError(f"{timeline.class_count} classes need as many names and colours")
        frames = timeline.frame_count if timeline is not None else 0
        kept = keep_view and frames == self.frame_count
        if not kept:
            self.let_go()
        self._show(self._scene.with_timeline(timeline, class_names, colours, times, kept=kept))
        if not kept:
            self._current = 0
        self._redraw_data()

    def set_findings(self, findings: Sequence[Finding]) -> None:
        self._scene = replace(self._scene, findings=list(findings))
        self._redraw_view()

    def set_damaged(self, frames: NDArray[np.int64]) -> None:
        """The frames that came out damaged, in any order."""
        damaged = np.unique(frames.astype(np.int64))
        if not np.array_equal(damaged, self._scene.damaged):
            self._scene = replace(self._scene, damaged=damaged)
            self._redraw_view()

    def timeline_changed(self) -> None:
        """The timeline was written to: redraw soon, at most ten times a second."""
        if not self._redraw_soon.isActive():
            passed = self._since_redraw.elapsed() if self._since_redraw.isValid() else REPAINT_MS
            self._redraw_soon.start(max(0, REPAINT_MS - int(passed)))

    @property
    def frame_count(self) -> int:
        return self._scene.frame_count

    @property
    def current(self) -> int:
        return self._current

    @property
    def view(self) -> tuple[float, float]:
        """The zoomed strip's part of the axis: positions, which are frames where they all are
        shown equally long.
        """
        return self._scene.view

    def held(self) -> bool:
        """Whether the reader is dragging something: then the view is theirs."""
        return False

    def let_go(self) -> None:
        """Give up what is dragged, as if it had never been."""

    # moving

    def set_current(self, index: int) -> None:
        """Move the playhead.

        Repaints the narrow bands it leaves and enters; turns the page when it leaves the view.
        """
        index = min(max(index, 0), self.frame_count - 1)
        before = self._current
        if index == before or self.frame_count == 0:
            return
        self._current = index
        scene, way = self._scene, self._scene.middle(index) - self._scene.middle(before)
        # a reader who panned away from a running playhead is left alone; a jump is followed
        is_followed = abs(way) > self._page_jump() or scene.shows(before)
        if is_followed and not self.held() and not scene.shows(index):
            self._turn_page(way)
        for frame in (before, index):
            for rect in self.playhead_rects(frame):
                self.update(rect)

    def reveal_current(self) -> None:
        """Bring the playhead into the zoomed strip if it is outside."""
        if self.frame_count and not self._scene.shows(self._current):
            self._turn_page(0)

    def set_view(self, first: float, last: float) -> None:
        """Show this part of the axis in the zoomed strip, as far as the recording and the least
        width allow.
        """
        if self.frame_count and last > first:
            self._move_view(clamped_view(first, last, self._scene.axis.length, LEAST_VIEW))

    def centre_on(self, frame: int) -> None:
        """Bring a frame into the middle of the zoomed strip."""
        half = (self.view[1] - self.view[0]) / 2
        middle = self._scene.middle(frame)
        self.set_view(middle - half, middle + half)

    def zoom(self, factor: float, around_frame: float | None = None) -> None:
        """Magnify by factor (below 1: wider), keeping around_frame (default: the playhead, if
        visible) where it is.
        """
        if self.frame_count == 0 or factor <= 0:
            return
        scene = self._scene
        around = sum(self.view) / 2
        if around_frame is not None:
            around = scene.axis.at(around_frame)
        elif scene.shows(self._current):
            around = scene.middle(self._current)
        self._move_view(zoomed(self.view, factor, around, scene.axis.length, LEAST_VIEW))

    def _page_jump(self) -> float:
        """A longer way than this is no playing: a second, or 25 frames where they are rarer."""
        unit_ms = self._scene.axis.unit_ms
        return max(1000 / unit_ms if unit_ms else 0.0, JUMP_FRAMES)

    def _turn_page(self, step: float) -> None:
        """Put the playhead near the end it came from, or in the middle after a jump."""
        span = self.view[1] - self.view[0]
        lead = (
            0.5 if step == 0 or abs(step) > span / 2 else PAGE_LEAD if step > 0 else 1 - PAGE_LEAD
        )
        first = self._scene.middle(self._current) - lead * span
        self.set_view(first, first + span)

    def pan(self, by: float) -> None:
        """Move the view along the axis."""
        self.set_view(self.view[0] + by, self.view[1] + by)

    def _move_view(self, view: tuple[float, float]) -> None:
        if view != self.view:
            self._scene = replace(self._scene, view=view)
            self._redraw_view()

    # geometry

    @property
    def stage(self) -> Stage:
        """Where everything lies now."""
        return Stage(self._scene, self.width(), self.height())

    def playhead_rects(self, frame: int) -> list[QRect]:
        """The only parts repainted when the playhead enters or leaves this frame."""
        stage = self.stage
        rects = [
            QRectF(x - 2, top, 4, bottom - top).toAlignedRect()
            for x, top, bottom in stage.playhead_lines(frame)
        ]
        if self._scene.shows(frame):
            rects.append(self._flag_rect(frame).toAlignedRect().adjusted(-1, -1, 1, 1))
        return rects

    def _flag_rect(self, frame: int) -> QRectF:
        text = self._scene.flag_text(frame)
        return self.stage.flag_rect(frame, self.fontMetrics().horizontalAdvance(text))

    def sizeHint(self) -> QSize:
        return QSize(720, FIXED + STRIP + self._scene.lanes.height)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, FIXED + 40 + self._scene.lanes.height)

    # painting

    def _redraw_data(self) -> None:
        self._since_redraw.start()
        self._picture.forget_data()
        self.update()

    def _show(self, scene: Scene) -> None:
        """Take over another scene; where its lanes need another height, everything moves."""
        before, self._scene = self._scene.lanes, scene
        if scene.lanes != before:
            self.updateGeometry()
            self._redraw_data()

    def _redraw_view(self) -> None:
        self._picture.forget_view()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        canvas = Canvas(self.size(), self.devicePixelRatioF(), self.palette(), self.font())
        whole = self._picture.pixmap(self._scene, canvas)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, whole)  # Qt copies only the part inside the event's region
        if self.frame_count:
            self._paint_mark(painter, canvas)
            paint_playhead(painter, self.stage.playhead_lines(self._current), canvas)
            if self._scene.shows(self._current):
                paint_flag(
                    painter,
                    self._flag_rect(self._current),
                    self._scene.flag_text(self._current),
                    canvas,
                )
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_mark(self, painter: QPainter, canvas: Canvas) -> None:
        if self._mark == NO_MARK:
            return
        stage = self.stage
        rows = stage.rows
        for overview, top, bottom in (
            (True, rows.overview.top(), rows.thin.bottom),
            (False, rows.lane.top(), rows.full.bottom),
        ):
            area = QRectF(rows.strip.left(), top - 2, rows.strip.width(), bottom - top + 4)
            paint_mark(painter, self._mark, stage.scale(overview), area, canvas)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._picture.forget_data()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (
            QEvent.Type.PaletteChange,
            QEvent.Type.FontChange,
            QEvent.Type.StyleChange,
        ):
            self._redraw_data()
        super().changeEvent(event)
