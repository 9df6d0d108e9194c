"""Everything around the start page, built in one place."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.report.commands import REPORT
from endoscope_app.second_reading.chosen_procedure import ChosenProcedure
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.viewing.recent import RecentFiles
from endoscope_app.worklist.adding import Adding
from endoscope_app.worklist.analysis_queue import AnalysisQueue
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.joining import Joining
from endoscope_app.worklist.learning_use import LearningUses
from endoscope_app.worklist.page_switch import PageSwitch, WorklistWidgets
from endoscope_app.worklist.patient_hint import PatientHint
from endoscope_app.worklist.patient_naming import PatientNaming
from endoscope_app.worklist.reader_field import ReaderField
from endoscope_app.worklist.reading_time import ReadingTime
from endoscope_app.worklist.worklist_flow import WorklistFlow
from endoscope_app.worklist.worklist_opening import WorklistOpening
from endoscope_app.worklist.worklist_store import WorklistStore
from endoscope_app.worklist.worklist_view import WorklistView


class WorklistRoom(QObject):
    """``view`` shows the worklist, ``queue`` analyses it, ``adding`` brings procedures into it;
    ``store`` holds it; ``flow.advance`` is told what a reader has finished.
    """

    def __init__(
        self,
        window: WindowPort,
        widgets: WorklistWidgets,
        player: ProcedurePlayer,
        recent: RecentFiles,
        session: LabelSession,
        writer: LabelWriter,
        analysis: ProcedureAnalysis,
        settings: CurrentSettings,
        *,
        predictions: Path | None,
        inbox: Path,
        joined: Path,
        held_out: Path,
    ) -> None:
        """``predictions``: the folder where analyses are kept; None for nowhere. ``inbox``: where
        the command ``endoscope-app add`` leaves what it was given; ``joined``: where it is kept
        which videos are one procedure; ``held_out``: the file that
        says what models never learn from.
        """
        super().__init__(window.as_widget())
        self._player = player
        store, files = WorklistStore(lambda: session.main), FileQuestion()
        self.store = store
        # Its own: a drive that does not answer must not keep others waiting
        tasks = self._tasks = Tasks(self)

        def is_open(entry: Entry) -> bool:
            info = player.info
            return info is not None and (
                info.path.absolute() == entry.path or info.fingerprint == entry.fingerprint
            )

        #: Whether a line is the procedure on screen
        self.is_open = is_open
        self.queue = AnalysisQueue(
            store,
            None
            if predictions is None
            else (PredictionStore(predictions), EmbeddingStore(predictions)),
            lambda: settings.now.deinterlace,
            is_open,
            lambda: analysis.running,
            self,
        )
        page = widgets.page
        self.switch = PageSwitch(window, widgets, player)
        self.reader = ReaderField(page, self.switch, session, writer)
        self.view = WorklistView(page, store, self.queue, recent, tasks, held_out)
        self.joining = Joining(window, store, player, files, joined)
        self.opening = WorklistOpening(
            window, page, self.switch, self.view, store, player, recent, files, self.joining
        )
        self.flow = WorklistFlow(
            window,
            page,
            self.switch,
            self.view,
            store,
            self.queue,
            PatientNaming(window, store, session, writer),
            player=player,
            session=session,
            analysis=analysis,
        )
        self.uses = LearningUses(window, page.table, self.view, session)
        self.uses.changed.connect(self.view.refresh)
        self.hint = PatientHint(
            window,
            page,
            self.view,
            player,
            lambda: {known.patient for known in session.main.read.procedures() if known.patient},
        )
        self.adding = Adding(window, store, player, tasks, files, self.joining, inbox)
        self.adding.added.connect(self._on_added)
        self.reading = ReadingTime(window, self.switch, player, session)
        window.action(REPORT).triggered.connect(self.reading.keep)

    def open(self) -> None:
        """The library has been opened."""
        self.reader.show()
        self.view.open()
        self.adding.start()

    def which(self) -> ChosenProcedure | None:
        """The one procedure that is meant on the page in front: the chosen line, or what is
        open.
        """
        if not self.switch.is_worklist:
            info = self._player.info
            return None if info is None else ChosenProcedure(info.path, info.fingerprint)
        chosen = self.view.chosen()
        if len(chosen) != 1:
            return None
        return ChosenProcedure(chosen[0].path, chosen[0].fingerprint)

    def close(self) -> None:
        """Stop what runs in the background and wait for it (only while closing)."""
        self.reading.close()
        self.adding.close()
        self.hint.close()
        self.view.close()
        self.queue.close()
        self._tasks.close()

    def _on_added(self) -> None:
        self.view.refresh()
        self.switch.show_worklist()
