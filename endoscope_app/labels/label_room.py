"""Everything around labels, built in one place and closed in order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.log import LOG
from endoscope_app.base.settings import Settings
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels import wording
from endoscope_app.labels.class_list import ReaderClasses
from endoscope_app.labels.commands import UNDO
from endoscope_app.labels.errors.label_error_search import LabelErrorSearch
from endoscope_app.labels.exchange.label_export import LabelExport
from endoscope_app.labels.exchange.label_import import LabelImport
from endoscope_app.labels.frame_labelling import FrameLabelling
from endoscope_app.labels.identity_flow import ProcedureIdentity
from endoscope_app.labels.kept_frames import KeptFrames
from endoscope_app.labels.key_guard import KeyGuard
from endoscope_app.labels.label_desk import LabelDesk, LabelFolders
from endoscope_app.labels.label_jumps import LabelJumps
from endoscope_app.labels.label_panel import LabelPanel
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.label_settling import LabelSettling
from endoscope_app.labels.label_statistics import LabelStatistics
from endoscope_app.labels.label_undo import LabelUndo
from endoscope_app.labels.label_views import PanelView, TimelineLabels
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.model_visibility import ModelVisibility
from endoscope_app.labels.open_procedure import OpenProcedure
from endoscope_app.labels.patient_list import PatientList
from endoscope_app.labels.physical_digits import PhysicalDigits
from endoscope_app.labels.picture_menu import PictureMenu
from endoscope_app.labels.procedure_images import ProcedureImages
from endoscope_app.labels.procedure_labels import ProcedureLabels
from endoscope_app.labels.range_marks import RangeMarks
from endoscope_app.labels.range_paint import RangePaint
from endoscope_app.labels.reader_name import ReaderName
from endoscope_app.labels.restore_flow import RestoreFlow
from endoscope_app.labels.review.review_flow import ReviewFlow
from endoscope_app.viewing.act_echo import ActEcho
from endoscope_app.viewing.class_names import ClassNames
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.viewing.inference_thread import ClassifiedFrame
from endoscope_app.viewing.procedure_player import ProcedurePlayer

GIGABYTE = 1 << 30


@dataclass(frozen=True)
class LabelWidgets:
    """What of the window the room fills."""

    panel: LabelPanel
    timeline: TimelineView
    echo: ActEcho


class LabelRoom(QObject):
    """``session``: the library, opened by ``open``; ``visibility``: what the reader may see of the
    model, which everything that draws a prediction asks.
    """

    def __init__(
        self,
        window: WindowPort,
        widgets: LabelWidgets,
        folders: LabelFolders,
        player: ProcedurePlayer,
        analysis: ProcedureAnalysis,
        tasks: Tasks,
        names: ClassNames,
        settings: CurrentSettings,
    ) -> None:
        super().__init__(window.as_widget())
        panel, timeline, echo = widgets.panel, widgets.timeline, widgets.echo
        library = folders.library
        self._window, self._library, self._settings = window, library, settings
        self._player = player
        settings.changed.connect(self._on_settings_changed)
        session = self.session = LabelSession(names, self)
        procedure = self.procedure = OpenProcedure(player)
        desk = self.desk = LabelDesk(window, player, session, procedure)
        labels = self.procedure_labels = ProcedureLabels(session, procedure, analysis, self)
        visibility = self.visibility = ModelVisibility(settings, procedure, labels, self)
        session.answered.connect(visibility.changed)
        writer = self.writer = LabelWriter(desk, echo, visibility)
        self.marks = RangeMarks(desk, timeline, echo, writer)
        self._kept = KeptFrames(tasks, window.banner, self._pngs())
        self.paint = RangePaint(desk, writer, self.marks)
        self.frames = FrameLabelling(
            desk, panel, writer, self.marks, self.paint, visibility, self._kept
        )
        undo = self.undo = LabelUndo(desk, writer, labels, library)
        echo.undo_requested.connect(window.action(UNDO).trigger)
        self._panel = PanelView(panel, session, procedure, labels, visibility, analysis)
        self._timeline = TimelineLabels(timeline, session, labels, visibility, writer)
        self.review = ReviewFlow(desk, labels, analysis, visibility)
        self._jumps = LabelJumps(desk, labels, visibility, self.review.queue)
        self.errors = LabelErrorSearch(desk, analysis, self.review, settings, folders)
        files = FileQuestion()
        self.exports = LabelExport(desk, files, library)
        self.imports = LabelImport(desk, writer, files, library)
        self.restoring = RestoreFlow(desk, library)
        self.classes = ReaderClasses(window, panel, session, writer, undo)
        self.statistics = LabelStatistics(desk, tasks, library)
        self.reader = ReaderName(window, session, writer)
        self.patients = PatientList(window, session, writer)
        self.key_guard = KeyGuard(window, panel, timeline, echo, self._review_window)
        view = echo.parentWidget()
        watched = (timeline,) if view is None else (timeline, view)
        if view is not None:
            self.menu = PictureMenu(window, view, player, session, self.frames.label)
        self.digits = PhysicalDigits(window, watched, self.key_guard.allows)
        self.images = ProcedureImages(desk, tasks, library)
        settling = LabelSettling(desk, writer)
        self.identity = ProcedureIdentity(
            desk, writer, settling, self.images, tasks, held_out=folders.held_out
        )
        self.identity.settled.connect(labels.open)

    def open(self, reader: str = "") -> None:
        """Open the library, or say why it cannot be; ``reader``: the name for a library that has
        none yet.
        """
        try:
            self.session.open(self._library)
        except AppError as error:
            LOG.error("the label library was not opened")
            self._window.banner.show_standing_message(str(error))
        store = self.session.store
        if reader and not store.read_only_because and not store.read.reader_name():
            self.writer.name_reader(reader)
        self.identity.look()
        self.procedure_labels.open()
        if not self.session.not_open_because:
            for sentence in (
                store.read_only_because,
                store.opened_from_backup,
                store.backup_failed,
            ):
                if sentence:
                    self._window.banner.show_standing_message(sentence)

    def open_procedure(self) -> None:
        """Another procedure has been opened."""
        self.frames.forget()
        self.writer.forget_procedure()
        self.marks.forget()
        self.paint.forget()
        self.identity.look()
        self.procedure_labels.open()

    def use(self, classifier: Classifier, colours: list[str]) -> None:
        """The model whose classes a new library begins with, and whose predictions are put beside
        labels; colours as #rrggbb.
        """
        self.frames.use(classifier, colours)

    def show(self, arrived: ClassifiedFrame) -> None:
        """The frame on screen, with its prediction."""
        self.visibility.show(arrived.decoded.frame.index)
        self.marks.show(arrived.decoded.frame.index)
        self.paint.show(arrived.decoded.frame.index)
        self.frames.show(arrived)
        self._panel.show(arrived)

    def show_frame(self, fingerprint: str, index: int) -> None:
        """Show a frame in its procedure, which is opened where it was last."""
        self._window.as_widget().activateWindow()
        info = self._player.info
        if info is not None and info.fingerprint == fingerprint:
            self._player.go_to(index)
            return
        procedure = self.session.library.procedure(fingerprint)
        if procedure is None or not Path(procedure.path).exists():
            self._window.banner.show_message(wording.NOT_WHERE_IT_WAS)
            return
        self._player.open_at(Path(procedure.path), fingerprint, index)

    def _on_settings_changed(self, before: Settings, now: Settings) -> None:
        if before.reader_mode != now.reader_mode:
            self.visibility.changed.emit()
            self.procedure_labels.renewed.emit()
        if before.kept_pictures_gb != now.kept_pictures_gb:
            self._kept.keep_in(self._pngs())

    def close(self) -> None:
        """Stop what runs in the background and wait for it (only while closing)."""
        self.frames.close()
        self.identity.close()
        self.errors.close()
        self.review.close()
        self.exports.close()
        self.imports.close()
        self.undo.close()

    def close_library(self) -> None:
        """Let the library go."""
        self.session.close()

    def _review_window(self) -> QWidget | None:
        return self.review.dialog

    def _pngs(self) -> FramePngs:
        limit = int(self._settings.now.kept_pictures_gb * GIGABYTE)
        return FramePngs(self._library / "frames", limit)
