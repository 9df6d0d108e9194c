"""The worklist in step with what the reader does: opening, labelling, adding, going on to the next
procedure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.base.errors import AppError
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.library.records import Changes
from endoscope_app.media.folder_notes import NestedFolders
from endoscope_app.media.opening import OpeningStopped
from endoscope_app.media.source import SourceInfo
from endoscope_app.viewing.commands import OPEN_DEMO, OPEN_FILE, OPEN_FOLDER
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.viewing.recent import RecentFiles
from endoscope_app.worklist import wording
from endoscope_app.worklist.analysis_queue import AnalysisQueue
from endoscope_app.worklist.commands import (
    ADD_FOLDER,
    CONTINUE,
    NEXT_PROCEDURE,
    PREVIOUS_PROCEDURE,
)
from endoscope_app.worklist.entry import Entry, State, is_further
from endoscope_app.worklist.entry_lines import Group, Order, Sight, groups, in_order
from endoscope_app.worklist.page_switch import PageSwitch
from endoscope_app.worklist.patient_naming import PatientNaming
from endoscope_app.worklist.procedure_walk import neighbour
from endoscope_app.worklist.worklist_page import WorklistPage
from endoscope_app.worklist.worklist_store import WorklistStore


class WorklistFlow(QObject):
    """Reads the worklist after every change of it, shows it, and lets the queue look at it."""

    def __init__(
        self,
        window: WindowPort,
        page: WorklistPage,
        switch: PageSwitch,
        worklist: WorklistStore,
        queue: AnalysisQueue,
        patients: PatientNaming,
        *,
        player: ProcedurePlayer,
        recent: RecentFiles,
        session: LabelSession,
        analysis: ProcedureAnalysis,
    ) -> None:
        super().__init__(window.as_widget())
        self._window, self._page, self._switch = window, page, switch
        self._worklist, self._queue, self._patients = worklist, queue, patients
        self._player, self._recent, self._analysis = player, recent, analysis
        self.entries: list[Entry] = []
        self._groups: list[Group] = []
        self._sight = Sight()
        self._asked: Path | None = None  # is being opened
        self._session = session
        self._is_open = False
        self._connect(session)

    def _connect(self, session: LabelSession) -> None:
        window, page, queue = self._window, self._page, self._queue
        session.changed.connect(self._on_labelled)
        self._player.opened.connect(self._on_opened)
        self._player.refused.connect(self._on_refused)
        self._player.playing_changed.connect(queue.give_way)
        self._analysis.finished.connect(self._keep_open_one)
        self._switch.worklist_shown.connect(self._on_worklist_shown)
        self._patients.named.connect(self.refresh)
        queue.changed.connect(self.refresh)
        queue.progressed.connect(self._show_queue)
        queue.failed.connect(window.banner.show_message)
        page.search_changed.connect(self._on_search)
        page.table.order_requested.connect(self._on_order)
        page.table.open_requested.connect(self._open_line)
        page.table.selection_changed.connect(self._show_chosen)
        page.entry_bar.open_requested.connect(self._on_open)
        page.entry_bar.patient_named.connect(
            lambda patient: self._patients.name(self._chosen(), patient)
        )
        page.entry_bar.analysis_requested.connect(self._on_analysis)
        page.queue_bar.pause_requested.connect(
            lambda paused: self._written(lambda: self._queue.pause(paused))
        )
        page.queue_bar.cancel_requested.connect(lambda: self._written(self._queue.cancel))
        for command, step in ((NEXT_PROCEDURE, 1), (PREVIOUS_PROCEDURE, -1)):
            window.action(command).triggered.connect(lambda _=False, step=step: self._step(step))
        window.action(CONTINUE).triggered.connect(self._on_continue)
        for button, command in (
            (page.continue_button, CONTINUE),
            (page.video_button, OPEN_FILE),
            (page.stills_button, OPEN_FOLDER),
            (page.folder_button, ADD_FOLDER),
            (page.demo_button, OPEN_DEMO),
        ):
            button.clicked.connect(window.action(command).trigger)

    def open(self) -> None:
        """The library has been opened: show what is in it."""
        self._is_open = True
        self.refresh()
        if self._switch.is_worklist and self._page.table.isVisible():
            self._page.table.setFocus()

    def close(self) -> None:
        """The library goes: look at it no more."""
        self._is_open = False

    def advance(self, fingerprint: str, state: State) -> None:
        """An act of the reader, or the end of an analysis, led this procedure to ``state``; one
        that is as far already stays as it is.
        """
        known = [entry for entry in self.entries if entry.fingerprint == fingerprint]
        if any(is_further(state, entry.state) for entry in known):
            self._written(lambda: self._worklist.advance(fingerprint, state))
            self.refresh()

    def refresh(self) -> None:
        """Read the worklist again, show it, and let the queue look."""
        if not self._is_open:
            return
        self.entries = self._worklist.entries()
        self._show()
        self._queue.look(self.entries)
        self._show_queue()

    def _show(self) -> None:
        self._groups = groups(self.entries, self._sight)
        hint = wording.EMPTY if not self.entries else ""
        self._page.show_hint(hint or ("" if self._groups else wording.NOTHING_FOUND))
        self._page.table.show_groups(self._groups)
        first = next(iter(in_order(self._groups)), None)
        if first is not None and self._page.table.current() is None:
            self._page.table.choose(first.id)
        last = next(iter(self._recent.entries()), None)
        self._page.show_continue(last.path.name if last is not None else "")

    def _show_queue(self) -> None:
        state = self._queue.state()
        done = sum(is_further(entry.state, "analysing") for entry in self.entries)
        self._page.queue_bar.show_state(state, done)
        running = next((entry for entry in self.entries if entry.id == state.running), None)
        if running is not None:
            text = wording.running(state.share, state.seconds_left, running.state)
            self._page.table.show_running(running.id, text, state.share)

    def _show_chosen(self) -> None:
        self._page.entry_bar.show_chosen(self._chosen())

    def _chosen(self) -> list[Entry]:
        chosen = set(self._page.table.chosen())
        return [entry for entry in self.entries if entry.id in chosen]

    def _on_search(self, text: str) -> None:
        self._sight = replace(self._sight, search=text)
        self._show()

    def _on_order(self, order: Order, descending: bool) -> None:
        self._sight = replace(self._sight, order=order, descending=descending)
        self._show()

    def _on_open(self) -> None:
        chosen = self._page.table.chosen()
        if chosen:
            self._open_line(chosen[0])

    def _on_analysis(self, wanted: bool) -> None:
        chosen = self._page.table.chosen()
        self._written(lambda: self._worklist.want(chosen, wanted=wanted))
        self.refresh()

    def _open_line(self, line: int) -> None:
        entry = next((entry for entry in self.entries if entry.id == line), None)
        if entry is None:
            return
        info = self._player.info
        if info is not None and info.path.absolute() == entry.path:
            self._switch.show_procedure()
            return
        self._page.table.choose(line)
        self._asked = entry.path
        self._player.open(entry.path)

    def _step(self, by: int) -> None:
        shown = in_order(self._groups)
        there = neighbour(shown, self._here(), by)
        if there is not None:
            self._open_line(there.id)
        elif not any(not entry.trouble for entry in shown):
            self._window.banner.show_remark(wording.NO_PROCEDURES)
        else:
            end = wording.LAST_PROCEDURE if by > 0 else wording.FIRST_PROCEDURE
            self._window.banner.show_remark(end)

    def _here(self) -> int | None:
        """Id of the line from which one goes on: what is being opened, else what is open."""
        info = self._player.info
        path = self._asked or (None if info is None else info.path.absolute())
        return next((entry.id for entry in self.entries if entry.path == path), None)

    def _on_continue(self) -> None:
        last = next(iter(self._recent.entries()), None)
        if self._player.info is not None:
            self._switch.show_procedure()
        elif last is not None:
            self._player.open(last.path)

    def _on_opened(self, _generation: int, info: SourceInfo) -> None:
        self._asked = None
        if self._is_open and not self._worklist.read_only_because:
            self._written(lambda: self._worklist.note(info))
        self.refresh()
        here = self._here()
        if here is not None:
            self._page.table.choose(here)

    def _on_refused(self, path: Path, error: AppError) -> None:
        if not isinstance(error, OpeningStopped | NestedFolders) and self._is_open:
            known = any(entry.path == path.absolute() for entry in self.entries)
            if known and not self._worklist.read_only_because:
                self._written(lambda: self._worklist.refuse(path, str(error)))
                self.refresh()
                # The next one is meant by Ctrl+Page Down then, not this one again
                return
        self._asked = None

    def _on_labelled(self, changes: Changes) -> None:
        info = self._player.info
        if (
            info is not None
            and info.fingerprint in changes.fingerprints()
            and changes.tables() & {"frame_labels", "range_labels"}
        ):
            self.advance(info.fingerprint, "in review")
        if "procedures" in changes.tables():
            # After all who hear of the change have heard of it
            QTimer.singleShot(0, lambda: self._patients.carry_over(changes))
            self.refresh()

    def _on_worklist_shown(self) -> None:
        self._keep_open_one()
        self.refresh()

    def _keep_open_one(self) -> None:
        """How far the analysis of the procedure on screen is."""
        info, timeline, classifier = (
            self._player.info,
            self._analysis.timeline,
            self._analysis.classifier,
        )
        if info is None or timeline is None or classifier is None or not timeline.known_count:
            return
        fingerprint, known = info.fingerprint, timeline.known_count
        lines = [entry for entry in self.entries if entry.fingerprint == fingerprint]
        if not lines or self._worklist.read_only_because:
            return
        if any((entry.analysed, entry.model) != (known, classifier.version) for entry in lines):
            self._written(
                lambda: self._worklist.keep_progress(fingerprint, known, classifier.version)
            )
        if timeline.tried.all():
            if any(entry.wanted for entry in lines):
                ids = [entry.id for entry in lines]
                self._written(lambda: self._worklist.want(ids, wanted=False))
            self.advance(fingerprint, "analysed")
        else:
            self.advance(fingerprint, "analysing")
        self.refresh()

    def _written(self, write: Callable[[], object]) -> None:
        try:
            write()
        except AppError as error:
            self._window.banner.show_message(str(error))
