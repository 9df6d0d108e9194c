"""The model in use: loaded at the start, exchanged when the reader chooses another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.log import LOG
from endoscope_app.base.window_port import Banner
from endoscope_app.models import signature_wording, wording
from endoscope_app.models.model_folders import card_of, check_folder
from endoscope_app.models.model_registry import ModelRegistry
from endoscope_app.models.model_trial import ModelTrial
from endoscope_app.viewing.classifier import Classifier

Result = TypeVar("Result")
Failed = Callable[[AppError], None]


class ModelExchange(QObject):
    """Models are verified and loaded in the background; nothing changes where that fails."""

    loaded = Signal(object, object)  # Classifier, its folder: at the start and at every exchange
    changed = Signal()  # the registry is another
    remarked = Signal(str)  # what else came of an act
    signature_said = Signal(str)  # who signed the model in use, in words
    busy_changed = Signal(str)  # what is being done; empty: nothing

    def __init__(
        self,
        registry: ModelRegistry,
        banner: Banner,
        tasks: Tasks,
        reader: Callable[[], str],
        *,
        given: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        """``reader``: the name of who chooses; ``given``: a model to use instead, this time."""
        super().__init__(parent)
        self.registry = registry
        self.busy = ""
        self._banner, self._tasks, self._reader, self._given = banner, tasks, reader, given
        self._trial = ModelTrial(self)
        self._used: Path | None = None
        self.changed.connect(self._say_signature)

    @property
    def locked(self) -> str:
        """Why no other model can be chosen now; empty where one can."""
        return "" if self._given is None else wording.given_on_command_line(self._given)

    def load(self) -> None:
        """The model to begin with: the given one, or the one in use last.

        Where that is damaged, the shipped one.
        """
        if self._given is not None:
            self._load(self._given, self._use, self._on_refused)
            return
        path = self.registry.active_path()
        if self.registry.trouble:
            self._banner.show_standing_message(self.registry.trouble)
        self._load(path, self._use, lambda error: self._on_active_refused(path, error))

    def promote(
        self, version: str, reason: str, failed: Failed, done: Callable[[], None] = lambda: None
    ) -> None:
        """Write down that it was chosen, and use it from the next frame on."""

        before = self._signature_of(version)

        def write() -> None:
            self.registry.promote(version, self._reader(), reason)

        def written() -> None:
            if self._signature_of(version) != before:
                self.remarked.emit(signature_wording.signature_lost(version))
            done()

        self._exchange(lambda: self._path_of(version), write, failed, written)

    def roll_back(self, failed: Failed) -> None:
        """Use the model again that was in use before."""

        def write() -> None:
            self.registry.roll_back(self._reader())

        self._exchange(lambda: self._path_of(self.registry.previous()), write, failed)

    def take_in(self, folder: Path, done: Callable[[str], None], failed: Failed) -> None:
        """Try a model, then copy it into the registry; ``done(version)``. It is not used yet."""

        def finish(version: str) -> None:
            self.changed.emit()
            done(version)

        def tried() -> None:
            self.run(wording.TAKING_IN, lambda: self.registry.adopt(folder), finish, failed)

        def refused(error: AppError) -> None:
            self._say_busy("")
            failed(error)

        def checked(_nothing: None) -> None:
            self._say_busy(wording.TRYING)
            self._trial.start(folder, tried, refused)

        # The folder first: what is no model is not tried
        self.run(wording.TRYING, lambda: check_folder(folder, card_of(folder)), checked, failed)

    def stop_trying(self) -> None:
        """Leave the model that is being tried where it is."""
        if self._trial.running:
            self._trial.cancel()
            self._say_busy("")

    def close(self) -> None:
        """End a trial that is under way (only while closing)."""
        self._trial.close()

    def run(
        self, what: str, work: Callable[[], Result], done: Callable[[Result], None], failed: Failed
    ) -> None:
        """Do ``work`` in the background, and say ``what`` meanwhile."""

        def finish(result: Result) -> None:
            self._say_busy("")
            done(result)

        def fail(error: AppError) -> None:
            self._say_busy("")
            failed(error)

        self._say_busy(what)
        self._tasks.run(work, finish, fail)

    def _say_busy(self, what: str) -> None:
        self.busy = what
        self.busy_changed.emit(what)

    def _exchange(
        self,
        which: Callable[[], Path],
        write: Callable[[], None],
        failed: Failed,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        if self.locked:
            failed(AppError(self.locked))
            return

        def finish(loaded: tuple[Classifier, Path]) -> None:
            try:
                write()
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
        for entry in self.registry.entries():
            if entry.version == version and not entry.problem:
                return entry.path
        raise wording.gone()

    def _signature_of(self, version: str) -> str:
        return next(
            (item.signature for item in self.registry.entries() if item.version == version), ""
        )

    def _load(
        self, path: Path, done: Callable[[tuple[Classifier, Path]], None], failed: Failed
    ) -> None:
        def load() -> tuple[Classifier, Path]:
            classifier = Classifier.load(path)
            self.registry.signatures.state(path)  # remembered: the window asks for it
            return classifier, path

        self.run(wording.LOADING, load, done, failed)

    def _use(self, loaded: tuple[Classifier, Path]) -> None:
        self._used = loaded[1]
        self.loaded.emit(*loaded)
        self._say_signature()

    def _say_signature(self) -> None:
        if self._used is not None:
            self.signature_said.emit(self.registry.signatures.said(self._used))

    def _on_active_refused(self, path: Path, error: AppError) -> None:
        if path == self.registry.shipped:
            self._on_refused(error)
            return
        LOG.error("the model in use was refused")
        self._banner.show_standing_message(wording.shipped_instead(error.sentence))
        self._load(self.registry.shipped, self._use, self._on_refused)

    def _on_refused(self, error: AppError) -> None:
        LOG.error("the model was refused")
        self._banner.show_standing_message(wording.no_predictions(error))
