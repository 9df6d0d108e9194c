"""The pseudonym that the chosen procedures' files suggest, offered in the field for it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QObject

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.window_port import WindowPort
from endoscope_app.media.source import SourceInfo
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.worklist import wording
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.patient_suggestion import PatientMarks, Suggestion, suggested
from endoscope_app.worklist.worklist_page import WorklistPage
from endoscope_app.worklist.worklist_view import WorklistView


class PatientHint(QObject):
    """Files are looked into beside the window's thread; only the last wish is answered."""

    def __init__(
        self,
        window: WindowPort,
        page: WorklistPage,
        view: WorklistView,
        player: ProcedurePlayer,
        taken: Callable[[], Collection[str]],
    ) -> None:
        """``taken``: pseudonyms in the library."""
        super().__init__(window.as_widget())
        self._banner, self._bar, self._view = window.banner, page.entry_bar, view
        self._taken, self._marks = taken, PatientMarks()
        self._tasks = Tasks(self)  # its own: one thread, and a slow drive keeps nobody waiting
        self._lines: list[int] = []
        page.table.selection_changed.connect(self._on_chosen)
        player.opened.connect(self._on_opened)

    def close(self) -> None:
        """Wait for what is under way (only while closing)."""
        self._tasks.close()

    def _on_opened(self, _generation: int, info: SourceInfo) -> None:
        opened = self._view.entry_at(info.path.absolute())
        if opened is not None:
            self._look([opened], self._tell)

    def _on_chosen(self) -> None:
        chosen = self._view.chosen()
        if (lines := [entry.id for entry in chosen]) != self._lines:
            self._bar.suggest(None)
        self._lines = lines

        def show(found: Suggestion | None) -> None:
            if lines == self._lines:
                self._bar.suggest(found)

        self._look(chosen, show)

    def _look(self, chosen: list[Entry], then: Callable[[Suggestion | None], None]) -> None:
        if not chosen or any(entry.patient for entry in chosen):
            return
        entries, taken = list(self._view.entries), set(self._taken())
        self._tasks.run(lambda: suggested(chosen, entries, taken, self._marks), then)

    def _tell(self, found: Suggestion | None) -> None:
        if found is not None:
            self._banner.show_remark(wording.names_a_patient(found.pseudonym, found.like))
