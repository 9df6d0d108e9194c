"""The second pass: each reference model is asked about what all before it contradict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from endoscope_app.labels.errors.contradictions import Contradiction, contradicts
from endoscope_app.labels.errors.predict_process import PredictProcess
from endoscope_app.labels.errors.reference_models import ReferenceModel


class ReferencePass(QObject):
    """One pass at a time, each model in a process of its own, one after another.

    ``asked``: names of the models that were asked, so far or in the last pass.
    """

    step_begun = Signal(int, str)  # the model's number from 1, and its name
    progressed = Signal(int, int)  # images done, of how many
    ended = Signal(list)  # of Contradiction: what every model contradicts
    failed = Signal(object)  # AppError

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.asked: list[str] = []
        self.process = PredictProcess(self)
        self._waiting: list[ReferenceModel] = []
        self._left: list[Contradiction] = []
        self._classes: tuple[str, ...] = ()
        self._folder = Path()
        self.process.progressed.connect(self.progressed)
        self.process.predicted.connect(self._on_predicted)
        self.process.failed.connect(self.failed)

    def start(
        self,
        models: Sequence[ReferenceModel],
        contradictions: Sequence[Contradiction],
        classes: tuple[str, ...],
        folder: Path,
    ) -> None:
        """Ask these models; ``folder`` takes what is handed over to them."""
        self.asked, self._waiting = [], list(models)
        self._classes, self._folder = classes, folder
        self._ask_next(list(contradictions))

    def cancel(self) -> None:
        """End the child; nothing is reported."""
        self._waiting = []
        self.process.cancel()

    def close(self) -> None:
        """End the child at once and wait for it (only while closing)."""
        self.process.close()

    def _ask_next(self, left: list[Contradiction]) -> None:
        """The next model; the end where nothing is left to ask, or nobody."""
        self._left = left
        if not left or not self._waiting:
            self.ended.emit(left)
            return
        model = self._waiting.pop(0)
        self.asked.append(model.name)
        self.step_begun.emit(len(self.asked), model.name)
        self.process.start(model.folder, [each.image for each in left], self._folder)

    def _on_predicted(self, predictions: list[dict[str, float] | None]) -> None:
        left = []
        for contradiction, prediction in zip(self._left, predictions, strict=True):
            probabilities = np.array(
                [np.nan if prediction is None else prediction[name] for name in self._classes],
                np.float64,
            )
            if contradicts(probabilities, contradiction.label, contradiction.others):
                all_asked = (*contradiction.probabilities, probabilities)
                left.append(replace(contradiction, probabilities=all_asked))
        self._ask_next(left)
