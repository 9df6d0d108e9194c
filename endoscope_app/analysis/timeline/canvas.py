"""The timeline's surface: the whole procedure as a thin strip, a zoomed strip beneath it, what
is in view, and the painting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from endoscope_app.analysis.findings import Finding
from endoscope_app.analysis.timeline.axis import Axis
from endoscope_app.analysis.timeline.breaks import gap_rects
from endoscope_app.analysis.timeline.geometry import (
    FIXED,
    STRIP,
    Scale,
    Strips,
    clamped_view,
    strips,
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
        """Show another recording, or the same one under another model (keep_view).

        ``times``: of every frame; None for stills, which have numbers instead.

        Labels, ranges, mark and disagreements stay, because the reader's labels may be known before
        the model's answers are: who opens another recording sets or clears them.
        """
        if timeline is not None and min(len(colours), len(class_names)) < timeline.class_count:
            raise ValueError(f"{timeline.class_count} classes need as many names and colours")
        frames = timeline.frame_count if timeline is not None else 0
        kept = keep_view and frames == self.frame_count
        axis = (
            self._scene.axis
            if kept and times is self._scene.axis.times
            else Axis(frames, times if frames else None)
        )
        view = self.view if kept else (0.0, max(axis.length, 1e-6))
        names, colours = list(class_names), list(colours)
        findings: list[Finding] = []
        if not kept:
            self.let_go()
        damaged = self._scene.damaged if kept else np.zeros(0, np.int64)
        self._show(
            replace(
                self._scene,
                timeline=timeline,
                names=names,
                colours=colours,
                axis=axis,
                findings=findings,
                view=view,
                damaged=damaged,
            )
        )
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
        # a reader who panned away from a running playhead is left alone; a jump is followed
        jumped = abs(self._middle(index) - self._middle(before)) > self._page_jump()
        if not self.held() and not self._shows(index) and (jumped or self._shows(before)):
            self._turn_page(self._middle(index) - self._middle(before))
        for frame in (before, index):
            for rect in self.playhead_rects(frame):
                self.update(rect)

    def reveal_current(self) -> None:
        """Bring the playhead into the zoomed strip if it is outside."""
        if self.frame_count and not self._shows(self._current):
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
        middle = self._middle(frame)
        self.set_view(middle - half, middle + half)

    def zoom(self, factor: float, around_frame: float | None = None) -> None:
        """Magnify by factor (below 1: wider), keeping around_frame (default: the playhead, if
        visible) where it is.
        """
        if self.frame_count == 0 or factor <= 0:
            return
        if around_frame is not None:
            around = self._scene.axis.at(around_frame)
        else:
            around = (
                self._middle(self._current) if self._shows(self._current) else sum(self.view) / 2
            )
        self._move_view(zoomed(self.view, factor, around, self._scene.axis.length, LEAST_VIEW))

    def _middle(self, frame: int) -> float:
        """The position of a frame's middle."""
        return (self._scene.axis.at(frame) + self._scene.axis.end(frame)) / 2

    def _page_jump(self) -> float:
        """A longer way than this is no playing: a second, or 25 frames where they are rarer."""
        unit_ms = self._scene.axis.unit_ms
        return max(1000 / unit_ms if unit_ms else 0.0, JUMP_FRAMES)

    def _shows(self, index: int) -> bool:
        return self.view[0] <= self._middle(index) < self.view[1]

    def _turn_page(self, step: float) -> None:
        """Put the playhead near the end it came from, or in the middle after a jump."""
        span = self.view[1] - self.view[0]
        lead = (
            0.5 if step == 0 or abs(step) > span / 2 else PAGE_LEAD if step > 0 else 1 - PAGE_LEAD
        )
        first = self._middle(self._current) - lead * span
        self.set_view(first, first + span)

    def pan(self, by: float) -> None:
        """Move the view along the axis."""
        self.set_view(self.view[0] + by, self.view[1] + by)

    def _move_view(self, view: tuple[float, float]) -> None:
        if view != self.view:
            self._scene = replace(self._scene, view=view)
            self._redraw_view()

    # geometry

    def _rows(self) -> Strips:
        return strips(self.width(), self.height(), self._scene.lanes)

    def scale(self, overview: bool) -> Scale:
        """Between frames and pixels, in the overview or the zoomed strip."""
        return self._scene.scale(self._rows(), overview)

    def _in_overview(self, position: QPointF) -> bool:
        return position.y() < self._rows().border

    def frame_at(self, position: QPointF) -> int:
        """The frame under a point: of the whole recording in the overview, of the view
        elsewhere.
        """
        return self.frame_under(position.x(), self._in_overview(position))

    def seen(self, overview: bool) -> tuple[int, int]:
        """First and last (exclusive) frame of which the strip shows anything."""
        first, last = self._span(overview)
        axis = self._scene.axis
        return int(axis.frame(first)), math.ceil(axis.frame(last))

    def frame_under(self, x: float, overview: bool) -> int:
        """The frame of that strip under x; its ends reach beyond the strip."""
        first, last = self._span(overview)
        axis = self._scene.axis
        position = max(self.scale(overview).place(x), first)
        return max(0, min(int(axis.frame(position)), math.ceil(axis.frame(last)) - 1))

    def _span(self, overview: bool) -> tuple[float, float]:
        """What a strip shows of the axis."""
        return (0.0, self._scene.axis.length) if overview else self.view

    def _gap_under(self, x: float, overview: bool) -> int | None:
        """The frame before the gap under x, in which there is none."""
        scale = self.scale(overview)
        for gap, left, right in gap_rects(scale):
            if left <= x < right:
                return gap
        return None

    def flag_text(self, frame: int) -> str:
        """What stands at the playhead's foot."""
        time = self._scene.time_of(frame)
        return f"{time}  ·  {frame:,}" if time else f"{frame:,}"

    def _lines(self, frame: int) -> list[tuple[float, float, float]]:
        """The playhead's vertical lines: x, top, bottom."""
        rows = self._rows()
        lines = [
            (
                self.scale(True).across(self._middle(frame)),
                rows.overview.top() - 3,
                rows.thin.bottom + 3,
            )
        ]
        if self._shows(frame):
            lines.append(
                (
                    self.scale(False).across(self._middle(frame)),
                    rows.lane.top() - 1,
                    rows.axis.top() + 3,
                )
            )
        return lines

    def _flag_rect(self, frame: int) -> QRectF:
        row = self._rows().axis
        wide = self.fontMetrics().horizontalAdvance(self.flag_text(frame)) + 14.0
        left = self.scale(False).across(self._middle(frame)) - wide / 2
        left = min(max(left, row.left()), max(row.left(), row.right() - wide))
        return QRectF(left, row.top() + 2, wide, row.height() - 2)

    def playhead_rects(self, frame: int) -> list[QRect]:
        """The only parts repainted when the playhead enters or leaves this frame."""
        rects = [
            QRectF(x - 2, top, 4, bottom - top).toAlignedRect()
            for x, top, bottom in self._lines(frame)
        ]
        if self._shows(frame):
            rects.append(self._flag_rect(frame).toAlignedRect().adjusted(-1, -1, 1, 1))
        return rects

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
            paint_playhead(painter, self._lines(self._current), canvas)
            if self._shows(self._current):
                paint_flag(
                    painter, self._flag_rect(self._current), self.flag_text(self._current), canvas
                )
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_mark(self, painter: QPainter, canvas: Canvas) -> None:
        if self._mark == NO_MARK:
            return
        rows = self._rows()
        for overview, top, bottom in (
            (True, rows.overview.top(), rows.thin.bottom),
            (False, rows.lane.top(), rows.full.bottom),
        ):
            area = QRectF(rows.strip.left(), top - 2, rows.strip.width(), bottom - top + 4)
            paint_mark(painter, self._mark, self.scale(overview), area, canvas)

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
