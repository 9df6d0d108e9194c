"""Other heat maps of the frame on screen, by any method."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt

from endoscope_app.base.window_port import WindowPort
from endoscope_app.viewing import wording
from endoscope_app.viewing.class_names import ClassNames
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.viewing.commands import EXPLAIN
from endoscope_app.viewing.explain_dialog import ExplainDialog
from endoscope_app.viewing.explain_process import ExplainProcess
from endoscope_app.viewing.prediction_view import PredictionView
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.viewing.screen_blanking import ScreenBlanking
from kd_core.schema.heat_map_methods import METHODS


class ExplainFlow(QObject):
    """Each dialog is of the frame that was on screen when it was opened."""

    def __init__(
        self,
        window: WindowPort,
        player: ProcedurePlayer,
        shown: PredictionView,
        names: ClassNames,
        scratch: Path,
    ) -> None:
        """``shown``: the frame on screen; ``scratch``: where it goes on its way to the process."""
        super().__init__(window.as_widget())
        self._window, self._player, self._shown = window, player, shown
        self._names, self._scratch = names, scratch
        self._classifier: Classifier | None = None
        self._model_dir = Path()
        window.action(EXPLAIN).triggered.connect(self.open)

    def use(self, classifier: Classifier, model_dir: Path) -> None:
        """Explain this model, which was read from ``model_dir``, from now on."""
        self._classifier, self._model_dir = classifier, model_dir

    def open(self) -> None:
        """Show the dialog for the frame on screen."""
        frame, prediction = self._shown.frame, self._shown.prediction
        if frame is None or prediction is None or self._classifier is None:
            self._window.banner.show_message(wording.NOTHING_TO_EXPLAIN)
            return
        if self._shown.is_hidden:
            self._window.banner.show_message(wording.HIDDEN_TO_EXPLAIN)
            return
        self._player.pause()
        keys = dict(
            zip(self._names.all(self._classifier.classes), self._classifier.classes, strict=True)
        )
        dialog = ExplainDialog(
            METHODS, list(keys), list(keys)[prediction.label], self._window.as_widget()
        )
        process = ExplainProcess(self._scratch, dialog)
        image, model_dir = frame.image, self._model_dir
        blanking = ScreenBlanking(self._window, dialog)
        drawn: list[NDArray[np.uint8]] = []

        def show(result: NDArray[np.uint8]) -> None:
            drawn[:] = [result]
            dialog.show_result(blanking.drawn_over(result, image))

        blanking.changed.connect(lambda: show(drawn[0]) if drawn else None)
        dialog.explanation_requested.connect(
            lambda method, name: process.start(image, model_dir, method, keys[name])
        )
        dialog.explanation_requested.connect(lambda *_: dialog.show_running())
        process.finished.connect(show)
        process.failed.connect(lambda error: dialog.show_problem(str(error)))
        dialog.closed.connect(process.cancel)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show_live(image, self._shown.heat_map)
        dialog.show()
        dialog.ask()

    def close(self) -> None:
        """End what is under way and wait for it (only while closing)."""
        for process in self._window.as_widget().findChildren(ExplainProcess):
            process.close()
