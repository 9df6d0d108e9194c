"""Two ways to say that something went wrong: the world failed (a sentence and the way out), or
we did (a report to copy).
"""

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label


class ErrorDialog(QDialog):
    """A sentence and the way out; with a report, which ``for_bug`` gives it, that can be copied."""

    def __init__(
        self, sentence: str, way_out: str, report: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong" if report else "That did not work")
        self._report = report
        heading = plain_label(sentence, self)
        heading.setProperty("role", "heading")
        heading.setWordWrap(True)
        heading.setAccessibleName("What happened")
        advice = plain_label(way_out, self)
        advice.setWordWrap(True)
        advice.setAccessibleName("What to do")
        advice.setVisible(bool(way_out))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addWidget(advice)
        if report:
            layout.addWidget(self._report_field(report), 1)
        else:
            layout.addStretch(1)
        layout.addWidget(self._button_row())
        self.setMinimumWidth(640 if report else 440)

    @classmethod
    def for_bug(cls, report: str, parent: QWidget | None = None) -> "ErrorDialog":
        """We failed: show the report (versions and traceback) and let it be copied."""
        return cls(
            "The program made a mistake.",
            "Your labels are saved. You can go on working; if this comes back, restart, and send us"
            " the report below. Read it first: it must hold no patient data.",
            report,
            parent,
        )

    def _report_field(self, report: str) -> QPlainTextEdit:
        field = QPlainTextEdit(report, self)
        field.setReadOnly(True)
        field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(9.0)
        field.setFont(font)
        field.setTabChangesFocus(True)
        field.setAccessibleName("Report")
        field.setMinimumHeight(200)
        return field

    def _button_row(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        if self._report:
            self._copy = buttons.addButton("Copy report", QDialogButtonBox.ButtonRole.ActionRole)
            self._copy.clicked.connect(self._on_copy_clicked)
        return buttons

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self._copy.setText("Copied")
