"""For the timeline's tests: one range on known pixels, an ear for its signals, drags by the
mouse, and many random labels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QColor, QPalette
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.timeline.geometry import Strips, strips
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.analysis.timeline_data import Timeline
from tests.endoscope_app.frame_times import steady

NAMES = ["cecum", "polyps", "stool"]
COLOURS = [QColor("#56b4e9"), QColor("#e69f00"), QColor("#0f8f68")]
BASE = QColor("#101316")
LEFT, SHIFT, ALT = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
POLYPS = (7, 400, 499, 1, "polyps")


def filled(frames: int) -> Timeline:
    timeline = Timeline(frames, 3)
    timeline.write(0, np.tile(np.array([[0.8, 0.1, 0.1]], np.float32), (frames, 1)))
    return timeline


def stage(qtbot: QtBot) -> TimelineView:
    """10,000 frames: ten a pixel in the overview; frames 300 to 800 at two pixels each in the
    zoomed strip.
    """
    widget = TimelineView()
    palette = widget.palette()
    palette.setColor(QPalette.ColorRole.Base, BASE)
    palette.setColor(QPalette.ColorRole.Window, QColor("#15181c"))
    palette.setColor(QPalette.ColorRole.Text, QColor("#d6d9de"))
    palette.setColor(QPalette.ColorRole.Highlight, QColor("#4f9aa8"))
    widget.setPalette(palette)
    qtbot.addWidget(widget)
    widget.resize(1020, 200)
    widget.set_timeline(filled(10_000), NAMES, COLOURS, steady(10_000))
    widget.motion.set_view(300, 800)
    widget.set_ranges([POLYPS])
    widget.show()
    qtbot.waitExposed(widget)
    return widget


class Heard(QObject):
    """Everything the timeline says, in order."""

    def __init__(self, view: TimelineView) -> None:
        super().__init__(view)
        self.said: list[tuple[object, ...]] = []
        for name in (
            "range_changed",
            "range_split_requested",
            "range_delete_requested",
            "mark_changed",
            "seek_requested",
        ):
            getattr(view, name).connect(
                lambda *values, name=name: self.said.append((name, *values))
            )

    def of(self, name: str) -> list[tuple[object, ...]]:
        return [said[1:] for said in self.said if said[0] == name]


def rows(view: TimelineView) -> Strips:
    return strips(view.width(), view.height(), view.display.scene.lanes)


def x_of(edge: float, overview: bool) -> float:
    """The pixel at which a frame begins."""
    return 10 + edge / 10 if overview else 10 + (edge - 300) * 2


def on_bar(view: TimelineView, x: float, overview: bool, row: int = 0) -> QPoint:
    lane = rows(view).lanes(overview).ranges
    y = lane.center().y() if overview else lane.top() + 13 * row + 6
    return QPoint(round(x), int(y))


def on_strip(view: TimelineView, x: float, overview: bool) -> QPoint:
    row = rows(view).overview if overview else rows(view).strip
    return QPoint(round(x), int(row.center().y()))


def drag(
    qtbot: QtBot,
    view: TimelineView,
    points: list[QPoint],
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    let_go: bool = True,
) -> None:
    qtbot.mousePress(view, LEFT, modifiers, points[0])
    for point in points[1:]:
        qtbot.mouseMove(view, point)
    if let_go:
        qtbot.mouseRelease(view, LEFT, modifiers, points[-1])


def shown(view: TimelineView) -> list[tuple[int, int, int]]:
    return [(bar.id, bar.first, bar.last) for bar in view.display.scene.ranges.bars]


def random_labels(
    count: int, frames: int, classes: int, seed: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    chance = np.random.default_rng(seed)
    index = np.sort(chance.choice(frames, count, replace=False))
    # neighbours mostly share their class, as readers label
    codes = (
        index // 700 + (chance.random(count) < 0.2) * chance.integers(0, classes, count)
    ) % classes
    return index, codes, chance.choice(3, count, p=[0.6, 0.3, 0.1])
