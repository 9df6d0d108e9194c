"""The worklist in step with what the reader does: labels and analyses lead procedures further, and
lines are put into the queue, named, removed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QObject, QTimer

from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.base.errors import AppError
from endoscope_app.base.plain_text import ask
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.library.records import Changes
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.worklist import wording
from endoscope_app.worklist.analysis_queue import AnalysisQueue
from endoscope_app.worklist.entry import State, is_further
from endoscope_app.worklist.page_switch import PageSwitch
from endoscope_app.worklist.patient_naming import PatientNaming
from endoscope_app.worklist.worklist_page import WorklistPage
from endoscope_app.worklist.worklist_store import WorklistStore
from endoscope_app.worklist.worklist_view import WorklistView


class WorklistFlow(QObject):
    """``advance`` is for every room in which a reader finishes something."""

    def __init__(
        self,
        window: WindowPort,
        page: WorklistPage,
        switch: PageSwitch,
        view: WorklistView,
        worklist: WorklistStore,
        queue: AnalysisQueue,
        patients: PatientNaming,
        *,
        player: ProcedurePlayer,
        session: LabelSession,
        analysis: ProcedureAnalysis,
    ) -> None:
        super().__init__(window.as_widget())
        self._window, self._table, self._view = window, page.table, view
        self._worklist, self._queue, self._patients = worklist, queue, patients
        self._player, self._analysis, self._session = player, analysis, session
        session.changed.connect(self._on_labelled)
        player.playing_changed.connect(queue.give_way)
        analysis.finished.connect(self._keep_open_one)
        switch.worklist_shown.connect(self._on_worklist_shown)
        patients.named.connect(view.refresh)
        queue.failed.connect(window.banner.show_message)
        page.table.remove_requested.connect(self._on_remove)
        bar = page.entry_bar
        bar.remove_requested.connect(self._on_remove)
        bar.analysis_requested.connect(self._on_analysis)
        bar.patient_named.connect(lambda patient: patients.name(view.chosen(), patient))
        page.queue_bar.pause_requested.connect(
            lambda paused: self._written(lambda: queue.pause(paused))
        )
        page.queue_bar.cancel_requested.connect(lambda: self._written(queue.cancel))

    def advance(self, fingerprint: str, state: State) -> None:
        """An act of the reader, or the end of an analysis, led this procedure to ``state``; one
        that is as far already stays as it is.
        """
        known = [entry for entry in self._view.entries if entry.fingerprint == fingerprint]
        if self._view.can_write and any(is_further(state, entry.state) for entry in known):
            self._written(lambda: self._worklist.advance(fingerprint, state))

    def _on_analysis(self, wanted: bool) -> None:
        chosen = self._table.chosen()
        self._written(lambda: self._worklist.want(chosen, wanted=wanted))

    def want(self, fingerprints: Collection[str]) -> None:
        """The queue is to analyse these procedures."""
        ids = [entry.id for entry in self._worklist.entries() if entry.fingerprint in fingerprints]
        self._written(lambda: self._worklist.want(ids, wanted=True))

    def _on_remove(self) -> None:
        chosen = self._table.chosen()
        question = wording.remove_question(len(chosen))
        if chosen and ask(self._window.as_widget(), wording.REMOVE_TITLE, question):
            self._written(lambda: self._worklist.remove(chosen))

    def _on_labelled(self, changes: Changes) -> None:
        if self._session.is_second:  # the state is that of the reading that counts
            return
        info = self._player.info
        if (
            info is not None
            and info.fingerprint in changes.fingerprints()
            and changes.tables() & {"frame_labels", "range_labels"}
        ):
            self.advance(info.fingerprint, "in review")
        if "procedures" in changes.tables():
            # After all who hear of the change have heard of it
            QTimer.singleShot(0, lambda: self._carry_over(changes))

    def _carry_over(self, changes: Changes) -> None:
        if self._view.can_write:
            self._patients.carry_over(changes)
            self._view.refresh()

    def _on_worklist_shown(self) -> None:
        self._keep_open_one()
        self._view.refresh()
        self._view.look_for_missing()

    def _keep_open_one(self) -> None:
        """How far the analysis of the procedure on screen is."""
        info, timeline = self._player.info, self._analysis.timeline
        classifier = self._analysis.classifier
        if info is None or timeline is None or classifier is None or not timeline.known_count:
            return
        fingerprint, known = info.fingerprint, timeline.known_count
        lines = [entry for entry in self._view.entries if entry.fingerprint == fingerprint]
        if not lines or not self._view.can_write:
            return
        now = (known, classifier.version)
        if any((entry.analysed, entry.model) != now for entry in lines):
            self._written(lambda: self._worklist.keep_progress(fingerprint, *now))
        is_whole = bool(timeline.tried.all())
        ids = [entry.id for entry in lines if entry.wanted]
        if is_whole and ids:
            self._written(lambda: self._worklist.want(ids, wanted=False))
        self.advance(fingerprint, "analysed" if is_whole else "analysing")

    def _written(self, write: Callable[[], object]) -> None:
        try:
            write()
        except AppError as error:
            self._window.banner.show_message(str(error))
        self._view.refresh()
