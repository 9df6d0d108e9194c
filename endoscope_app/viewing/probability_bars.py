"""One row a class: name, bar, per cent.

The top class stands out; a ring marks the class that the heat map explains, a tick on each bar the
probability from which on the model names the class.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from endoscope_app.base.key_claim import PRESS_KEYS, KeyClaim
from endoscope_app.base.name_painting import draw_name
from endoscope_app.base.plain_text import plain_tip
from endoscope_app.base.wording import percent
from endoscope_app.viewing import wording

_ROW = 28
_MARK = 18
_GAP = 8
_NAME_SHARE = 0.55
#: How far a tick stands out of its bar, above and below.
_TICK = 3.0


class ProbabilityBars(QWidget):
    """Class probabilities in a fixed order, so that the eye finds a class by its place."""

    class_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: list[str] = []
        self._colours: list[QColor] = []
        self._needed: list[float] = []
        self._groups: list[list[int]] = []
        self._values: NDArray[np.float64] | None = None
        self._target: int | None = None
        self._current = 0
        self._longest_name = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(wording.BARS_NAME)
        KeyClaim(self, (*PRESS_KEYS, Qt.Key.Key_Up, Qt.Key.Key_Down))

    def set_classes(
        self,
        names: Sequence[str],
        colours: Sequence[QColor],
        needed: Sequence[float] = (),
        groups: Sequence[Sequence[int]] = (),
    ) -> None:
        """The classes in the model's order and one colour for each; forgets the values and the
        target. ``needed``: the probability from which on each is named, above 1 for one that never
        is; empty where that is not known. ``groups``: the classes of each class group, where the
        model tells them apart: one of each may stand out.
        """
        if len(names) != len(colours) or (needed and len(needed) != len(names)):
            raise ValueError(
                f"{len(names)} classes, but {len(colours)} colours and {len(needed)} levels"
            )
        self._names, self._colours, self._needed = list(names), list(colours), list(needed)
        self._groups = [list(columns) for columns in groups]
        self._values, self._target, self._current = None, None, 0
        self._measure_names()
        self.updateGeometry()
        self.update()

    def set_probabilities(self, values: ArrayLike | None) -> None:
        """The classes' probabilities, or None while nothing is known."""
        array = None if values is None else np.asarray(values, dtype=np.float64)
        if array is not None and array.shape != (len(self._names),):
            raise ValueError(
                f"{len(self._names)} classes, but probabilities of shape {array.shape}"
            )
        self._values = array
        self.update()

    def set_target(self, index: int | None) -> None:
        """Mark the class that the heat map explains."""
        self._target = index
        self.update()

    def top(self) -> int | None:
        """The most probable class, or None while nothing is known."""
        return (
            None if self._values is None or not len(self._values) else int(np.argmax(self._values))
        )

    def tops(self) -> list[int]:
        """The classes that stand out: the most probable of each class group, unless none of the
        group is likelier still.
        """
        top = self.top()
        if top is None or self._values is None or not self._groups:
            return [] if top is None else [top]
        leading = [max(columns, key=lambda at: float(self._value(at))) for columns in self._groups]
        return [
            best
            for best, columns in zip(leading, self._groups, strict=True)
            if self._value(best) >= 1 - sum(self._value(at) for at in columns)
        ]

    def _value(self, index: int) -> float:
        return 0.0 if self._values is None else float(self._values[index])

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(280, max(1, len(self._names)) * _ROW + 4)

    def minimumSizeHint(self) -> QSize:
        """All rows, narrower."""
        return QSize(180, self.sizeHint().height())

    def bar_rect(self, index: int) -> QRectF:
        """Where a bar that stands for 100 % would lie."""
        left = _MARK + 2 + min(self._longest_name, (self.width() - _MARK) * _NAME_SHARE) + _GAP
        figures = self.fontMetrics().horizontalAdvance(percent(1.0, 1)) + _GAP
        return QRectF(
            left, 2 + index * _ROW + _ROW / 2 - 5, max(10.0, self.width() - left - figures - 4), 10
        )

    def tick_x(self, index: int) -> float | None:
        """Where the tick stands on a bar; None where there is none."""
        needed = self._needed_of(index)
        if needed is None or needed > 1:
            return None
        bar = self.bar_rect(index)
        return bar.left() + bar.width() * needed

    def row_rect(self, index: int) -> QRectF:
        """Where a row lies."""
        return QRectF(1, 2 + index * _ROW, self.width() - 2, _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """All rows; a few rectangles and two texts each."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tops = self.tops()
        for index in range(len(self._names)):
            self._paint_row(painter, index, index in tops)

    def _paint_row(self, painter: QPainter, index: int, top: bool) -> None:
        palette, row, bar = self.palette(), self.row_rect(index), self.bar_rect(index)
        painter.setPen(Qt.PenStyle.NoPen)
        if top:
            painter.setBrush(palette.color(QPalette.ColorRole.AlternateBase))
            painter.drawRoundedRect(row, 4, 4)
        if self.hasFocus() and index == self._current:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 1))
            painter.drawRoundedRect(row.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        self._paint_mark(painter, index, row)
        font = self.font()
        font.setBold(top)
        painter.setFont(font)
        painter.setPen(
            palette.color(
                QPalette.ColorRole.WindowText if top else QPalette.ColorRole.PlaceholderText
            )
        )
        name_room = QRectF(_MARK + 2, row.top(), bar.left() - _MARK - 2 - _GAP, row.height())
        draw_name(painter, name_room, self._names[index])
        percent_room = QRectF(bar.right(), row.top(), self.width() - bar.right() - 6, row.height())
        painter.drawText(
            percent_room,
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight),
            self._percent(index),
        )
        self._paint_bar(painter, index, bar, top)
        self._paint_tick(painter, index, bar)

    def _paint_bar(self, painter: QPainter, index: int, bar: QRectF, top: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        track = self.palette().color(QPalette.ColorRole.Mid)
        track.setAlphaF(0.45)
        painter.setBrush(track)
        painter.drawRoundedRect(bar, 3, 3)
        share = self._share(index)
        if share is None:
            return
        colour = QColor(self._colours[index])
        if not top:
            # The others recede, or eight bright bars would compete with the image.
            colour.setAlphaF(0.6)
        filled = QRectF(bar)
        filled.setWidth(max(1.5, bar.width() * share))
        painter.setBrush(colour)
        painter.drawRoundedRect(filled, min(3.0, filled.width() / 2), 3)

    def _paint_tick(self, painter: QPainter, index: int, bar: QRectF) -> None:
        x = self.tick_x(index)
        if x is None:
            return
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 1.5))
        painter.drawLine(QPointF(x, bar.top() - _TICK), QPointF(x, bar.bottom() + _TICK))

    def _paint_mark(self, painter: QPainter, index: int, row: QRectF) -> None:
        centre = QPointF(_MARK / 2 + 1, row.center().y())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours[index])
        painter.drawEllipse(centre, 3.0, 3.0)
        if index == self._target:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 1.4))
            painter.drawEllipse(centre, 6.0, 6.0)

    def _share(self, index: int) -> float | None:
        if self._values is None or not np.isfinite(self._values[index]):
            return None
        return min(1.0, max(0.0, float(self._values[index])))

    def _percent(self, index: int) -> str:
        share = self._share(index)
        return "–" if share is None else percent(share, 1)

    def _needed_of(self, index: int) -> float | None:
        return self._needed[index] if self._needed else None

    def _measure_names(self) -> None:
        """Room for the longest name in bold, so that the columns stay where they are whichever
        class is on top.
        """
        font = QFont(self.font())
        font.setBold(True)
        metrics = QFontMetricsF(font)
        self._longest_name = (
            max((metrics.horizontalAdvance(name) for name in self._names), default=0.0) + 2
        )

    def _row_at(self, y: float) -> int | None:
        index = int((y - 2) // _ROW)
        return index if 0 <= index < len(self._names) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a row picks its class."""
        index = self._row_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and index is not None:
            self._current = index
            self.class_clicked.emit(index)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down choose a row, Enter or Space picks its class."""
        last = len(self._names) - 1
        if event.key() == Qt.Key.Key_Up:
            self._current = max(0, self._current - 1)
        elif event.key() == Qt.Key.Key_Down:
            self._current = min(max(0, last), self._current + 1)
        elif event.key() in PRESS_KEYS and last >= 0:
            self.class_clicked.emit(self._current)
        else:
            super().keyPressEvent(event)
            return
        self._describe()
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which row the keys work on, and tell a screen reader."""
        self._describe()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide it again."""
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme may bring another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._measure_names()
            self.update()

    def event(self, event: QEvent) -> bool:
        """A tool tip gives a row's whole name, which may be shortened in the row."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._row_at(event.pos().y())
            if index is not None:
                tip = wording.bar_tip(
                    self._names[index], self._percent(index), self._needed_of(index)
                )
                QToolTip.showText(event.globalPos(), plain_tip(tip), self)
                return True
        return super().event(event)

    def _describe(self) -> None:
        if self._names:
            self.setAccessibleDescription(
                wording.bar_description(
                    self._names[self._current],
                    self._percent(self._current),
                    self._needed_of(self._current),
                )
            )
