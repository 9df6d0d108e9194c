"""What a dialog says, read from its widgets as a reader would."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QLabel, QPlainTextEdit, QWidget

from endoscope_app.base.running_dialog import RunningDialog


def text_of(dialog: QWidget) -> str:
    """All that it shows: of a dialog with work to run, the sentence about the work alone."""
    if isinstance(dialog, RunningDialog):
        return next(
            label.text()
            for label in dialog.findChildren(QLabel)
            if label.accessibleName().startswith("State of ")
        )
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    texts += [box.text() for box in dialog.findChildren(QCheckBox)]
    texts += [field.toPlainText() for field in dialog.findChildren(QPlainTextEdit)]
    return "\n".join(filter(None, texts))
