"""Class by class: what frames of each class were called, by both models side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.retraining.comparison import wording
from endoscope_app.retraining.comparison.compared_models import Comparison
from kd_core.schema.evidence import ComparedPart

Table = Sequence[Sequence[int]]
_GAP, _LARGEST, _SLANT, _LONGEST_NAME = 2, 58, -40.0, 210
# Weight of the weakest shade that is not nought, so that a single frame is seen
_PAINTED_FROM = 0.25


class ConfusionMatrix(QWidget):
    """One painted matrix; cells speak when pointed at, and the whole of it to a screen reader."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._classes: tuple[str, ...] = ()
        self._table: tuple[tuple[int, ...], ...] = ()
        self.setMinimumSize(320, 260)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_table(self, classes: Sequence[str], table: Table) -> None:
        """(C, C) counts, rows truth, columns predicted, in the order of ``classes``.

        Raises ValueError where they do not fit.
        """
        if len(table) != len(classes) or any(len(row) != len(classes) for row in table):
            raise ValueError(f"{len(table)} rows do not fit {len(classes)} classes")
        self._classes, self._table = tuple(classes), tuple(tuple(row) for row in table)
        self.setAccessibleDescription(
            " ".join(self._row_text(row) for row in range(len(classes)) if sum(self._table[row]))
        )
        self.update()

    def cell_text(self, row: int, column: int) -> str:
        """What a cell means."""
        count, total = self._table[row][column], sum(self._table[row])
        return wording.cell(self._classes[row], self._classes[column], count, total)

    def cell_at(self, point: QPoint) -> tuple[int, int] | None:
        """Row and column under a point of the widget."""
        area, side = self._grid()
        if side <= 0 or not area.contains(QPointF(point)):
            return None
        last = len(self._classes) - 1
        return min(last, int((point.y() - area.top()) / side)), min(
            last, int((point.x() - area.left()) / side)
        )

    def event(self, event: QEvent) -> bool:
        """A cell's meaning where the pointer rests."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self.cell_at(event.pos())
            QToolTip.showText(
                event.globalPos(), plain_tip(self.cell_text(*cell) if cell else ""), self
            )
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names, then cells."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, side = self._grid()
        if side > 0:
            self._paint_names(painter, area, side)
            for row in range(len(self._classes)):
                for column in range(len(self._classes)):
                    place = QRectF(
                        area.left() + column * side,
                        area.top() + row * side,
                        side - _GAP,
                        side - _GAP,
                    )
                    self._paint_cell(painter, place, row, column)
        painter.end()

    def _grid(self) -> tuple[QRectF, float]:
        """Where the cells are, and the side of one with its gap."""
        if not self._classes:
            return QRectF(), 0.0
        metrics, count = self.fontMetrics(), len(self._classes)
        widest = min(_LONGEST_NAME, max(metrics.horizontalAdvance(name) for name in self._classes))
        left, top, right = widest + 12, widest * 0.66 + metrics.height() + 4, widest * 0.7
        side = min(
            _LARGEST, (self.width() - left - right) / count, (self.height() - top - 4) / count
        )
        return QRectF(left, top, side * count, side * count), side

    def _paint_names(self, painter: QPainter, area: QRectF, side: float) -> None:
        metrics = self.fontMetrics()
        for place, name in enumerate(self._classes):
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, _LONGEST_NAME)
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            line = QRectF(0, area.top() + place * side, area.left() - 10, side - _GAP)
            painter.drawText(
                line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text
            )
            painter.save()
            painter.translate(area.left() + (place + 0.5) * side, area.top() - 6)
            painter.rotate(_SLANT)
            painter.drawText(QPointF(0, 0), text)
            painter.restore()

    def _paint_cell(self, painter: QPainter, place: QRectF, row: int, column: int) -> None:
        palette, count, total = self.palette(), self._table[row][column], sum(self._table[row])
        share = count / total if total else 0.0
        base = palette.color(QPalette.ColorRole.Base)
        strong = palette.color(
            QPalette.ColorRole.Link if row == column else QPalette.ColorRole.BrightText
        )
        colour = (
            _mixed(base, strong, _PAINTED_FROM + (1 - _PAINTED_FROM) * share) if count else base
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(place, 3, 3)
        if count:
            painter.setPen(readable_on(colour))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), f"{count:,}")

    def _row_text(self, row: int) -> str:
        row_counts = zip(self._classes, self._table[row], strict=True)
        called = {name: count for name, count in row_counts if count}
        return wording.matrix_row(self._classes[row], called)


class ConfusionView(QWidget):
    """Both models, on the frames chosen above them."""

    def __init__(self, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes = comparison.classes
        titles = (
            (wording.IN_USE, comparison.active.version),
            (wording.NEW_MODEL, comparison.candidate.version),
        )
        self.matrices = tuple(
            ConfusionMatrix(wording.matrix_name(title, version)) for title, version in titles
        )
        evidence = comparison.evidence
        parts = {wording.CHECKED: evidence.held_out, wording.KNOWN_BEFORE: evidence.known_before}
        self._parts = {
            name: part
            for name, part in parts.items()
            if part is not None and _fits(part, len(self._classes))
        }
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 10)
        column.setSpacing(8)
        column.addLayout(self._choice())
        sides = QHBoxLayout()
        sides.setSpacing(18)
        for (title, version), matrix in zip(titles, self.matrices, strict=True):
            side, heading = QVBoxLayout(), plain_label(f"{title} {version}")
            heading.setProperty("role", "group")
            side.addWidget(heading)
            side.addWidget(matrix, 1)
            matrix.setVisible(bool(self._parts))
            sides.addLayout(side, 1)
        column.addLayout(sides, 1)
        explained = plain_label(wording.MATRIX_EXPLAINED if self._parts else wording.NO_MATRIX)
        explained.setProperty("role", "muted")
        explained.setWordWrap(True)
        column.addWidget(explained)

    def choose(self, name: str) -> None:
        """Press the button of the frames of that name."""
        self._group.buttons()[list(self._parts).index(name)].setChecked(True)

    def _choice(self) -> QHBoxLayout:
        row, group = QHBoxLayout(), self._group
        for name, part in self._parts.items():
            button = QToolButton()
            button.setText(f"{name} ({part.frames:,})")
            button.setCheckable(True)
            button.toggled.connect(lambda on, name=name: self._show(name) if on else None)
            group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        if group.buttons():
            group.buttons()[0].setChecked(True)
        return row

    def _show(self, name: str) -> None:
        for matrix, table in zip(self.matrices, self._parts[name].confusion, strict=True):
            matrix.set_table(self._classes, table)


def _fits(part: ComparedPart, count: int) -> bool:
    return len(part.confusion) == 2 and all(
        len(table) == count and all(len(row) == count for row in table) for table in part.confusion
    )


def _mixed(low: QColor, high: QColor, weight: float) -> QColor:
    red, green, blue = (
        (1 - weight) * a + weight * b for a, b in zip(_channels(low), _channels(high), strict=True)
    )
    return QColor.fromRgbF(red, green, blue)


def _channels(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()


def readable_on(colour: QColor) -> QColor:
    """Near black or near white, whichever has the higher contrast (WCAG 2.1, relative
    luminance).
    """
    channels = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _channels(colour)
    ]
    luminance = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    # equal contrast of black and white is at sqrt(0.05 * 1.05) - 0.05
    return QColor("#101316") if luminance > 0.179 else QColor("#f1f3f4")
