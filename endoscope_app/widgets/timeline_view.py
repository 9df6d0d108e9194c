"""The timeline: the whole procedure as a thin strip, a zoomed strip beneath it, findings, ticks and the playhead."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from endoscope_app.predictions.events import Finding
from endoscope_app.predictions.timeline import Timeline
from endoscope_app.widgets.timeline_geometry import FIXED, STRIP, Scale, Strips, clamped_view, strips, time_label, zoomed
from endoscope_app.widgets.timeline_picture import Canvas, Picture, Scene, paint_flag, paint_playhead

REPAINT_MS = 100
"""While a recording is analysed the strips are redrawn at most this often."""
LEAST_VIEW = 12.0
"""Frames; zooming in further would show nothing new."""
PAGE_LEAD = 0.06
"""Share of the view left behind the playhead when the view turns a page."""
ZOOM_NOTCH = 1.25
PAN_NOTCH = 0.1


class TimelineView(QWidget):
    """Draws a Timeline and lets the reader seek, zoom and pan. Nothing here costs more with a longer recording."""

    seek_requested = Signal(int)
    view_changed = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self._current = 0
        self._picture = Picture()
        self._drag: tuple[Qt.MouseButton, bool, float] | None = None
        """Button, whether it began in the overview, and where it was last, in pixels."""
        self._sought: int | None = None
        self._since_redraw = QElapsedTimer()
        self._redraw_soon = QTimer(self)
        self._redraw_soon.setSingleShot(True)
        self._redraw_soon.timeout.connect(self._redraw_data)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        # every pixel comes from the picture, so Qt need not clear the background first
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription(
            "The class found in every frame of the recording. Click to go to a frame; turn the wheel, or press plus and minus, to zoom."
        )

    # what is shown

    def set_timeline(
        self,
        timeline: Timeline | None,
        class_names: Sequence[str],
        colours: Sequence[QColor],
        fps: float,
        time_text: Callable[[int], str] | None = None,
        keep_view: bool = False,
    ) -> None:
        """Show another recording, or the same one under another model (keep_view). fps 0 means stills: numbers instead of times."""
        if timeline is not None and min(len(colours), len(class_names)) < timeline.class_count:
            raise ValueError(f"{timeline.class_count} classes need as many names and colours")
        scene = Scene(timeline, list(class_names), list(colours), fps, time_text)
        if keep_view and scene.frame_count == self.frame_count:
            self._scene = replace(scene, view=self.view)
        else:
            self._scene = replace(scene, view=(0.0, float(max(1, scene.frame_count))))
            self._current = 0
            self.view_changed.emit(*self.view)
        self._redraw_data()

    def set_findings(self, findings: Sequence[Finding]) -> None:
        self._scene = replace(self._scene, findings=list(findings))
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
        """The zoomed strip's frames, first and last (exclusive)."""
        return self._scene.view

    # moving

    def set_current(self, index: int) -> None:
        """Move the playhead. Repaints the narrow bands it leaves and enters; turns the page when it leaves the view."""
        index = min(max(index, 0), self.frame_count - 1)
        before = self._current
        if index == before or self.frame_count == 0:
            return
        self._current = index
        # a reader who panned away from a running playhead is left alone; a jump is followed
        jumped = abs(index - before) > max(self._scene.fps, 25.0)
        if self._drag is None and not self._shows(index) and (jumped or self._shows(before)):
            self._turn_page(index - before)
        for frame in (before, index):
            for rect in self.playhead_rects(frame):
                self.update(rect)

    def reveal_current(self) -> None:
        """Bring the playhead into the zoomed strip if it is outside."""
        if self.frame_count and not self._shows(self._current):
            self._turn_page(0)

    def set_view(self, first: float, last: float) -> None:
        """Show these frames in the zoomed strip, as far as the recording and the least width allow."""
        if self.frame_count and last > first:
            self._move_view(clamped_view(first, last, self.frame_count, LEAST_VIEW))

    def zoom(self, factor: float, around_frame: float | None = None) -> None:
        """Magnify by factor (below 1: wider), keeping around_frame (default: the playhead, if visible) where it is."""
        if self.frame_count == 0 or factor <= 0:
            return
        if around_frame is None:
            around_frame = self._current + 0.5 if self._shows(self._current) else sum(self.view) / 2
        self._move_view(zoomed(self.view, factor, around_frame, self.frame_count, LEAST_VIEW))

    def _shows(self, index: int) -> bool:
        return self.view[0] <= index + 0.5 < self.view[1]

    def _turn_page(self, step: int) -> None:
        """Put the playhead near the end it came from, or in the middle after a jump."""
        span = self.view[1] - self.view[0]
        lead = 0.5 if step == 0 or abs(step) > span / 2 else PAGE_LEAD if step > 0 else 1 - PAGE_LEAD
        first = self._current + 0.5 - lead * span
        self.set_view(first, first + span)

    def _pan(self, frames: float) -> None:
        self.set_view(self.view[0] + frames, self.view[1] + frames)

    def _move_view(self, view: tuple[float, float]) -> None:
        if view != self.view:
            self._scene = replace(self._scene, view=view)
            self._redraw_view()
            self.view_changed.emit(*view)

    # geometry

    def _rows(self) -> Strips:
        return strips(self.width(), self.height())

    def _scale(self, overview: bool) -> Scale:
        return self._scene.overview_scale(self._rows()) if overview else self._scene.strip_scale(self._rows())

    def _in_overview(self, position: QPointF) -> bool:
        rows = self._rows()
        return position.y() < (rows.overview.bottom() + rows.lane.top()) / 2

    def frame_at(self, position: QPointF) -> int:
        """The frame under a point: of the whole recording in the overview, of the view elsewhere."""
        return self._frame_under(position.x(), self._in_overview(position))

    def _frame_under(self, x: float, overview: bool) -> int:
        first, last = (0.0, float(self.frame_count)) if overview else self.view
        position = max(self._scale(overview).position(x), first)
        return max(0, min(int(position), math.ceil(last) - 1))

    def flag_text(self, frame: int) -> str:
        """What stands at the playhead's foot."""
        time = self._time_of(frame)
        return f"{time}  ·  {frame:,}" if time else f"{frame:,}"

    def _time_of(self, frame: int) -> str:
        if self._scene.time_text is not None:
            return self._scene.time_text(frame)
        return time_label(frame / self._scene.fps, 0.1) if self._scene.fps > 0 else ""

    def _lines(self, frame: int) -> list[tuple[float, float, float]]:
        """The playhead's vertical lines: x, top, bottom."""
        rows = self._rows()
        lines = [(self._scale(True).x(frame + 0.5), rows.overview.top() - 3, rows.overview.bottom() + 3)]
        if self._shows(frame):
            lines.append((self._scale(False).x(frame + 0.5), rows.lane.top() - 1, rows.axis.top() + 3))
        return lines

    def _flag_rect(self, frame: int) -> QRectF:
        row = self._rows().axis
        wide = self.fontMetrics().horizontalAdvance(self.flag_text(frame)) + 14.0
        left = self._scale(False).x(frame + 0.5) - wide / 2
        left = min(max(left, row.left()), max(row.left(), row.right() - wide))
        return QRectF(left, row.top() + 2, wide, row.height() - 2)

    def playhead_rects(self, frame: int) -> list[QRect]:
        """The only parts repainted when the playhead enters or leaves this frame."""
        rects = [QRectF(x - 2, top, 4, bottom - top).toAlignedRect() for x, top, bottom in self._lines(frame)]
        if self._shows(frame):
            rects.append(self._flag_rect(frame).toAlignedRect().adjusted(-1, -1, 1, 1))
        return rects

    def sizeHint(self) -> QSize:
        return QSize(720, FIXED + STRIP)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, FIXED + 40)

    # painting

    def _redraw_data(self) -> None:
        self._since_redraw.start()
        self._picture.forget_data()
        self.update()

    def _redraw_view(self) -> None:
        self._picture.forget_view()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        canvas = Canvas(self.size(), self.devicePixelRatioF(), self.palette(), self.font())
        whole = self._picture.pixmap(self._scene, canvas)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, whole)  # Qt copies only the part inside the event's region
        if self.frame_count:
            paint_playhead(painter, self._lines(self._current), canvas)
            if self._shows(self._current):
                paint_flag(painter, self._flag_rect(self._current), self.flag_text(self._current), canvas)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._picture.forget_data()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._redraw_data()
        super().changeEvent(event)

    # mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.frame_count == 0 or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            event.ignore()
            return
        QToolTip.hideText()
        self._drag = (event.button(), self._in_overview(event.position()), event.position().x())
        self._sought = None
        self._drag_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self._drag_to(event.position().x())
        elif self.frame_count:
            QToolTip.showText(event.globalPosition().toPoint(), self.hover_text(event.position()), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None and event.button() == self._drag[0]:
            self._drag = None

    def _drag_to(self, x: float) -> None:
        """Left seeks, and in the overview takes the view along; middle moves the view alone."""
        if self._drag is None:
            return
        button, overview, before = self._drag
        self._drag = (button, overview, x)
        if button == Qt.MouseButton.MiddleButton:
            moved = (x - before) / self._scale(overview).pixels_a_frame
            self._pan(moved if overview else -moved)
            return
        frame = self._frame_under(x, overview)
        if overview:
            half = (self.view[1] - self.view[0]) / 2
            self.set_view(frame + 0.5 - half, frame + 0.5 + half)
        if frame != self._sought:
            self._sought = frame
            self.seek_requested.emit(frame)

    def hover_text(self, position: QPointF) -> str:
        """Frame, time, class and probability under the pointer."""
        frame = self.frame_at(position)
        time = self._time_of(frame)
        where = f"Frame {frame:,}" + (f", {time}" if time else "")
        values = self._scene.timeline.probabilities(frame) if self._scene.timeline is not None else None
        if values is None:
            return f"{where}\nnot analysed yet"
        best = int(values.argmax())
        return f"{where}\n{self._scene.names[best]} {values[best]:.0%}"

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.frame_count == 0:
            event.ignore()
            return
        across, along = event.angleDelta().x() / 120, event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(across) > abs(along):
            self._pan(-(across or along) * PAN_NOTCH * (self.view[1] - self.view[0]))
        elif along:
            overview = self._in_overview(event.position())
            self.zoom(ZOOM_NOTCH**along, self._scale(overview).position(event.position().x()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_NOTCH)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM_NOTCH)
        else:
            event.ignore()  # arrows and the like belong to the main window
