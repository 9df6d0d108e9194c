"""When the reader may see what the model says: always, after an answer of their own, or while a
key is held.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.labels.library.records import AiVisible
from endoscope_app.labels.open_procedure import OpenProcedure
from endoscope_app.labels.procedure_labels import ProcedureLabels


class ModelVisibility(QObject):
    """``allowed`` is asked before anything of the model is drawn for a frame; ``changed`` says
    that the answer may be another now.
    """

    changed = Signal()

    def __init__(
        self,
        settings: CurrentSettings,
        procedure: OpenProcedure,
        labels: ProcedureLabels,
        parent: QObject | None = None,
    ) -> None:
        """``settings``: with the reader mode; ``labels``: what the reader has answered."""
        super().__init__(parent)
        self._settings, self._procedure, self._labels = settings, procedure, labels
        self._held = self._withheld = False
        self._index = -1
        # Frames, by fingerprint, of which the reader was told what the models say
        self._told: dict[str, set[int]] = {}

    @property
    def mode(self) -> AiVisible:
        """As the settings say now."""
        return self._settings.now.reader_mode

    def show(self, index: int) -> None:
        """The frame on screen."""
        self._index = index

    def allowed(self, index: int) -> bool:
        """Whether the model's prediction for this frame may be shown."""
        if self._withheld:
            return False
        match self.mode:
            case "always":
                return True
            case "hidden":
                return self._labels.states.has_answer(index)
            case "on request":
                return self._held

    @property
    def frames(self) -> NDArray[np.bool_]:
        """(N,) True for the frames whose prediction may be shown in a list or on the timeline."""
        answered = self._labels.states.answered()
        if self._withheld:
            return np.zeros_like(answered)
        return np.ones_like(answered) if self.whole_procedure else answered

    @property
    def whole_procedure(self) -> bool:
        """Whether the timeline may show the model's predictions: they would tell about frames that
        are still to be answered.
        """
        return not self._withheld and self._settings.now.model_always_shown

    @property
    def withheld(self) -> bool:
        """Whether nothing of the model is shown at all."""
        return self._withheld

    def withhold(self, withheld: bool) -> None:
        """Show nothing of the model at all, whatever the settings say and whatever is answered."""
        if withheld != self._withheld:
            self._withheld = withheld
            self.changed.emit()

    def hold(self, held: bool) -> None:
        """The key that shows the model goes down or up."""
        if held != self._held:
            self._held = held
            self.changed.emit()

    def note_told(self, fingerprint: str, frames: Collection[int]) -> None:
        """The reader was told what the models say of these frames of a procedure."""
        self._told.setdefault(fingerprint, set()).update(frames)

    def recorded(self) -> AiVisible:
        """For the history: whoever was told what the models say of the frame on screen has not
        answered blind.
        """
        if self._withheld:
            return "hidden"
        mode = self.mode
        was_told = self._index in self._told.get(self._procedure.fingerprint, ())
        return "on request" if was_told and mode == "hidden" else mode
