"""When the reader may see what the model says: always, after an answer of their own, or while a
key is held.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from endoscope_app.labels.library.records import AiVisible


class Seeing(QObject):
    """``allowed`` is asked before anything of the model is drawn for a frame; ``changed`` says
    that the answer may be another now.
    """

    changed = Signal()

    def __init__(
        self, mode: Callable[[], AiVisible], has_answer: Callable[[int], bool], parent: QObject
    ) -> None:
        """``has_answer(index)``: whether the reader has labelled that frame."""
        super().__init__(parent)
        self.mode, self._has_answer = mode, has_answer
        self._held = False

    def allowed(self, index: int) -> bool:
        """Whether the model's answer for this frame may be shown."""
        match self.mode():
            case "always":
                return True
            case "hidden":
                return self._has_answer(index)
            case "on request":
                return self._held

    def mask(self, answered: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(N,) True for the frames whose model answer a list may show; ``answered`` (N,): those
        that the reader has labelled.
        """
        return np.ones_like(answered) if self.whole_procedure else answered

    @property
    def whole_procedure(self) -> bool:
        """Whether the timeline may show the model's answers: they would tell about frames that
        are still to be answered.
        """
        return self.mode() == "always"

    def hold(self, held: bool) -> None:
        """The key that shows the model goes down or up."""
        if held != self._held:
            self._held = held
            self.changed.emit()
