"""The comparison from the end of a retraining to the reader's decision.

The new model is used, kept for later, or discarded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.errors import AppError
from endoscope_app.base.window_port import WindowPort
from endoscope_app.models.model_entry import ModelEntry
from endoscope_app.models.model_exchange import ModelExchange
from endoscope_app.retraining.comparison import wording
from endoscope_app.retraining.comparison.compared_models import Comparison, frame_index
from endoscope_app.retraining.comparison.comparison_files import read_comparison
from endoscope_app.retraining.comparison.frame_loader import FrameLoader
from endoscope_app.retraining.run_folders import CANDIDATE_NAME, RunFolders
from endoscope_app.retraining.starting_point import StartingModel
from endoscope_app.viewing.screen_blanking import ScreenBlanking
from kd_core.schema.run_files import REPORT_NAME

if TYPE_CHECKING:
    from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog


class ComparisonFlow(QObject):
    """One comparison at a time; closing the dialog decides nothing."""

    frame_requested = Signal(str, int)  # to be seen in its procedure: fingerprint and index

    def __init__(
        self,
        window: WindowPort,
        models: ModelExchange,
        runs: RunFolders,
        settings: CurrentSettings,
        names: Callable[[], Mapping[str, str]],
    ) -> None:
        """``names``: class key to what the reader calls it."""
        super().__init__(window.as_widget())
        self._names = names
        self._settings = settings
        self.dialog: ComparisonDialog | None = None
        self._window, self._models, self._runs = window, models, runs
        self._blanking = ScreenBlanking(window, self)
        self._tasks, self._loader = Tasks(self), FrameLoader(self._blanking, self)
        self._blanking.changed.connect(self._on_blanking)
        self._run: Path | None = None
        self._comparison: Comparison | None = None
        self._in_use: StartingModel | None = None
        self._closed = False
        models.changed.connect(self._show_standing)

    def use(self, model: StartingModel) -> None:
        """The model in use, which the list of models need not know."""
        self._in_use = model
        self._show_standing()

    def open(self, run: Path) -> None:
        """Show the comparison in a run's folder, or say why it cannot be shown."""
        if self._run == run:
            if self.dialog is not None:
                self.dialog.raise_()
                self.dialog.activateWindow()
            return
        if self.dialog is not None:
            self.dialog.close()
        self._run = run

        def shown(comparison: Comparison) -> None:
            if not self._closed and self._run == run:
                self._show(run, comparison)

        def unreadable(error: AppError) -> None:
            if not self._closed and self._run == run:
                self._run = None
                self._window.banner.show_message(str(error))

        names = self._names()
        self._tasks.run(lambda: read_comparison(run, names), shown, unreadable)

    def close(self) -> None:
        """Wait for what is under way (only while the program closes)."""
        self._closed = True
        self._loader.close()
        self._tasks.close()

    def _show(self, run: Path, comparison: Comparison) -> None:
        active = self._entry(comparison.active.version)
        if active is not None:
            comparison = replace(
                comparison, active=replace(comparison.active, created=active.created)
            )
        self._comparison = comparison
        # Rarely wanted, and none of the window's start
        from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog

        dialog = self.dialog = ComparisonDialog(comparison, self._window.as_widget())
        settings = self._settings.now
        dialog.differing.set_heat(settings.colour_map, settings.overlay_opacity)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.use_requested.connect(self._on_use)
        dialog.keep_requested.connect(self._on_keep)
        dialog.discard_requested.connect(self._on_discard)
        dialog.report_requested.connect(self._on_report)
        dialog.frame_chosen.connect(self._loader.look)
        dialog.thumbnail_requested.connect(self._loader.load_thumbnail)
        dialog.opening_requested.connect(self._on_opening)
        self._loader.loaded.connect(dialog.show_frame)
        self._loader.thumbnail_loaded.connect(dialog.set_thumbnail)
        self._loader.damage_found.connect(dialog.show_damage)
        dialog.finished.connect(partial(self._forget, dialog))
        self._loader.begin(
            run,
            active.path if active is not None else self._folder_in_use(comparison.active.version),
        )
        frame = dialog.current_frame()
        if frame is not None:
            self._loader.look(frame)
        self._show_standing()
        dialog.show()

    def _on_blanking(self) -> None:
        if self.dialog is not None:
            self.dialog.forget_images()
            frame = self.dialog.current_frame()
            if frame is not None:
                self._loader.look(frame)

    def _on_opening(self, fingerprint: str, image: str) -> None:
        index = frame_index(image)
        if index is None:
            self._window.banner.show_message(wording.NO_PLACE)
        else:
            self.frame_requested.emit(fingerprint, index)

    def _forget(self, dialog: ComparisonDialog, _result: int) -> None:
        if dialog is self.dialog:
            self.dialog, self._run, self._comparison = None, None, None
            self._loader.end()

    def _entry(self, version: str) -> ModelEntry | None:
        """The sound model of that version among the reader's."""
        entries = self._models.registry.entries()
        sound = (entry for entry in entries if entry.version == version and not entry.problem)
        return next(sound, None)

    def _folder_in_use(self, version: str) -> Path | None:
        if self._in_use is None or self._in_use.version != version:
            return None
        return self._in_use.folder

    def _show_standing(self) -> None:
        """Whether the new model is among the models, and which is in use now."""
        dialog, comparison = self.dialog, self._comparison
        if dialog is None or comparison is None:
            return
        candidate, compared = comparison.candidate.version, comparison.active.version
        in_use = self._in_use.version if self._in_use is not None else compared
        against = note = self._models.locked
        if in_use == candidate:
            against = note = wording.IS_IN_USE
        elif not note and in_use != compared:
            note = wording.other_in_use(in_use, compared)
        dialog.set_standing(is_kept=self._entry(candidate) is not None, against=against, note=note)

    def _on_use(self, reason: str) -> None:
        run, comparison = self._run, self._comparison
        if run is None or comparison is None:
            return
        failed = partial(self._on_failed, run)

        def use(version: str) -> None:
            done = partial(self._end, run, wording.now_in_use(version))
            self._models.promote(version, reason, failed, done)

        self._say_busy()
        if self._entry(comparison.candidate.version) is not None:
            use(comparison.candidate.version)
        else:
            self._models.take_in(run / CANDIDATE_NAME, use, failed)

    def _on_keep(self) -> None:
        run = self._run
        if run is None:
            return

        def kept(version: str) -> None:
            self._end(run, wording.now_kept(version))

        self._say_busy()
        self._models.take_in(run / CANDIDATE_NAME, kept, partial(self._on_failed, run))

    def _on_discard(self) -> None:
        run = self._run
        if run is None:
            return

        def discarded(_: None) -> None:
            self._end(run, wording.DISCARDED)

        self._say_busy()
        self._loader.end()
        self._tasks.run(partial(self._runs.discard, run), discarded, partial(self._on_failed, run))

    def _on_report(self) -> None:
        if self._run is not None:
            path = self._run / CANDIDATE_NAME / REPORT_NAME
            if not path.is_file() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
                self._on_failed(self._run, AppError(wording.no_browser(str(path))))

    def _say_busy(self) -> None:
        if self.dialog is not None:
            self.dialog.show_problem("")
            self.dialog.show_busy(wording.BUSY)

    def _end(self, run: Path, sentence: str) -> None:
        """The decision is carried out; a dialog that shows another run by now stays."""
        if self._closed:
            return
        self._window.banner.show_message(sentence)
        if self.dialog is not None and self._run == run:
            self.dialog.show_busy("")
            self.dialog.accept()

    def _on_failed(self, run: Path, error: AppError) -> None:
        if self._closed:
            return
        if self.dialog is not None and self._run == run:
            self.dialog.show_busy("")
            self.dialog.show_problem(str(error))
        else:
            self._window.banner.show_message(str(error))
