"""Who is labelling: asked once, because the journal says of every label who gave it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label

LONGEST_NAME = 80


class ReaderDialog(QDialog):
    """`answered` carries the name however the dialog is closed; it is empty where none was
    given.
    """

    answered = Signal(str)

    def __init__(
        self, name: str = "", first_time: bool = True, parent: QWidget | None = None
    ) -> None:
        """``first_time``: a label is waiting for the answer, and no answer is one too."""
        super().__init__(parent)
        self.setWindowTitle("Who is labelling?" if first_time else "Reader's name")
        self._before = name
        self._field = QLineEdit(name, self)
        self._field.setAccessibleName("Reader's name")
        self._field.setPlaceholderText("Name or initials")
        self._field.setMaxLength(LONGEST_NAME)
        self._field.selectAll()
        heading = plain_label("Your name or initials", self)
        heading.setBuddy(self._field)
        note = (
            "The journal says of every label who gave it, so that several readers can share one"
            " library. "
        )
        later = "Labels given before keep the name that they were given under."
        note += "Without a name it says “unnamed reader”." if first_time else later
        text = plain_label(note, self)
        text.setProperty("role", "muted")
        text.setWordWrap(True)
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Ok | standard.Cancel, self)
        buttons.button(standard.Cancel).setText("Without a name" if first_time else "Cancel")
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
