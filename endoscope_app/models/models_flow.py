"""The list of models and what the reader does there; the card of the model in use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.window_port import WindowPort
from endoscope_app.models import signature_wording, wording
from endoscope_app.models.card_checks import HELD_OUT, OLD_KNOWLEDGE, TEST
from endoscope_app.models.commands import ABOUT_MODEL, MODELS
from endoscope_app.models.import_preview import ImportPreview
from endoscope_app.models.model_dialog import ModelDialog
from endoscope_app.models.model_entry import ModelEntry
from endoscope_app.models.model_exchange import ModelExchange
from endoscope_app.models.model_folders import card_of, check_folder
from endoscope_app.models.model_signatures import ModelSignatures
from endoscope_app.models.models_dialog import ModelsDialog
from endoscope_app.models.models_table import ModelLine
from endoscope_app.models.trusted_keys_flow import TrustedKeysFlow
from endoscope_app.viewing.class_names import ClassNames
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.card_text import as_markdown
from kd_core.schema.model_card import ModelCard
from kd_core.signing.model_signature import signature_state


class ModelsFlow(QObject):
    """``dialog``: the list of models while it is open; ``preview``: of a model to import."""

    def __init__(
        self, window: WindowPort, models: ModelExchange, names: ClassNames, tasks: Tasks
    ) -> None:
        super().__init__(window.as_widget())
        self.dialog: ModelsDialog | None = None
        self.preview: ImportPreview | None = None
        self.files = FileQuestion()
        self.keys = TrustedKeysFlow(models.registry.keys, tasks, self.files, self)
        self.keys.changed.connect(models.changed)
        self._window, self._models, self._names = window, models, names
        self._classifier: Classifier | None = None
        models.changed.connect(self.show)
        models.busy_changed.connect(self._on_busy_changed)
        models.loaded.connect(self._on_loaded)
        models.remarked.connect(self._tell)
        window.action(MODELS).triggered.connect(self.open)
        window.action(ABOUT_MODEL).triggered.connect(self._on_about_model)

    def open(self) -> None:
        """Show the models, or bring them to the front."""
        if self.dialog is None:
            self.dialog = self._new_dialog()
            self.show()
            self.dialog.show_busy(self._models.busy, can_stop=self._models.busy == wording.TRYING)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def show(self) -> None:
        """Bring the dialog, where there is one, in step."""
        if self.dialog is None:
            return
        registry = self._models.registry
        lines = [
            _line(entry, registry.why_kept(entry.version), self._names.shown)
            for entry in registry.entries()
        ]
        if self._models.locked:
            lines = [replace(line, active=False) for line in lines]
        self.dialog.set_models(lines, registry.previous(), self._models.locked)

    def _new_dialog(self) -> ModelsDialog:
        models, registry = self._models, self._models.registry
        dialog = ModelsDialog(self._window.as_widget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.use_requested.connect(
            lambda version, reason: models.promote(version, reason, self._on_failed)
        )
        dialog.go_back_requested.connect(lambda: models.roll_back(self._on_failed))
        dialog.rename_requested.connect(
            lambda version, name: self._do(lambda: registry.rename(version, name))
        )
        dialog.delete_requested.connect(lambda version: self._do(lambda: registry.delete(version)))
        dialog.card_requested.connect(self._on_card)
        dialog.folder_export_requested.connect(self._on_export_folder)
        dialog.onnx_export_requested.connect(self._on_export_onnx)
        dialog.import_requested.connect(self._on_import)
        dialog.keys_requested.connect(lambda: self.keys.open(dialog))
        dialog.stop_requested.connect(models.stop_trying)
        dialog.finished.connect(self._on_finished)
        return dialog

    def _on_finished(self) -> None:
        self.dialog = None

    def _on_busy_changed(self, what: str) -> None:
        if self.dialog is not None:
            self.dialog.show_busy(what, can_stop=what == wording.TRYING)

    def _on_loaded(self, classifier: Classifier, _folder: Path) -> None:
        self._classifier = classifier

    def _do(self, act: Callable[[], object]) -> None:
        try:
            act()
        except AppError as error:
            self._on_failed(error)
        else:
            self._models.changed.emit()

    def _on_failed(self, error: AppError) -> None:
        self._tell(str(error))

    def _tell(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.show_problem(sentence)
        else:
            self._window.banner.show_message(sentence)

    def _on_about_model(self) -> None:
        if self._classifier is None:
            self._window.banner.show_message(wording.NO_MODEL_IN_USE)
            return
        _show_card(self._classifier.card_text(self._names.shown), self._window.as_widget())

    def _on_card(self, version: str) -> None:
        registry = self._models.registry
        entry = next((item for item in registry.entries() if item.version == version), None)
        if entry is None or entry.problem:
            self._on_failed(AppError(entry.problem) if entry is not None else wording.gone())
            return
        _show_card(as_markdown(registry.card(version), self._names.shown), self._parent())

    def _on_export_folder(self, version: str) -> None:
        folder = self.files.folder(self._parent(), wording.EXPORT_FOLDER_TITLE)
        if folder is not None:
            self._models.run(
                wording.EXPORTING,
                lambda: self._models.registry.export_to(version, folder),
                self._on_exported,
                self._on_failed,
            )

    def _on_export_onnx(self, version: str) -> None:
        path = self.files.save_file(
            self._parent(), wording.EXPORT_ONNX_TITLE, f"{version}.onnx", wording.ONNX_PATTERN
        )
        if path is not None:
            self._do(lambda: self._models.registry.export_onnx(version, path))

    def _on_exported(self, folder: Path) -> None:
        self._window.banner.show_message(wording.exported(folder))

    def _on_import(self) -> None:
        folder = self.files.folder(self._parent(), wording.IMPORT_TITLE)
        if folder is not None:
            self._models.run(
                signature_wording.LOOKING,
                lambda: _looked_at(folder, self._models.registry.signatures),
                lambda found: self._on_looked_at(folder, *found),
                self._on_failed,
            )

    def _on_looked_at(self, folder: Path, card: ModelCard, signature: str) -> None:
        classes = ", ".join(map(self._names.shown, card.classes))
        texts = (card.name, card.version, card.parent or "–", classes, signature)
        preview = self.preview = ImportPreview(texts, self._parent())
        preview.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        preview.accepted.connect(
            lambda: self._models.take_in(folder, self._on_taken_in, self._on_failed)
        )
        preview.finished.connect(self._on_previewed)
        preview.open()

    def _on_previewed(self) -> None:
        self.preview = None

    def _on_taken_in(self, version: str) -> None:
        if self.dialog is not None:
            self.dialog.choose(version)

    def _parent(self) -> QWidget:
        return self.dialog if self.dialog is not None else self._window.as_widget()


def _looked_at(folder: Path, signatures: ModelSignatures) -> tuple[ModelCard, str]:
    """The card of a folder that may come in, and who signed it, in words. Raises AppError."""
    card = card_of(folder)
    check_folder(folder, card)
    return card, signatures.words(signature_state(folder))


def _show_card(text: str, parent: QWidget) -> None:
    dialog = ModelDialog(text, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()


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
        entry.signature,
    )
