"""The program made a mistake: a report to read, copy and send."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from endoscope_app.base import wording
from endoscope_app.base.plain_text import plain_label


class FaultDialog(QDialog):
    """``report``: versions and traceback."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.FAULT_TITLE)
        self._report = report
        heading = plain_label(wording.FAULT, self)
        heading.setProperty("role", "heading")
        heading.setWordWrap(True)
        heading.setAccessibleName(wording.FAULT_NAME)
        advice = plain_label(wording.FAULT_ADVICE, self)
        advice.setWordWrap(True)
        advice.setAccessibleName(wording.FAULT_ADVICE_NAME)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addWidget(advice)
        layout.addWidget(_report_field(report, self), 1)
        layout.addWidget(self._button_row())
        self.setMinimumWidth(640)

    def _button_row(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        self._copy = buttons.addButton(wording.COPY_REPORT, QDialogButtonBox.ButtonRole.ActionRole)
        self._copy.clicked.connect(self._on_copy)
        return buttons

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self._copy.setText(wording.COPIED)


def _report_field(report: str, parent: QWidget) -> QPlainTextEdit:
    field = QPlainTextEdit(report, parent)
    field.setReadOnly(True)
    field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(9.0)
    field.setFont(font)
    field.setTabChangesFocus(True)
    field.setAccessibleName(wording.REPORT_NAME)
    field.setMinimumHeight(200)
    return field
