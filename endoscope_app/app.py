"""Builds the window, the threads and the flows, connects them, and closes everything in order."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from endoscope_app.analysis.analysis_flow import Analysing
from endoscope_app.analysis.commands import (
    NEXT_FINDING,
    PREVIOUS_FINDING,
    TIMELINE_IN,
    TIMELINE_OUT,
)
from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.log import LOG
from endoscope_app.base.mailbox import Mailbox
from endoscope_app.base.paths import DataDir, demo_clip, resources_dir
from endoscope_app.base.settings import load_settings, save_settings
from endoscope_app.base.theme import apply_theme, class_colours
from endoscope_app.labels.exchange.training_selection import RangeSampling
from endoscope_app.labels.label_room import LabelRoom
from endoscope_app.media.source import SourceInfo
from endoscope_app.models.model_room import ModelRoom
from endoscope_app.retraining.commands import RETRAIN
from endoscope_app.retraining.comparison.comparison_flow import Comparing
from endoscope_app.retraining.plan.plan_making import Active, Means
from endoscope_app.retraining.retraining_flow import Retraining
from endoscope_app.retraining.run.run_folders import RunFolders
from endoscope_app.shell.commands import FULLSCREEN, QUIT
from endoscope_app.shell.dialog_commands import Asking
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.shell.opening_commands import Opening
from endoscope_app.viewing.class_names import ClassNames
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.viewing.explanation import Explaining
from endoscope_app.viewing.heat_map_settings import OverlaySettings
from endoscope_app.viewing.inference_thread import ClassifiedFrame, DecodedFrame, InferenceThread
from endoscope_app.viewing.opening_choice import OpeningChoice
from endoscope_app.viewing.playback_thread import PlaybackThread
from endoscope_app.viewing.recent import RecentFiles
from endoscope_app.viewing.viewing_flow import Viewing

PHANTOM_CAPTION = "PHANTOM – drawn by a program, no patient"


class App(QObject):
    """The whole program behind one window."""

    def __init__(
        self, data: DataDir, shipped: Path, reader: str = "", *, given: Path | None = None
    ) -> None:
        """``shipped``: the model that is used until another is promoted; ``given``: one to use
        instead, this time.

        ``reader``: the name for a library that has none yet; empty to ask before the first label.
        """
        super().__init__()
        self._reader = reader
        self._data = data
        self.settings, self._settings_trouble = load_settings(data.settings_file)
        self._application().setWindowIcon(
            QIcon(str(resources_dir() / "icons" / "endoscope-app.png"))
        )
        apply_theme(self._application(), self.settings.theme)
        self.window = MainWindow()
        self.tasks = Tasks(self)
        self.frames: Mailbox[DecodedFrame] = Mailbox()
        self.inference = InferenceThread(self.frames)
        self.playback = PlaybackThread(self.frames)
        self.recent = RecentFiles(data.recent_file)
        self.opening = Opening(self.window, self.recent)
        self.overlay_settings = OverlaySettings(self.window)
        self.viewing = Viewing(
            self.window,
            self.playback,
            self.inference,
            self.recent,
            deinterlace=self.settings.deinterlace,
        )
        self.opening_choice = OpeningChoice(self.window, self.viewing)
        self.names = ClassNames(self)
        store = PredictionStore(data.predictions) if data.writable else None
        self.analysing = Analysing(self.window, self.tasks, store, self.settings, self.names)
        self.labels = LabelRoom(
            self.window,
            self.window.label_panel,
            self.window.timeline,
            self.window.frame_view.echo,
            self.viewing,
            self.analysing,
            self.tasks,
            self.names,
            library=data.labels,
            scratch=data.scratch,
            settings=lambda: self.settings,
        )
        self.explaining = Explaining(
            self.window,
            lambda: self.playback.dropped + self.frames.replaced + self.inference.results.replaced,
            self.labels.visibility.allowed,
            self.names,
        )
        self.asking = Asking(
            self.window,
            self.viewing,
            self.explaining,
            lambda: self.settings,
            data.scratch,
            self.names,
        )
        self.models = ModelRoom(
            self.window,
            self.tasks,
            self.names,
            self.labels.session.reader_name,
            folder=data.models,
            shipped=shipped,
            given=given,
        )
        runs = RunFolders(data.runs)
        self.retraining = Retraining(
            self.window,
            self.labels.session,
            data.labels,
            runs,
            Means.shipped(),
            deinterlace=lambda: self.viewing.deinterlace,
            sampling=self._sampling,
            kept=self.models.registry.parents,
        )
        self.comparing = Comparing(
            self.window, self.models.in_use, runs, lambda: self.settings, self._class_names
        )
        self.classifier: Classifier | None = None
        self.analysing.set_shown(self.labels.visibility.whole_procedure)
        self._closed = False
        self._connect()
        self.overlay_settings.apply(self.settings)

    @staticmethod
    def _application() -> QApplication:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        return application

    def start(self) -> None:
        """Show the window first; model and procedure follow while it is already alive."""
        # What was built so far lives as long as the program: looking through it for garbage would
        # cost a frame now and then.
        gc.freeze()
        self.window.show()
        self.inference.start()
        self.playback.start()
        QTimer.singleShot(0, lambda: self.labels.open(self._reader))
        QTimer.singleShot(0, self.models.in_use.load)
        for sentence in (self._settings_trouble, self.recent.trouble):
            if sentence:
                self.window.show_standing_message(sentence)
        if not self._data.writable:
            self.window.show_standing_message(
                f"The data folder {self._data.root} cannot be written: analyses and settings of"
                " this session are not kept. Name another folder with --data-dir."
            )

    def open(self, path: Path) -> None:
        """Open a procedure."""
        self.viewing.open(path)

    def _show_frame_of(self, fingerprint: str, index: int) -> None:
        """In its procedure, which is opened where it was last."""
        self.window.activateWindow()
        if self.viewing.info is not None and self.viewing.info.fingerprint == fingerprint:
            self.viewing.go_to(index)
            return
        found = self.labels.session.store.procedure(fingerprint)
        if found is None or not Path(found.path).exists():
            self.window.show_message(
                "The procedure of this frame is not where it was labelled. Open it, and choose the"
                " frame again."
            )
            return
        self.recent.add(Path(found.path), fingerprint, index)
        self.open(Path(found.path))

    def close(self) -> None:
        """Order: analysis, playback, inference, one-shots; nothing is left running.

        Safe to call twice.
        """
        if self._closed:
            return
        self._closed = True
        self.viewing.close()
        self.playback.stop()
        self.analysing.close()
        self.labels.close()
        self.retraining.close()
        self.comparing.close()
        self.playback.wait()
        self.inference.stop()
        self.inference.wait()
        self.tasks.close()
        self.labels.close_library()
        self._save_settings()
        LOG.info("closed")

    def _connect(self) -> None:
        window = self.window
        self.viewing.opened.connect(self._on_opened)
        self.viewing.frame_arrived.connect(self._on_frame_arrived)
        self.viewing.playing_changed.connect(self.analysing.give_way)
        self.models.in_use.loaded.connect(self._use_model)
        window.action(RETRAIN).triggered.connect(self.retraining.open)
        self.retraining.compare_requested.connect(self.comparing.open)
        self.comparing.frame_requested.connect(self._show_frame_of)
        self.retraining.patients_requested.connect(self.labels.patients.open)
        self.labels.patients.changed.connect(self.retraining.recount)
        self.asking.settings_chosen.connect(self._take_settings)
        self.inference.failed.connect(self._on_thread_failed)
        self.overlay_settings.changed.connect(lambda name, value: self._remember(**{name: value}))
        window.peek_changed.connect(self.labels.visibility.hold)
        self.labels.visibility.changed.connect(self.explaining.redraw)
        window.closed.connect(self.close)
        self.opening.chosen.connect(self.open)
        window.action(QUIT).triggered.connect(window.close)
        window.action(FULLSCREEN).triggered.connect(self._on_fullscreen)
        window.action(TIMELINE_IN).triggered.connect(
            lambda: window.timeline.zoom(1.5, self.viewing.index)
        )
        window.action(TIMELINE_OUT).triggered.connect(
            lambda: window.timeline.zoom(1 / 1.5, self.viewing.index)
        )
        window.action(NEXT_FINDING).triggered.connect(lambda: self._go_to_finding(1))
        window.action(PREVIOUS_FINDING).triggered.connect(lambda: self._go_to_finding(-1))

    def _class_names(self) -> dict[str, str]:
        """What the reader calls each class, by what models call it."""
        return {one.key: one.name for one in self.labels.session.classes if one.merged_into is None}

    def _sampling(self) -> RangeSampling:
        return RangeSampling(max(1, self.settings.range_step), self.settings.thin_ranges)

    def _use_model(self, classifier: Classifier, model_dir: Path) -> None:
        """At the start, and between two frames when another model is promoted or rolled back to."""
        first, self.classifier = self.classifier is None, classifier
        colours = class_colours(len(classifier.classes))
        self.explaining.use(classifier, colours)
        self.asking.use(classifier, model_dir)
        active = Active(model_dir, classifier.version, tuple(classifier.classes))
        self.retraining.use(active)
        self.comparing.use(active)
        self.analysing.use(classifier, colours)
        self.labels.use(classifier, [colour.name() for colour in colours])
        self.inference.use(classifier)
        LOG.info("model %s in use", classifier.version)
        if self.viewing.info is not None:
            self.analysing.open(self.viewing.info, self.viewing.times, starts=first)
            self.labels.labels.open()
            if not self.viewing.playing:
                self.viewing.go_to(self.viewing.index)

    def _on_opened(self, _generation: int, info: SourceInfo) -> None:
        LOG.info("opened a %s of %d frames", info.kind, info.frame_count)
        phantom = info.path.resolve() == demo_clip().resolve()
        self.window.frame_view.set_caption(PHANTOM_CAPTION if phantom else "")
        self.explaining.restart_counting()
        self.analysing.open(info, self.viewing.times)
        self.labels.open_procedure()

    def _on_frame_arrived(self, arrived: ClassifiedFrame) -> None:
        if self._closed:  # it was on its way while the threads ended
            return
        self.explaining.show(arrived)
        self.analysing.look_at(arrived.decoded.frame)
        self.labels.show(arrived)
        said_by = arrived.prediction.model_version if arrived.prediction else ""
        if (
            self.classifier is not None
            and said_by != self.classifier.version
            and not self.viewing.playing
        ):
            # It left the inference thread just before the model came: the paused frame is always
            # classified by it, so ask again.
            self.viewing.go_to(self.viewing.index)

    def _on_thread_failed(self, detail: str) -> None:
        LOG.error("inference ended by a fault")
        self.window.show_message(
            "Live classification ended because of a fault in the program."
            f" {detail.splitlines()[-1]}"
        )

    def _go_to_finding(self, direction: int) -> None:
        index = self.analysing.neighbour_finding(self.viewing.index, direction)
        if index is not None:
            self.viewing.go_to(index)

    def _on_fullscreen(self) -> None:
        window = self.window
        window.showNormal() if window.isFullScreen() else window.showFullScreen()

    def _take_settings(self, changes: dict[str, Any]) -> None:
        before = self.settings
        self._remember(**changes)
        apply_theme(self._application(), self.settings.theme)
        self.overlay_settings.apply(self.settings)
        self.analysing.apply(self.settings)
        if before.reader_mode != self.settings.reader_mode:
            self.analysing.set_shown(self.labels.visibility.whole_procedure)
        self.labels.apply_settings(before)
        if before.deinterlace != self.settings.deinterlace and self.viewing.info is not None:
            self.viewing.deinterlace = self.settings.deinterlace
            self.viewing.open(self.viewing.info.path, stream=self.viewing.info.stream)
        self._save_settings()

    def _remember(self, **changes: object) -> None:
        self.settings = msgspec.structs.replace(self.settings, **changes)

    def _save_settings(self) -> None:
        if not self._data.writable:
            return
        try:
            save_settings(self._data.settings_file, self.settings)
        except AppError as error:
            self.window.show_message(str(error))
