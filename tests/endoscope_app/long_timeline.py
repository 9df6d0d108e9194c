"""For the timeline's tests: a view of 120,000 frames, points on its strips, the wheel, and an
ear for its paints.
"""

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPaintEvent, QPalette, QRegion, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.timeline.geometry import strips
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.analysis.timeline_data import Timeline
from tests.endoscope_app.frame_times import steady

NAMES = ["cecum", "polyps", "stool"]
COLOURS = [QColor("#009E73"), QColor("#D55E00"), QColor("#8C6D31")]
BASE = QColor("#101214")


def filled(frames: int, label: int = 0, top: float = 0.9) -> Timeline:
    timeline = Timeline(frames, 3)
    values = np.full((frames, 3), (1 - top) / 2, np.float32)
    values[:, label] = top
    timeline.write(0, values)
    return timeline


def long_view(qtbot: QtBot) -> TimelineView:
    widget = TimelineView()
    palette = widget.palette()
    palette.setColor(QPalette.ColorRole.Base, BASE)
    palette.setColor(QPalette.ColorRole.Window, QColor("#15181c"))
    palette.setColor(QPalette.ColorRole.Text, QColor("#e0e0e0"))
    widget.setPalette(palette)
    qtbot.addWidget(widget)
    widget.resize(1020, 131)
    widget.set_timeline(filled(120_000), NAMES, COLOURS, steady(120_000))
    widget.show()
    qtbot.waitExposed(widget)
    settle(widget)
    return widget


def settle(widget: TimelineView) -> None:
    for _ in range(3):
        QApplication.processEvents()


def strip_point(widget: TimelineView, x: float) -> QPoint:
    return QPointF(x, strips(widget.width(), widget.height()).strip.center().y()).toPoint()


def overview_point(widget: TimelineView, x: float) -> QPoint:
    return QPointF(x, strips(widget.width(), widget.height()).overview.center().y()).toPoint()


def wheel(
    widget: TimelineView,
    at: QPoint,
    x: int = 0,
    y: int = 0,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(widget.mapToGlobal(at)),
        QPoint(),
        QPoint(x, y),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


class Paints(QObject):
    """Keeps the region of every paint event."""

    def __init__(self, widget: TimelineView) -> None:
        super().__init__(widget)
        self.regions: list[QRegion] = []
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(event, QPaintEvent):
            self.regions.append(QRegion(event.region()))
        return False

    def area(self) -> int:
        return sum(rect.width() * rect.height() for region in self.regions for rect in region)  # type: ignore[attr-defined]
