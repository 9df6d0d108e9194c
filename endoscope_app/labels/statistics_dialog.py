"""The library in numbers, in a window that may stay open."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.plain_text import plain_label
from endoscope_app.labels import statistics_wording
from endoscope_app.labels.statistics_panel import ClassFigures, ProcedureFigures, StatisticsPanel


class StatisticsDialog(QDialog):
    """Plain figures in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(statistics_wording.STATISTICS_TITLE)
        self.panel = StatisticsPanel()
        self._summary = plain_label(parent=self)
        self._summary.setWordWrap(True)
        self._summary.setContentsMargins(8, 4, 8, 2)
        self._summary.setAccessibleName(statistics_wording.SUMMARY)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self._summary)
        column.addWidget(self.panel, 1)
        column.addWidget(buttons)
        open_at(self, 760, 600)

    def show_figures(
        self, figures: Sequence[ClassFigures], procedures: Sequence[ProcedureFigures], summary: str
    ) -> None:
        """Replace all numbers."""
        self.panel.set_values(figures, procedures)
        self._summary.setText(summary)

    def summary(self) -> str:
        """The sentence above the table, for tests."""
        return self._summary.text()
