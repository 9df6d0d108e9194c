"""What stands on the timeline now: the scene with its view, the playhead and the mark, painted
from finished images.
"""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QRect, QRectF, QTimer
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget

from endoscope_app.analysis.timeline.overlay import (
    NO_MARK,
    REACH,
    Mark,
    paint_dusk,
    paint_flag,
    paint_mark,
    paint_playhead,
)
from endoscope_app.analysis.timeline.scene import Canvas, Scene
from endoscope_app.analysis.timeline.stage import Stage
from endoscope_app.analysis.timeline.strip_image import StripImages

REPAINT_MS = 100
"""While a procedure is analysed the strips are redrawn at most this often."""


class TimelineDisplay(QObject):
    """Paints a scene on a widget, and repaints no more of it than a change asks for.

    Nothing here costs more with a longer procedure.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._scene = Scene()
        self._current = 0
        self._mark: Mark = NO_MARK
        self._images = StripImages()
        self._since_redraw = QElapsedTimer()
        self._redraw_soon = QTimer(self)
        self._redraw_soon.setSingleShot(True)
        self._redraw_soon.timeout.connect(self.redraw)

    @property
    def widget(self) -> QWidget:
        """Asked for each time: the widget keeps the display, and a reference back would keep both
        until Python looks for cycles.
        """
        widget = self.parent()
        assert isinstance(widget, QWidget)
        return widget

    @property
    def scene(self) -> Scene:
        return self._scene

    @property
    def current(self) -> int:
        """The playhead's frame."""
        return self._current

    @property
    def mark(self) -> Mark:
        """The range being marked, as it is shown."""
        return self._mark

    @property
    def stage(self) -> Stage:
        """Where everything lies now."""
        return Stage(self._scene, self.widget.width(), self.widget.height())

    # changing

    def show(self, scene: Scene) -> None:
        """Take over another scene, and draw again what differs from the one before.

        Where its lanes need another height, everything moves.
        """
        before, self._scene = self._scene, scene
        if scene.lanes != before.lanes:
            self.widget.updateGeometry()
            self.redraw()
            return
        if scene.timeline is not before.timeline or scene.colours is not before.colours:
            self.redraw()
            return
        if scene.labels is not before.labels or scene.disagreements is not before.disagreements:
            self._images.forget_labels()
        if (
            scene.view != before.view
            or scene.findings is not before.findings
            or scene.damaged is not before.damaged
        ):
            self._images.forget_view()
        if scene.quality is not before.quality:
            self._images.forget_images()
        if scene.ranges is not before.ranges:
            self._images.forget_ranges()
        self.widget.update()

    def show_current(self, frame: int) -> None:
        """Move the playhead: repaints the narrow bands that it leaves and enters."""
        before, self._current = self._current, frame
        for place in (before, frame):
            for rect in self.playhead_rects(place):
                self.widget.update(rect)

    def show_mark(self, mark: Mark) -> None:
        if mark != self._mark:
            self._mark = mark
            self.widget.update()

    def redraw_soon(self) -> None:
        """The timeline was written to: draw it again, at most ten times a second."""
        if not self._redraw_soon.isActive():
            passed = self._since_redraw.elapsed() if self._since_redraw.isValid() else REPAINT_MS
            self._redraw_soon.start(max(0, REPAINT_MS - int(passed)))

    def redraw(self) -> None:
        """Draw everything again: the data, the size or the colours are others."""
        self._since_redraw.start()
        self._images.forget_data()
        self.widget.update()

    # painting

    def playhead_rects(self, frame: int) -> list[QRect]:
        """The only parts repainted when the playhead enters or leaves this frame."""
        rects = [
            QRectF(x - 2, top, 4, bottom - top).toAlignedRect()
            for x, top, bottom in self.stage.playhead_lines(frame)
        ]
        rects += [
            strip.intersected(
                QRectF(x - REACH, strip.top(), 2 * REACH, strip.height())
            ).toAlignedRect()
            for strip, x in self._strips(frame)
            if x is not None
        ]
        if self._scene.shows(frame):
            rects.append(self._flag_rect(frame).toAlignedRect().adjusted(-1, -1, 1, 1))
        return rects

    def _strips(self, frame: int) -> list[tuple[QRectF, float | None]]:
        """Both strips, and where the playhead on ``frame`` stands in each."""
        stage, middle = self.stage, self._scene.middle(frame)
        seen = stage.scale(False).across(middle) if self._scene.shows(frame) else None
        return [
            (stage.rows.overview, stage.scale(True).across(middle)),
            (stage.rows.strip, seen),
        ]

    def _flag_rect(self, frame: int) -> QRectF:
        text = self._scene.flag_text(frame)
        return self.stage.flag_rect(frame, self.widget.fontMetrics().horizontalAdvance(text))

    def paint(self, painter: QPainter) -> None:
        widget = self.widget
        canvas = Canvas(widget.size(), widget.devicePixelRatioF(), widget.palette(), widget.font())
        whole = self._images.pixmap(self._scene, canvas)
        painter.drawPixmap(0, 0, whole)  # Qt copies only the part inside the event's region
        if self._scene.frame_count:
            for strip, playhead in self._strips(self._current):
                paint_dusk(painter, strip, playhead, canvas)
            self._paint_mark(painter, canvas)
            paint_playhead(painter, self.stage.playhead_lines(self._current), canvas)
            if self._scene.shows(self._current):
                flag = self._flag_rect(self._current)
                paint_flag(painter, flag, self._scene.flag_text(self._current), canvas)
        if widget.hasFocus():
            painter.setPen(QPen(widget.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.drawRect(widget.rect().adjusted(0, 0, -1, -1))

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
