"""What dialogs around a table have in common: buttons beside it, and a foot with a sentence and
Close.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label


def beside(table: QWidget, buttons: Iterable[QPushButton]) -> QHBoxLayout:
    """The table with its buttons in a column to the right."""
    side = QVBoxLayout()
    side.setSpacing(6)
    for button in buttons:
        side.addWidget(button)
    side.addStretch(1)
    row = QHBoxLayout()
    row.setSpacing(12)
    row.addWidget(table, 1)
    row.addLayout(side)
    return row


def foot(dialog: QDialog, words: str) -> QHBoxLayout:
    """What holds for the whole dialog, and the button that closes it."""
    sentence = plain_label(words)
    sentence.setProperty("role", "muted")
    sentence.setWordWrap(True)
    close = QPushButton("Close")
    close.clicked.connect(dialog.reject)
    row = QHBoxLayout()
    row.addWidget(sentence, 1)
    row.addWidget(close)
    return row
