"""The comparison from the end of a retraining to the reader's decision: shown, promoted, kept
for later, or discarded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.settings import Settings
from endoscope_app.models.model_entry import ModelEntry
from endoscope_app.models.model_exchange import ModelExchange
from endoscope_app.retraining.comparison.comparison_data import Comparison, frame_index
from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog
from endoscope_app.retraining.comparison.comparison_files import read_comparison
from endoscope_app.retraining.comparison.differing_frames import FrameLooking
from endoscope_app.retraining.plan.plan_making import Active
from endoscope_app.retraining.run.run_folders import CANDIDATE_NAME, RunFolders
from endoscope_app.shell.main_window import MainWindow
from kd_core.schema.run_files import REPORT_NAME

BUSY = "The decision is being carried out."
NO_BROWSER = "The report could not be opened: {path} can be opened in any browser."


class Comparing(QObject):
    """One comparison at a time.

    ``open`` is what Retraining.compare_requested asks for; closing the dialog decides nothing.

    ``frame_requested`` carries a frame that is to be seen in its procedure: fingerprint and index.
    """

    frame_requested = Signal(str, int)

    def __init__(
        self,
        window: MainWindow,
        models: ModelExchange,
        runs: RunFolders,
        settings: Callable[[], Settings] = Settings,
        names: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        """``names``: class key to what the reader calls it."""
        super().__init__(window)
        self._names = names
        self._settings = settings
        self.dialog: ComparisonDialog | None = None
        self._window, self._models, self._runs = window, models, runs
        self._tasks, self._looking = Tasks(self), FrameLooking(self)
        self._run: Path | None = None
        self._comparison: Comparison | None = None
        self._in_use: Active | None = None
        self._closed = False
        models.changed.connect(self._show_standing)

    def use(self, active: Active) -> None:
        """The model in use, which the list of models need not know."""
        self._in_use = active
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
                self._window.show_message(str(error))

        names = self._names()
        self._tasks.run(lambda: read_comparison(run, names), shown, unreadable)

    def close(self) -> None:
        """Wait for what is under way (only while the program closes)."""
        self._closed = True
        self._looking.close()
        self._tasks.close()

    def _show(self, run: Path, comparison: Comparison) -> None:
        active = self._entry(comparison.active.version)
        if active is not None:
            comparison = replace(
                comparison, active=replace(comparison.active, created=active.created)
            )
        self._comparison = comparison
        dialog = self.dialog = ComparisonDialog(comparison, self._window)
        settings = self._settings()
        dialog.differing.set_heat(settings.colour_map, settings.overlay_opacity)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.promoted.connect(self._on_promoted)
        dialog.kept.connect(self._on_kept)
        dialog.discarded.connect(self._on_discarded)
        dialog.report_wanted.connect(self._on_report)
        dialog.frame_chosen.connect(self._looking.look)
        dialog.thumbnail_wanted.connect(self._looking.want_thumbnail)
        dialog.frame_wanted.connect(self._on_frame_wanted)
        self._looking.seen.connect(dialog.show_frame)
        self._looking.thumbnail_made.connect(dialog.set_thumbnail)
        self._looking.unsound.connect(dialog.show_unsound)
        dialog.finished.connect(lambda: self._forget(dialog))
        self._looking.begin(
            run,
            active.path if active is not None else self._folder_in_use(comparison.active.version),
        )
        frame = dialog.current_frame()
        if frame is not None:
            self._looking.look(frame)
        self._show_standing()
        dialog.show()

    def _on_frame_wanted(self, fingerprint: str, image: str) -> None:
        index = frame_index(image)
        if index is None:
            self._window.show_message(
                "Where this frame was is not known: its image has another name than this program"
                " gives."
            )
            return
        self.frame_requested.emit(fingerprint, index)

    def _forget(self, dialog: ComparisonDialog) -> None:
        if dialog is self.dialog:
            self.dialog, self._run, self._comparison = None, None, None
            self._looking.end()

    def _entry(self, version: str) -> ModelEntry | None:
        """The sound model of that version among the reader's."""
        return next(
            (
                one
                for one in self._models.registry.entries()
                if one.version == version and not one.problem
            ),
            None,
        )

    def _folder_in_use(self, version: str) -> Path | None:
        return (
            self._in_use.folder
            if self._in_use is not None and self._in_use.version == version
            else None
        )

    def _show_standing(self) -> None:
        """Whether the candidate is among the models, and which is in use now."""
        dialog, comparison = self.dialog, self._comparison
        if dialog is None or comparison is None:
            return
        candidate, compared = comparison.candidate.version, comparison.active.version
        in_use = self._in_use.version if self._in_use is not None else compared
        against = note = self._models.locked
        if in_use == candidate:
            against = note = "The candidate is the model in use."
        elif not note and in_use != compared:
            note = (
                f"Model {in_use} is in use now; this comparison is with model"
                f" {compared or 'unknown'}."
            )
        dialog.set_standing(is_kept=self._entry(candidate) is not None, against=against, note=note)

    def _on_promoted(self, reason: str) -> None:
        run, comparison = self._run, self._comparison
        if run is None or comparison is None:
            return

        def done(version: str) -> None:
            self._end(run, f"Model {version} is in use now. Model, Models rolls back.")

        def promote(version: str) -> None:
            self._models.promote(
                version, reason, lambda error: self._on_failed(run, error), lambda: done(version)
            )

        self._say_busy()
        if self._entry(comparison.candidate.version) is not None:
            promote(comparison.candidate.version)
        else:
            self._models.take_in(
                run / CANDIDATE_NAME, promote, lambda error: self._on_failed(run, error)
            )

    def _on_kept(self) -> None:
        run = self._run
        if run is None:
            return
        self._say_busy()
        self._models.take_in(
            run / CANDIDATE_NAME,
            lambda version: self._end(
                run, f"Model {version} is kept. It can be promoted in Model, Models."
            ),
            lambda error: self._on_failed(run, error),
        )

    def _on_discarded(self) -> None:
        run, runs = self._run, self._runs
        if run is None:
            return
        self._say_busy()
        self._looking.end()
        words = "The candidate is discarded. The labels stay."
        self._tasks.run(
            lambda: runs.discard(run),
            lambda _: self._end(run, words),
            lambda error: self._on_failed(run, error),
        )

    def _on_report(self) -> None:
        if self._run is not None:
            path = self._run / CANDIDATE_NAME / REPORT_NAME
            if not path.is_file() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
                self._on_failed(self._run, AppError(NO_BROWSER.format(path=path)))

    def _say_busy(self) -> None:
        if self.dialog is not None:
            self.dialog.show_problem("")
            self.dialog.show_busy(BUSY)

    def _end(self, run: Path, words: str) -> None:
        """The decision is carried out; a dialog that shows another run by now stays."""
        if self._closed:
            return
        self._window.show_message(words)
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
            self._window.show_message(str(error))
