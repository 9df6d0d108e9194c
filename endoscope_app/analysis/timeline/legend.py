"""What the colours and signs of the timeline mean; it stays open beside the work."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QDialog, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from endoscope_app.analysis.quality.wording import NAMES
from endoscope_app.analysis.timeline import wording
from endoscope_app.analysis.timeline.image_lanes import FAULT_COLOURS
from endoscope_app.analysis.timeline.painter import QUICK_BODY
from endoscope_app.analysis.timeline.scene import Scene
from endoscope_app.base.plain_text import plain_label

SWATCH = QSize(36, 14)
_WIDTH, _MOST_HEIGHT = 460, 640
Draw = Callable[[QPainter, QRectF], None]


class TimelineLegend(QDialog):
    """Non-modal: show it with ``show()``; Esc closes it."""

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.LEGEND_TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setAccessibleName(wording.LEGEND_TITLE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)
        tall = self.show_scene(scene).height()
        screen = self.screen().availableGeometry().height()
        self.resize(_WIDTH, min(tall + 8, _MOST_HEIGHT, screen - 60))

    def show_scene(self, scene: Scene) -> QSize:
        """The classes of another model, or with other names; returns the size that shows it all."""
        sheet = QWidget()
        self._grid = QGridLayout(sheet)
        self._grid.setContentsMargins(18, 14, 18, 14)
        self._grid.setHorizontalSpacing(12)
        self._grid.setColumnStretch(1, 1)
        text = self.palette().text().color()
        self._title(wording.LEGEND_MODEL)
        for name, colour in zip(scene.names, scene.colours, strict=False):
            self._row(_filled(colour), name)
        self._row(_hatched(text), wording.LEGEND_UNSURE)
        self._row(_pale(text), wording.LEGEND_QUICK)
        self._row(_bracket(text), wording.LEGEND_FINDING)
        self._title(wording.LEGEND_READER)
        self._row(_filled(text), wording.LEGEND_LABEL)
        self._row(_hollow(text), wording.LEGEND_AGREED)
        self._row(_hatched(text), wording.LEGEND_UNUSABLE)
        self._row(_ticks(text), wording.DIFFERENCE)
        self._title(wording.LEGEND_IMAGES)
        for kind, colour in FAULT_COLOURS.items():
            self._row(_filled(colour), NAMES[kind].capitalize())
        self._row(_barcode, wording.LEGEND_COLOURS)
        self._title(wording.LEGEND_BREAKS)
        self._row(_gap(text), wording.LEGEND_GAP)
        self._row(_cross(text), wording.DAMAGED)
        self._area.setWidget(sheet)
        sheet.show()  # which Qt leaves to us where the legend is open already
        return sheet.sizeHint()

    def _title(self, text: str) -> None:
        title = plain_label(text)
        title.setProperty("role", "group")
        title.setWordWrap(True)
        self._grid.addWidget(title, self._grid.rowCount(), 0, 1, 2)

    def _row(self, draw: Draw, text: str) -> None:
        line, swatch, words = self._grid.rowCount(), plain_label(), plain_label(text)
        ratio = self.devicePixelRatioF()
        pixels = QPixmap(SWATCH * ratio)
        pixels.setDevicePixelRatio(ratio)
        pixels.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixels)
        draw(painter, QRectF(0, 0, SWATCH.width(), SWATCH.height()))
        painter.end()
        swatch.setPixmap(pixels)
        words.setWordWrap(True)
        self._grid.addWidget(swatch, line, 0)
        self._grid.addWidget(words, line, 1)


def _filled(colour: QColor) -> Draw:
    return lambda painter, area: painter.fillRect(area, colour)


def _hatched(colour: QColor) -> Draw:
    brush = QBrush(colour, Qt.BrushStyle.BDiagPattern)
    return lambda painter, area: painter.fillRect(area, brush)


def _pale(colour: QColor) -> Draw:
    def draw(painter: QPainter, area: QRectF) -> None:
        body = QColor(colour)
        body.setAlphaF(QUICK_BODY)
        painter.fillRect(area, body)
        painter.fillRect(QRectF(area.left(), area.top(), area.width(), 1), colour)

    return draw


def _hollow(colour: QColor) -> Draw:
    def draw(painter: QPainter, area: QRectF) -> None:
        painter.setPen(QPen(colour, 1))
        painter.drawRect(area.adjusted(0, 0, -1, -1))

    return draw


def _bracket(colour: QColor) -> Draw:
    def draw(painter: QPainter, area: QRectF) -> None:
        painter.fillRect(QRectF(area.left(), area.top() + 3, area.width(), 2), colour)
        for x in (area.left(), area.right() - 1):
            painter.fillRect(QRectF(x, area.top() + 3, 1, 7), colour)

    return draw


def _ticks(colour: QColor) -> Draw:
    def draw(painter: QPainter, area: QRectF) -> None:
        for x in range(4, int(area.width()), 8):
            painter.fillRect(QRectF(x, area.center().y() - 2, 2, 4), colour)

    return draw


def _barcode(painter: QPainter, area: QRectF) -> None:
    wide = area.width() / 4
    for place, name in enumerate(("#b56a58", "#8c4a3c", "#c98a5a", "#5a2f28")):
        left = area.left() + place * wide
        painter.fillRect(QRectF(left, area.top() + 3, wide, 8), QColor(name))


def _gap(colour: QColor) -> Draw:
    def draw(painter: QPainter, area: QRectF) -> None:
        painter.setPen(QPen(colour, 1))
        for x in (area.left() + 10, area.right() - 12):
            for step in range(3):
                top = area.top() + 1 + 4 * step
                painter.drawLine(round(x), round(top), round(x + 3), round(top + 2))
                painter.drawLine(round(x + 3), round(top + 2), round(x), round(top + 4))

    return draw


def _cross(colour: QColor) -> Draw:
    def draw(painter: QPainter, area: QRectF) -> None:
        painter.setPen(QPen(colour, 1.6))
        x, y = round(area.center().x()), round(area.center().y())
        painter.drawLine(x - 3, y - 3, x + 3, y + 3)
        painter.drawLine(x - 3, y + 3, x + 3, y - 3)

    return draw
