"""The model in use: loaded at the start, exchanged when the reader promotes another or takes
that back, kept in the registry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileAsking
from endoscope_app.base.log import LOG
from endoscope_app.base.paths import DataDir
from endoscope_app.labels.labelling import Labelling
from endoscope_app.models.card_checks import HELD_OUT, OLD_KNOWLEDGE, TEST
from endoscope_app.models.commands import MODELS
from endoscope_app.models.model_dialog import ModelDialog
from endoscope_app.models.model_registry import ModelEntry, ModelRegistry
from endoscope_app.models.models_dialog import ModelsDialog
from endoscope_app.models.models_table import ModelLine
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.card_text import as_markdown

Failed = Callable[[AppError], None]


class Models(QObject):
    """``loaded`` carries a verified model and its folder, at the start and at every exchange;
    ``changed``: the registry is another.
    """

    loaded = Signal(object, object)  # Classifier, Path
    changed = Signal()

    def __init__(
        self,
        *,
        window: MainWindow,
        tasks: Tasks,
        labelling: Labelling,
        data: DataDir,
        shipped: Path,
        given: Path | None,
    ) -> None:
        super().__init__(window)
        self.registry = ModelRegistry(data.models, shipped)
        self.dialog: ModelsDialog | None = None
        self.files = FileAsking()
        self._window, self._tasks, self._labelling, self._given = window, tasks, labelling, given
        self._busy = ""
        window.action(MODELS).triggered.connect(self.open)
        self.changed.connect(self.show)

    @property
    def locked(self) -> str:
        """Why no model can be promoted now; empty where one can."""
        if self._given is None:
            return ""
        return (
            f"The model in use was given on the command line (--model {self._given}). Start without"
            " it to promote or roll back."
        )

    def load(self) -> None:
        """The model to begin with: the given one, or the active one, or where that is damaged
        the shipped one.
        """
        if self._given is not None:
            self._load(self._given, self._use, self._on_refused)
            return
        path = self.registry.active_path()
        if self.registry.trouble:
            self._window.show_standing_message(self.registry.trouble)
        self._load(path, self._use, lambda error: self._on_active_refused(path, error))

    def open(self) -> None:
        """Show the models, or bring them to the front."""
        if self.dialog is None:
            self.dialog = self._made()
            self.show()
            self.dialog.show_busy(self._busy)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def promote(
        self, version: str, reason: str, failed: Failed, done: Callable[[], None] = lambda: None
    ) -> None:
        """Verify it in the background, write it down, and use it from the next frame on.

        Nothing changes where that fails.
        """

        def chosen() -> None:
            self.registry.promote(version, self._reader(), reason)

        self._exchange(lambda: self._path_of(version), chosen, failed, done)

    def roll_back(self, failed: Failed) -> None:
        """Use the model again that was in use before."""

        def chosen() -> None:
            self.registry.roll_back(self._reader())

        self._exchange(lambda: self._path_of(self.registry.previous()), chosen, failed)

    def take_in(self, folder: Path, done: Callable[[str], None], failed: Failed) -> None:
        """Verify a candidate in the background and copy it into the registry; ``done(version)``.

        It is not promoted.
        """

        def work() -> str:
            Classifier.load(folder)
            return self.registry.adopt(folder)

        def finish(version: str) -> None:
            self.changed.emit()
            done(version)

        self._run("A model is being taken in.", work, finish, failed)

    def show(self) -> None:
        """Bring the dialog, where there is one, in step."""
        if self.dialog is not None:
            shown = self._labelling.names.shown
            lines = [
                _line(entry, self.registry.why_kept(entry.version), shown)
                for entry in self.registry.entries()
            ]
            if self.locked:
                lines = [replace(line, active=False) for line in lines]
            self.dialog.set_models(lines, self.registry.previous(), self.locked)

    def _exchange(
        self,
        which: Callable[[], Path],
        chosen: Callable[[], None],
        failed: Failed,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        if self.locked:
            failed(AppError(self.locked))
            return

        def finish(loaded: tuple[Classifier, Path]) -> None:
            try:
                chosen()
            except AppError as error:
                failed(error)
                return
            self._use(loaded)
            self.changed.emit()
            done()

        try:
            path = which()
        except AppError as error:
            failed(error)
            return
        self._load(path, finish, failed)

    def _path_of(self, version: str) -> Path:
        found = next(
            (
                one.path
                for one in self.registry.entries()
                if one.version == version and not one.problem
            ),
            None,
        )
        if found is None:
            raise AppError("There is no such model any more.", "Choose another one.")
        return found

    def _load(
        self, path: Path, done: Callable[[tuple[Classifier, Path]], None], failed: Failed
    ) -> None:
        self._run("A model is being loaded.", lambda: (Classifier.load(path), path), done, failed)

    def _run(
        self, what: str, work: Callable[[], Any], done: Callable[[Any], None], failed: Failed
    ) -> None:
        """In the background, the dialog's buttons waiting."""

        def after(answer: Callable[[Any], None], value: Any) -> None:
            self._show_busy("")
            answer(value)

        self._show_busy(what)
        self._tasks.run(work, lambda value: after(done, value), lambda error: after(failed, error))

    def _show_busy(self, what: str) -> None:
        self._busy = what
        if self.dialog is not None:
            self.dialog.show_busy(what)

    def _use(self, loaded: tuple[Classifier, Path]) -> None:
        self.loaded.emit(*loaded)

    def _on_active_refused(self, path: Path, error: AppError) -> None:
        if path == self.registry.shipped:
            self._on_refused(error)
            return
        LOG.error("the active model was refused")
        self._window.show_standing_message(
            f"{error.sentence} The shipped model is used instead (Model, Models)."
        )
        self._load(self.registry.shipped, self._use, self._on_refused)

    def _on_refused(self, error: AppError) -> None:
        LOG.error("the model was refused")
        self._window.show_standing_message(f"{error} Frames are shown without predictions.")

    def _reader(self) -> str:
        store = self._labelling.store
        return store.reader_name() if store is not None else ""

    def _made(self) -> ModelsDialog:
        dialog = ModelsDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.promoted.connect(
            lambda version, reason: self.promote(version, reason, self._on_failed)
        )
        dialog.rolled_back.connect(lambda: self.roll_back(self._on_failed))
        dialog.renamed.connect(
            lambda version, name: self._do(lambda: self.registry.rename(version, name))
        )
        dialog.deleted.connect(lambda version: self._do(lambda: self.registry.delete(version)))
        dialog.card_wanted.connect(self._on_card)
        dialog.folder_export_wanted.connect(self._on_export_folder)
        dialog.onnx_export_wanted.connect(self._on_export_onnx)
        dialog.import_wanted.connect(self._on_import)
        dialog.finished.connect(self._forget_dialog)
        return dialog

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _do(self, act: Callable[[], object]) -> None:
        try:
            act()
        except AppError as error:
            self._on_failed(error)
        else:
            self.changed.emit()

    def _on_failed(self, error: AppError) -> None:
        if self.dialog is not None:
            self.dialog.show_problem(str(error))
        else:
            self._window.show_message(str(error))

    def _on_card(self, version: str) -> None:
        entry = next((one for one in self.registry.entries() if one.version == version), None)
        if entry is None or entry.problem:
            self._on_failed(
                AppError(entry.problem if entry else "There is no such model any more.")
            )
            return
        dialog = ModelDialog(
            as_markdown(self.registry.card(version), self._labelling.names.shown), self.dialog
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _on_export_folder(self, version: str) -> None:
        folder = self.files.folder(self._parent(), "Export the model into this folder")
        if folder is not None:
            self._run(
                "A model is being exported.",
                lambda: self.registry.export_to(version, folder),
                self._on_exported,
                self._on_failed,
            )

    def _on_export_onnx(self, version: str) -> None:
        path = self.files.save_file(
            self._parent(), "Export the ONNX file", f"{version}.onnx", "ONNX (*.onnx)"
        )
        if path is not None:
            self._do(lambda: self.registry.export_onnx(version, path))

    def _on_exported(self, folder: Path) -> None:
        self._window.show_message(f"The model was exported to {folder}.")

    def _on_import(self) -> None:
        folder = self.files.folder(self._parent(), "Import a model folder")
        if folder is not None:
            self.take_in(folder, self._on_taken_in, self._on_failed)

    def _on_taken_in(self, version: str) -> None:
        if self.dialog is not None:
            self.dialog.choose(version)

    def _parent(self) -> MainWindow | ModelsDialog:
        return self.dialog if self.dialog is not None else self._window


def _line(entry: ModelEntry, kept: str, shown: Callable[[str], str]) -> ModelLine:
    shares = entry.scores.get(HELD_OUT), entry.scores.get(OLD_KNOWLEDGE), entry.scores.get(TEST)
    return ModelLine(
        entry.version,
        entry.name,
        entry.parent,
        entry.created,
        entry.reader,
        shares,
        entry.shipped,
        entry.active,
        tuple(map(shown, entry.needs_reason)),
        kept,
        entry.problem,
        entry.reason,
    )
