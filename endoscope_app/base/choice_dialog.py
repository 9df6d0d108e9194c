"""One of several, chosen from a short list with the arrows and Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label


class ChoiceDialog(QDialog):
    """``chosen`` carries the place of the row; Esc chooses none."""

    chosen = Signal(int)

    def __init__(
        self,
        title: str,
        question: str,
        rows: Sequence[str],
        current: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        asked = plain_label(question, self)
        asked.setWordWrap(True)
        self._list = QListWidget(self)
        self._list.setAccessibleName(title)
        self._list.addItems(list(rows))
        self._list.setCurrentRow(current)
        self._list.itemActivated.connect(lambda _item: self.accept())
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel, self
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        for widget in (asked, self._list, buttons):
            column.addWidget(widget)
        self.setMinimumWidth(420)
        self._list.setFocus()

    def rows(self) -> list[str]:
        """What can be chosen."""
        return [self._list.item(row).text() for row in range(self._list.count())]

    def accept(self) -> None:
        """The current row, once."""
        if self.isVisible() and self._list.currentRow() >= 0:
            super().accept()
            self.chosen.emit(self._list.currentRow())
