"""Closing the window while a retraining is under way: the reader says what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtWidgets import QWidget

from endoscope_app.retraining.run.closing_question import Answer, ask_before_closing


class Stoppable(Protocol):
    """What runs."""

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""

    def end_and_discard(self) -> None:
        """End what runs and keep nothing of it."""


class ClosingGuard:
    """``may_close`` for the window.

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
