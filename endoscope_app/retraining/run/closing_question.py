"""Closing the window while a retraining is under way: the reader says what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from endoscope_app.retraining.run import wording

Answer = Literal["keep", "discard", "stay"]


class Stoppable(Protocol):
    """What runs."""

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""

    def end_and_discard(self) -> None:
        """End what runs and keep nothing of it."""


def ask_before_closing(parent: QWidget) -> Answer:
    """Waits for the reader; Esc does not close."""
    box = QMessageBox(
        QMessageBox.Icon.Question,
        wording.CLOSING_TITLE,
        wording.UNDER_WAY,
        QMessageBox.StandardButton.NoButton,
        parent,
    )
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(wording.WHAT_THEN)
    keep = box.addButton(wording.KEEP, QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(wording.STOP_AND_DISCARD, QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton(wording.STAY, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(stay)
    box.exec()
    clicked = box.clickedButton()
    return "keep" if clicked is keep else "discard" if clicked is discard else "stay"


class ClosingQuestion:
    """Whether the window may close.

    Keeping is what closing does anyway: the process ends and its last epoch stays on disk.
    """

    def __init__(
        self, run: Stoppable, window: QWidget, ask: Callable[[QWidget], Answer] = ask_before_closing
    ) -> None:
        self._run, self._window, self._ask = run, window, ask
        self._asking = False

    def may_close(self) -> bool:
        """Asks while a run is under way; one that ends while it is asked is left as it ended."""
        if not self._run.busy:
            return True
        if self._asking:
            return False
        self._asking = True
        try:
            answer = self._ask(self._window)
        finally:
            self._asking = False
        if answer == "discard" and self._run.busy:
            self._run.end_and_discard()
        return answer != "stay"
