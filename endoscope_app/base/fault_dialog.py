"""The program made a mistake: a report to read, copy and send."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label

TITLE = "Something went wrong"
SENTENCE = "The program made a mistake."
ADVICE = (
    "Your labels are saved. You can go on working; if this comes back, restart, and send us the"
    " report below. Read it first: it must hold no patient data."
)
COPY, COPIED = "Copy report", "Copied"


class FaultDialog(QDialog):
    """``report``: versions and traceback."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self._report = report
        heading = plain_label(SENTENCE, self)
        heading.setProperty("role", "heading")
        heading.setWordWrap(True)
        heading.setAccessibleName("What happened")
        advice = plain_label(ADVICE, self)
        advice.setWordWrap(True)
        advice.setAccessibleName("What to do")
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
        self._copy = buttons.addButton(COPY, QDialogButtonBox.ButtonRole.ActionRole)
        self._copy.clicked.connect(self._on_copy)
        return buttons

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self._copy.setText(COPIED)


def _report_field(report: str, parent: QWidget) -> QPlainTextEdit:
    field = QPlainTextEdit(report, parent)
    field.setReadOnly(True)
    field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(9.0)
    field.setFont(font)
    field.setTabChangesFocus(True)
    field.setAccessibleName("Report")
    field.setMinimumHeight(200)
    return field
