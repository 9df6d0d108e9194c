"""Who is labelling, because the history keeps who gave each label."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label
from endoscope_app.labels import wording

LONGEST_NAME = 80


class ReaderDialog(QDialog):
    """`answered` carries the name however the dialog is closed: the one of before where it was
    left.
    """

    answered = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """``name``: the one of now."""
        super().__init__(parent)
        self.setWindowTitle(wording.READER_NAME)
        self._before = name
        self._field = QLineEdit(name, self)
        self._field.setAccessibleName(wording.READER_NAME)
        self._field.setPlaceholderText(wording.READER_HINT)
        self._field.setMaxLength(LONGEST_NAME)
        self._field.selectAll()
        heading = plain_label(wording.YOUR_NAME, self)
        heading.setBuddy(self._field)
        text = plain_label(wording.READER_NOTE, self)
        text.setProperty("role", "muted")
        text.setWordWrap(True)
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        buttons.button(standard.Cancel).setText(wording.CANCEL)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(10)
        for widget in (heading, self._field, text):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setMinimumWidth(430)
        self._field.setFocus()

    def done(self, result: int) -> None:
        """Closing by any way answers, once."""
        super().done(result)
        accepted = result == QDialog.DialogCode.Accepted
        self.answered.emit(" ".join(self._field.text().split()) if accepted else self._before)
