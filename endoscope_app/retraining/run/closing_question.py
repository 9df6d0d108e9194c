"""What is asked when the window shall close while a retraining is under way."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

UNDER_WAY = "A retraining is under way."
WHAT_THEN = (
    "Its work can be kept: at the next start, Ctrl+T goes on from its last epoch. The active model"
    " stays as it is either way."
)
KEEP, DISCARD, STAY = (
    "&Keep its work and go on at the next start",
    "&Stop and discard",
    "Do &not close",
)
Answer = Literal["keep", "discard", "stay"]


def ask_before_closing(parent: QWidget) -> Answer:
    """Waits for the reader; Esc does not close."""
    box = QMessageBox(
        QMessageBox.Icon.Question,
        "Retraining",
        UNDER_WAY,
        QMessageBox.StandardButton.NoButton,
        parent,
    )
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(WHAT_THEN)
    keep = box.addButton(KEEP, QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(DISCARD, QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton(STAY, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(stay)
    box.exec()
    clicked = box.clickedButton()
    return "keep" if clicked is keep else "discard" if clicked is discard else "stay"
