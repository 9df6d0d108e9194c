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
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_views import LabelViews
from endoscope_app.labels.labelling import Labelling
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.model_visibility import Seeing
from endoscope_app.labels.patient_list import PatientKeeping
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

GIGABYTE = 1 << 30
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
        self.seeing = Seeing(
            lambda: self.settings.reader_mode,
            lambda index: self.label_views.states.has_answer(index),
            self,
        )
        self.names = ClassNames(self)
        self.explaining = Explaining(
            self.window,
            lambda: self.playback.dropped + self.frames.replaced + self.inference.results.replaced,
            self.seeing.allowed,
            self.names,
        )
        store = PredictionStore(data.predictions) if data.writable else None
        self.analysing = Analysing(self.window, self.tasks, store, self.settings, self.names)
        self.labelling = Labelling(
            self.window,
            self.viewing,
            self.tasks,
            lambda: self.desk.reviewing.ai_visible(self.settings.reader_mode),
            self.names,
        )
        self.label_views = LabelViews(
            self.window, self.viewing, self.labelling, self.analysing, self.seeing
        )
        self.desk = LabelDesk(
            self.window,
            self.viewing,
            self.labelling,
            self.label_views,
            self.analysing,
            self.seeing,
            self.tasks,
            data.labels,
            data.scratch,
            lambda: self.settings,
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
            self._reader_name,
            folder=data.models,
            shipped=shipped,
            given=given,
        )
        runs = RunFolders(data.runs)
        self.retraining = Retraining(
            self.window,
            lambda: self.labelling.store,
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
        self.patients = PatientKeeping(self.window, self.labelling)
        self.classifier: Classifier | None = None
        self.labelling.may_see = self.seeing.allowed
        self.analysing.set_shown(self.seeing.whole_procedure)
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
        QTimer.singleShot(0, self._open_labels)
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
        found = (
            self.labelling.store.procedure(fingerprint)
            if self.labelling.store is not None
            else None
        )
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
        self.desk.close()
        self.retraining.close()
        self.comparing.close()
        self.playback.wait()
        self.inference.stop()
        self.inference.wait()
        self.tasks.close()
        self.labelling.close()
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
        self.retraining.patients_requested.connect(self.patients.open)
        self.patients.changed.connect(self.retraining.recount)
        self.asking.settings_chosen.connect(self._take_settings)
        self.inference.failed.connect(self._on_thread_failed)
        self.overlay_settings.changed.connect(lambda name, value: self._remember(**{name: value}))
        window.peek_changed.connect(self.seeing.hold)
        self.seeing.changed.connect(self._show_again)
        self.labelling.answered.connect(self._show_again)
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

    def _open_labels(self) -> None:
        try:
            store = LabelStore(self._data.labels)
        except AppError as error:
            LOG.error("the label library was not opened")
            self.window.show_standing_message(str(error))
            self.window.label_panel.set_read_only(error.sentence)
            return
        self.labelling.use_library(store, self._frame_pngs())
        if self._reader and not store.read_only_because and not store.reader_name():
            self.labelling.name_reader(self._reader)
        self.desk.procedures.look()
        self.label_views.open()
        for sentence in (store.read_only_because, store.opened_from_backup, store.backup_failed):
            if sentence:
                self.window.show_standing_message(sentence)

    def _class_names(self) -> dict[str, str]:
        """What the reader calls each class, by what models call it."""
        return {one.key: one.name for one in self.labelling.classes if one.merged_into is None}

    def _reader_name(self) -> str:
        store = self.labelling.store
        return store.reader_name() if store is not None else ""

    def _sampling(self) -> RangeSampling:
        return RangeSampling(max(1, self.settings.range_step), self.settings.thin_ranges)

    def _frame_pngs(self) -> FramePngs:
        return FramePngs(
            self._data.labels / "frames", int(self.settings.kept_pictures_gb * GIGABYTE)
        )

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
        self.labelling.use(classifier, [colour.name() for colour in colours])
        self.inference.use(classifier)
        LOG.info("model %s in use", classifier.version)
        if self.viewing.info is not None:
            self.analysing.open(self.viewing.info, self.viewing.times, starts=first)
            self.label_views.open()
            if not self.viewing.playing:
                self.viewing.go_to(self.viewing.index)

    def _on_opened(self, _generation: int, info: SourceInfo) -> None:
        LOG.info("opened a %s of %d frames", info.kind, info.frame_count)
        phantom = info.path.resolve() == demo_clip().resolve()
        self.window.frame_view.set_caption(PHANTOM_CAPTION if phantom else "")
        self.explaining.restart_counting()
        self.analysing.open(info, self.viewing.times)
        self.labelling.forget()
        self.desk.procedures.look()
        self.label_views.open()

    def _on_frame_arrived(self, arrived: ClassifiedFrame) -> None:
        if self._closed:  # it was on its way while the threads ended
            return
        self.explaining.show(arrived)
        self.analysing.look_at(arrived.decoded.frame)
        self.labelling.show(arrived)
        self.label_views.show(arrived)
        said_by = arrived.prediction.model_version if arrived.prediction else ""
        if (
            self.classifier is not None
            and said_by != self.classifier.version
            and not self.viewing.playing
        ):
            # It left the inference thread just before the model came: the paused frame is always
            # classified by it, so ask again.
            self.viewing.go_to(self.viewing.index)

    def _show_again(self) -> None:
        self.explaining.redraw()
        self.label_views.show_model()

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
            self.analysing.set_shown(self.seeing.whole_procedure)
            self._show_again()
            self.label_views.renew()
        if before.kept_pictures_gb != self.settings.kept_pictures_gb:
            self.labelling.keep_pictures_in(self._frame_pngs())
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
