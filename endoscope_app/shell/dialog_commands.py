"""The dialogs: each is opened by its command, lives beside the work, and is gone when it is
closed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog

from endoscope_app import __version__
from endoscope_app.base.settings import Settings
from endoscope_app.shell.about_dialog import AboutDialog
from endoscope_app.shell.command_table import shortcut_groups
from endoscope_app.shell.commands import ABOUT, SETTINGS, SHORTCUTS
from endoscope_app.shell.goto_dialog import GotoDialog
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.shell.settings_dialog import SettingsDialog
from endoscope_app.shell.shortcuts_dialog import ShortcutsDialog
from endoscope_app.viewing.class_names import ClassNames
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.viewing.commands import EXPLAIN, GO_TO
from endoscope_app.viewing.explain_dialog import ExplainDialog
from endoscope_app.viewing.explain_process import ExplainProcess
from endoscope_app.viewing.explanation import Explaining
from endoscope_app.viewing.viewing_flow import Viewing
from kd_core.schema.heat_map_methods import METHODS


class Asking(QObject):
    """Opens dialogs; ``settings`` tells the current ones, ``settings_chosen`` carries away what
    is changed of them, by name.
    """

    settings_chosen = Signal(dict)

    def __init__(
        self,
        window: MainWindow,
        viewing: Viewing,
        explaining: Explaining,
        settings: Callable[[], Settings],
        scratch: Path,
        names: ClassNames,
    ) -> None:
        super().__init__(window)
        self._window, self._names = window, names
        self._viewing = viewing
        self._explaining = explaining
        self._settings = settings
        self._model_dir = Path()
        self._scratch = scratch
        self._classifier: Classifier | None = None
        window.action(SETTINGS).triggered.connect(self._on_settings)
        window.action(GO_TO).triggered.connect(self._on_go_to)
        window.action(SHORTCUTS).triggered.connect(
            lambda: _open(ShortcutsDialog(shortcut_groups(), window))
        )
        window.action(ABOUT).triggered.connect(lambda: _open(AboutDialog(__version__, window)))
        window.action(EXPLAIN).triggered.connect(self._on_explain)

    def use(self, classifier: Classifier, model_dir: Path) -> None:
        """Explain and describe this model, which was read from ``model_dir``, from now on."""
        self._classifier, self._model_dir = classifier, model_dir

    def _on_go_to(self) -> None:
        info = self._viewing.info
        if info is None:
            return
        dialog = GotoDialog(self._viewing.times, info.duration_ms, self._window)
        dialog.position_chosen.connect(self._viewing.go_to)
        _open(dialog)

    def _on_settings(self) -> None:
        dialog = SettingsDialog(self._settings(), self._window)
        dialog.accepted.connect(lambda: self.settings_chosen.emit(dialog.changes))
        _open(dialog)

    def _on_explain(self) -> None:
        frame, prediction = self._explaining.frame, self._explaining.prediction
        if frame is None or prediction is None or self._classifier is None:
            self._window.show_message(
                "There is no classified frame to explain: open a procedure first."
            )
            return
        self._viewing.pause()
        keys = dict(
            zip(self._names.all(self._classifier.classes), self._classifier.classes, strict=True)
        )
        dialog = ExplainDialog(
            tuple(METHODS), list(keys), list(keys)[prediction.label], self._window
        )
        process = ExplainProcess(self._scratch, dialog)
        image, model_dir = frame.image, self._model_dir
        dialog.explanation_requested.connect(
            lambda method, name: process.start(image, model_dir, method, keys[name])
        )
        dialog.explanation_requested.connect(lambda *_: dialog.show_running())
        process.finished.connect(dialog.show_result)
        process.failed.connect(lambda error: dialog.show_problem(str(error)))
        dialog.closed.connect(process.cancel)
        self._window.closed.connect(process.close)
        _open(dialog)


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
