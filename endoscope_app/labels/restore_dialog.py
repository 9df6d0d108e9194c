"""Which backup the labels should be again, and what that changes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QVBoxLayout, QWidget

from endoscope_app.base.dialog_fitting import fit_height
from endoscope_app.base.plain_text import plain_label
from endoscope_app.labels.library import restoring_wording as wording
from endoscope_app.labels.library.restoring import KeptBackup


class RestoreDialog(QDialog):
    """``chosen`` carries the backup; the dialog stays until ``end``, as it must not be left
    half-way. Esc before that chooses none.
    """

    chosen = Signal(object)  # KeptBackup

    def __init__(self, backups: Sequence[KeptBackup], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.TITLE)
        self._backups, self._running = list(backups), False
        asked = plain_label(wording.QUESTION, self)
        self.list = QListWidget(self)
        self.list.setAccessibleName(wording.QUESTION)
        self.list.addItems(
            [wording.row(each.when, each.procedures, each.labels) for each in backups]
        )
        self.changes = plain_label(parent=self)
        self.changes.setWordWrap(True)
        self.changes.setMinimumHeight(4 * self.changes.fontMetrics().lineSpacing())
        standard = QDialogButtonBox.StandardButton
        self._buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        self._buttons.button(standard.Ok).setText(wording.RESTORE)
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)
        self.list.currentRowChanged.connect(self._on_row)
        self.list.itemActivated.connect(lambda _item: self._on_accepted())
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(10)
        for widget in (asked, self.list, self.changes, self._buttons):
            column.addWidget(widget)
        self.resize(560, 420)
        self.list.setCurrentRow(0)
        self.list.setFocus()
        fit_height(self, may_shrink=False)

    def reject(self) -> None:
        """Nothing is chosen."""
        if not self._running:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The same by the window's own button."""
        if self._running:
            event.ignore()
        else:
            super().closeEvent(event)

    def end(self) -> None:
        """It is done, or could not be."""
        self._running = False
        self.accept()

    def _on_row(self, row: int) -> None:
        backup = self._backups[row]
        self.changes.setText(wording.what_changes(backup.missing, backup.differing))

    def _on_accepted(self) -> None:
        row = self.list.currentRow()
        if self._running or row < 0:
            return
        self._running = True
        self.changes.setText(wording.RESTORING)
        self.list.setEnabled(False)
        self._buttons.setEnabled(False)
        self.chosen.emit(self._backups[row])
