"""Builds the window and the rooms, lets them hear of each other, and closes them in order."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from endoscope_app.analysis.analysis_room import AnalysisRoom
from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.child_process import end_all
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.freed_memory import give_back
from endoscope_app.base.garbage import GarbageCollection
from endoscope_app.base.leftovers import sweep
from endoscope_app.base.log import LOG
from endoscope_app.base.paths import DataDir, resources_dir
from endoscope_app.base.settings import load_settings
from endoscope_app.base.theme import apply_theme, class_colours
from endoscope_app.erasure.erasure_flow import ErasureFlow
from endoscope_app.labels.label_desk import LabelFolders
from endoscope_app.labels.label_room import LabelRoom, LabelWidgets
from endoscope_app.models.model_room import ModelRoom
from endoscope_app.report.bookmark_flow import BookmarkFlow
from endoscope_app.report.clip_flow import ClipFlow
from endoscope_app.report.frame_flow import FrameFlow
from endoscope_app.report.report_flow import ReportFlow
from endoscope_app.retraining.retraining_room import RetrainingRoom
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.second_reading.reading_room import ReadingRoom
from endoscope_app.segments.segment_room import SegmentRoom
from endoscope_app.shell import wording
from endoscope_app.shell.command_table import SHOW_OTHERS_WORK
from endoscope_app.shell.help_flow import HelpFlow
from endoscope_app.shell.keys_flow import KeysFlow
from endoscope_app.shell.layout_flow import LayoutFlow
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.shell.settings_flow import SettingsFlow
from endoscope_app.similar.similar_flow import SimilarFlow
from endoscope_app.similar.worklist_places import places
from endoscope_app.stills.still_room import StillRoom, StillWidgets
from endoscope_app.viewing.class_names import ClassNames
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.viewing.explain_flow import ExplainFlow
from endoscope_app.viewing.inference_thread import ClassifiedFrame
from endoscope_app.viewing.prediction_view import PredictionView
from endoscope_app.viewing.viewing_room import ViewingRoom
from endoscope_app.worklist.page_switch import WorklistWidgets
from endoscope_app.worklist.worklist_room import WorklistRoom

COLLECTING_MS = 250


class App(QObject):
    """The whole program behind one window."""

    def __init__(
        self, data: DataDir, shipped: Path, reader: str = "", *, given: Path | None = None
    ) -> None:
        """``shipped``: the model that is used until another is chosen; ``given``: one to use
        instead, this time.

        ``reader``: the name for a library that has none yet; empty where it is still to be said.
        """
        super().__init__()
        application = _application()
        application.setWindowIcon(QIcon(str(resources_dir() / "icons" / "endoscope-app.png")))
        stored, self._settings_trouble = load_settings(data.settings_file)
        apply_theme(application, stored.theme)
        self._reader, self._data = reader, data
        self._closed = False
        self._collecting = QTimer(self)
        self.classifier: Classifier | None = None
        self.settings = CurrentSettings(stored, self)
        self.tasks = Tasks(self)
        self.names = ClassNames(self)
        window = self.window = MainWindow()
        self._layout_flow = LayoutFlow(window, self.settings)
        self._build_screen(window, data)
        self._build_labels(window, data)
        self._build_models(window, data, shipped, given)
        self._build_worklist(window, data)
        self._build_reports(data)
        self._settings_flow = SettingsFlow(
            application, window, self.settings, data.settings_file if data.writable else None
        )
        self._help = HelpFlow(window, self.settings)
        self.keys = KeysFlow(window, self.settings, self._settings_flow.save)
        self._connect()

    def _build_screen(self, window: MainWindow, data: DataDir) -> None:
        """What opens a procedure, moves through it and analyses it."""
        viewing_room = ViewingRoom(
            window,
            self.settings,
            recent_file=data.recent_file,
            recent_menu=window.recent_menu,
            frame_view=window.frame_view,
            transport=window.transport,
            opening_bar=window.opening_bar,
            heat_map_panel=window.heat_map_panel,
        )
        self.pipeline, self.player = viewing_room.pipeline, viewing_room.player
        self.recent_files, self.choice = viewing_room.recent, viewing_room.choice
        analysis_room = self._analysis_room = AnalysisRoom(
            window,
            self.tasks,
            self.settings,
            self.names,
            self.player,
            predictions=data.predictions if data.writable else None,
            timeline_view=window.timeline,
            progress=window.progress,
            frame_view=window.frame_view,
        )
        self.analysis, self.analysis_view = analysis_room.flow, analysis_room.view

    def _build_labels(self, window: MainWindow, data: DataDir) -> None:
        """The labels, and what the model says of a frame as far as their reader may see it."""
        self.labels = LabelRoom(
            window,
            LabelWidgets(window.label_panel, window.timeline, window.frame_view.echo),
            LabelFolders(data.labels, data.scratch, RunFolders(data.runs).held_out),
            self.player,
            self.analysis,
            self.tasks,
            self.names,
            self.settings,
        )
        self.second_reading = ReadingRoom(self.labels, self.analysis_view, data.labels)
        self.second_reading.blind.resting += SHOW_OTHERS_WORK
        self.segments = SegmentRoom(
            window,
            window.segments,
            window.tray,
            window.frame_view,
            self.player,
            self._analysis_room,
            self.labels,
            self.settings,
        )
        self.stills = StillRoom(StillWidgets(window.sheet, window.pair), self.analysis, self.labels)
        self.prediction_view = PredictionView(
            window,
            self.pipeline,
            self.labels.visibility.allowed,
            self.names,
            frame_view=window.frame_view,
            verdict=window.verdict,
            bars=window.bars,
            panel=window.heat_map_panel,
            meter=window.meter,
        )
        self._explain = ExplainFlow(
            window, self.player, self.prediction_view, self.names, data.scratch
        )

    def _build_models(
        self, window: MainWindow, data: DataDir, shipped: Path, given: Path | None
    ) -> None:
        """The model in use, and how a better one is made."""
        self.models = ModelRoom(
            window,
            self.tasks,
            self.names,
            self.labels.session.reader_name,
            folder=data.models,
            shipped=shipped,
            given=given,
        )
        self.retraining = RetrainingRoom(
            window,
            self.labels.session,
            self.models.exchange,
            self.settings,
            library=data.labels,
            runs=data.runs,
        )
        window.may_close.append(self.retraining.may_close)

    def _build_worklist(self, window: MainWindow, data: DataDir) -> None:
        """The start page, and the queue that analyses what is on it."""
        self.worklist = WorklistRoom(
            window,
            WorklistWidgets(
                window.worklist,
                window.pages,
                window.back_button,
                (window.meter, window.progress),
                window.frame_view,
            ),
            self.player,
            self.recent_files,
            self.labels.session,
            self.labels.writer,
            self.analysis,
            self.settings,
            predictions=data.predictions if data.writable else None,
            inbox=data.added,
            joined=data.joined,
            held_out=RunFolders(data.runs).held_out,
        )
        self.erasure = ErasureFlow(
            window, self.worklist, self.labels.session, self.recent_files, data
        )
        restoring = self.labels.restoring
        restoring.why_not.append(self.erasure.why_busy)
        restoring.restored.connect(self._on_restored)
        reading = self.second_reading
        reading.which = self.worklist.which
        self.worklist.switch.resting = reading.blind.rests
        reading.blind.show_procedure = self.worklist.switch.show_procedure
        reading.blind.changed.connect(self.worklist.switch.refresh)

    def _build_reports(self, data: DataDir) -> None:
        """What leaves the program, and what is found in other procedures."""
        self.report = ReportFlow(
            self.labels.desk,
            self.analysis,
            self.settings,
            FileQuestion(),
            data.reports if data.writable else None,
        )
        self.similar = SimilarFlow(
            self.labels.desk,
            self.analysis,
            self.labels.writer,
            self.labels.key_guard,
            EmbeddingStore(data.predictions) if data.writable else None,
            lambda: places(self.worklist.store.entries()),
            self.worklist.flow.want,
        )
        self.second_reading.blind.changed.connect(self.similar.dismiss)
        self.clips = ClipFlow(self.labels.desk, FileQuestion())
        self.bookmarked = BookmarkFlow(self.labels.desk, FileQuestion())
        self.window.tray.list.save_requested.connect(self.bookmarked.open)
        self.frame_export = FrameFlow(
            self.labels.desk,
            self.prediction_view,
            self.settings,
            self.labels.visibility.recorded,
            FileQuestion(),
        )

    def _connect(self) -> None:
        self.player.opened.connect(self._on_opened)
        self.player.frame_arrived.connect(self._on_frame_arrived)
        self.models.exchange.loaded.connect(self._use_model)
        self.models.exchange.signature_said.connect(self.window.verdict.set_signature)
        self.retraining.comparison.frame_requested.connect(self.labels.show_frame)
        self.retraining.flow.patients_requested.connect(self.labels.patients.open)
        self.labels.patients.changed.connect(self.retraining.flow.recount)
        self.labels.visibility.changed.connect(self.prediction_view.redraw)
        self.window.peek_changed.connect(self.labels.visibility.hold)
        self.window.digit_released.connect(self.labels.paint.end)
        self.window.paths_dropped.connect(self.worklist.adding.take)
        self.choice.several_chosen.connect(self.worklist.adding.take)
        self.choice.folder_chosen.connect(self.worklist.adding.open_folder)
        self.segments.decisions.keep_reading_time = self.worklist.reading.keep
        self.segments.decisions.review_finished.connect(
            lambda procedure: self.worklist.flow.advance(procedure, "reviewed")
        )
        self.report.signed.connect(
            lambda procedure: self.worklist.flow.advance(procedure, "signed")
        )
        self.window.closed.connect(self.close)

    def start(self) -> None:
        """Show the window first; model and procedure follow while it is already alive."""
        # What was built so far lives as long as the program: looking through it for garbage would
        # cost a frame now and then.
        gc.freeze()
        # Kept here: a signal does not keep what it is connected to
        self._garbage = GarbageCollection()
        self._collecting.timeout.connect(self._garbage.collect_due)
        self._collecting.start(COLLECTING_MS)
        self.window.show()
        self.pipeline.start()
        QTimer.singleShot(0, self._open_labels)
        QTimer.singleShot(0, self.models.exchange.load)
        for sentence in (self._settings_trouble, self.recent_files.trouble):
            if sentence:
                self.window.banner.show_standing_message(sentence)
        if not self._data.writable:
            self.window.banner.show_standing_message(wording.data_folder_read_only(self._data.root))

    def open(self, path: Path) -> None:
        """Open a procedure."""
        self.player.open(path)

    def take(self, paths: Sequence[Path]) -> None:
        """Open what was named at the start: videos that may be one procedure are asked about."""
        if len(paths) == 1 and paths[0].is_dir():
            self.worklist.adding.open_folder(paths[0])
        else:
            self.worklist.adding.take(paths)

    def close(self) -> None:
        """Order: analysis, playback, inference, one-shots; nothing is left running.

        Safe to call twice.
        """
        if self._closed:
            return
        self._closed = True
        self._collecting.stop()
        self.player.close()
        self.pipeline.stop()
        self.analysis.close()
        self._analysis_room.hover_images.close()
        self.worklist.close()
        self.erasure.close()
        self._explain.close()
        self.labels.restoring.close()
        self.labels.close()
        self.frame_export.close()
        self.clips.close()
        self.bookmarked.close()
        self.segments.close()
        self.second_reading.close()
        self.stills.close()
        self.report.close()
        self.similar.close()
        end_all()
        self.retraining.close()
        self.models.exchange.close()
        self.pipeline.wait()
        self.tasks.close()
        self.labels.close_library()
        self._settings_flow.save()
        LOG.info("closed")

    def _open_labels(self) -> None:
        if self._closed:  # closed before it was begun: another window may have the library by now
            return
        self.labels.open(self._reader)
        if self._data.writable and not self.labels.session.main.read_only_because:
            self.tasks.run(lambda: sweep(self._data), None, None)
        self.worklist.open()
        self.erasure.open()

    def _use_model(self, classifier: Classifier, model_dir: Path) -> None:
        """At the start, and between two frames when the reader chooses another model."""
        first, self.classifier = self.classifier is None, classifier
        colours = class_colours(len(classifier.classes))
        self.prediction_view.use(classifier, colours)
        self._explain.use(classifier, model_dir)
        self.retraining.use(classifier, model_dir)
        self.analysis.use(classifier, colours)
        self.labels.use(classifier, [colour.name() for colour in colours])
        self.pipeline.inference.use(classifier)
        self.worklist.queue.use(classifier)
        LOG.info("model %s in use", classifier.version)
        if self.player.frames is not None:
            player = self.player
            self.analysis.open(self.player.frames, player.times, player.stamps, starts=first)
            self.labels.procedure_labels.open()
            if not self.player.playing:
                self.player.go_to(self.player.index)

    def _on_opened(self) -> None:
        self.second_reading.blind.settle()
        self.prediction_view.restart_counting()
        if self.player.frames is not None:
            self.analysis.open(self.player.frames, self.player.times, self.player.stamps)
        self.labels.open_procedure()
        self.tasks.run(give_back)

    def _on_restored(self) -> None:
        """Another state of the library: what is open is opened anew, with its labels of then."""
        self.worklist.view.refresh()
        if self.player.info is not None:
            self.player.open(self.player.info.path)

    def _on_frame_arrived(self, arrived: ClassifiedFrame) -> None:
        if self._closed:  # it was on its way while the threads ended
            return
        self.prediction_view.show(arrived)
        self.analysis.look_at(arrived.decoded.frame)
        self.labels.show(arrived)
        version = arrived.prediction.model_version if arrived.prediction else ""
        if (
            self.classifier is not None
            and version != self.classifier.version
            and not self.player.playing
        ):
            # It left the inference thread just before the model came: the paused frame is always
            # classified by it, so ask again.
            self.player.go_to(self.player.index)


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
