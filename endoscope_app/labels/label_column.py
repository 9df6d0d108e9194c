"""The class rows of the label panel, one below the other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from endoscope_app.labels.label_row import ROW_HEIGHT, LabelRow


class RowColumn(QWidget):
    """The rows, and the line that shows where a dragged one would go."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[LabelRow] = []
        self._gap: int | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)

    def set_rows(self, rows: Sequence[LabelRow]) -> None:
        """Replace all rows."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows, self._gap = list(rows), None
        for place, row in enumerate(self._rows):
            self._column.insertWidget(place, row)
            # The layout would show it later, and a hidden row cannot take the keyboard.
            row.show()

    def gap_at(self, y: float) -> int:
        """The gap between rows nearest to ``y``: 0 above the first, n below the last."""
        return max(0, min(len(self._rows), round(y / ROW_HEIGHT)))

    def show_drop(self, y: float | None) -> None:
        """Show the gap at ``y``, or none."""
        self._gap = None if y is None else self.gap_at(y)
        for row in self._rows:
            row.update()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows leave 1.5 pixels free on either side of a gap."""
        if self._gap is None:
            return
        y = min(max(1.0, self._gap * ROW_HEIGHT), self.height() - 1.0)
        QPainter(self).fillRect(
            QRectF(4, y - 1, self.width() - 8, 2),
            self.palette().color(QPalette.ColorRole.Highlight),
        )
