"""The worklist on its page: read from the library after every change, searched, sorted, and watched
by the queue.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject

from endoscope_app.base.background_task import Tasks
from endoscope_app.viewing.recent import RecentFiles
from endoscope_app.worklist import wording
from endoscope_app.worklist.analysis_queue import AnalysisQueue
from endoscope_app.worklist.entry import Entry, State, is_further
from endoscope_app.worklist.entry_lines import Group, Order, Sight, groups, in_order
from endoscope_app.worklist.entry_marks import Lying, lying, marked, sides
from endoscope_app.worklist.worklist_page import WorklistPage
from endoscope_app.worklist.worklist_store import WorklistStore


class WorklistView(QObject):
    """``entries``: all of it, in the order in which they were added."""

    def __init__(
        self,
        page: WorklistPage,
        worklist: WorklistStore,
        queue: AnalysisQueue,
        recent: RecentFiles,
        tasks: Tasks,
        held_out: Path,
    ) -> None:
        """``held_out``: the file that says what is never learnt from."""
        super().__init__(page)
        self._page, self._worklist, self._queue = page, worklist, queue
        self._recent, self._tasks, self._held_out = recent, tasks, held_out
        self.entries: list[Entry] = []
        self._groups: list[Group] = []
        self._sight = Sight()
        self._lying: dict[Path, Lying] = {}
        self._is_looking = False
        self._is_open = False
        queue.changed.connect(self.refresh)
        queue.progressed.connect(self._show_queue)
        page.search_changed.connect(self._on_search)
        page.state_chosen.connect(self._on_state)
        page.table.order_requested.connect(self._on_order)
        page.table.selection_changed.connect(self._show_chosen)

    def open(self) -> None:
        """The library has been opened: show what is in it."""
        self._is_open = True
        self.refresh()
        self.look_for_missing()
        if self._page.isVisible():
            self._page.take_keyboard()

    def close(self) -> None:
        """The library goes: look at it no more."""
        self._is_open = False

    @property
    def can_write(self) -> bool:
        """Whether what happens can be kept."""
        return self._is_open and not self._worklist.read_only_because

    def shown(self) -> list[Entry]:
        """Those that the reader sees, from the top."""
        return in_order(self._groups)

    def chosen(self) -> list[Entry]:
        """Those that the reader has chosen."""
        chosen = set(self._page.table.chosen())
        return [entry for entry in self.entries if entry.id in chosen]

    def entry_at(self, path: Path | None) -> Entry | None:
        """The line of a file; None where there is none."""
        return next((entry for entry in self.entries if entry.path == path), None)

    def refresh(self) -> None:
        """Read the worklist again, show it, and let the queue look."""
        if not self._is_open:
            return
        entries = self._worklist.entries()
        self.entries = marked(entries, self._lying, sides(self._held_out), self._worklist.uses())
        self._show()
        self._queue.look(self.entries)
        self._show_queue()
        if not self._is_looking and any(entry.path not in self._lying for entry in entries):
            self.look_for_missing()

    def look_for_missing(self) -> None:
        """Which files are gone, and which belong together, is found beside the window's thread:
        drives may be slow.
        """
        self._is_looking = True
        paths = [entry.path for entry in self.entries]
        self._tasks.run(lambda: lying(paths), self._on_lying_known)

    def _on_lying_known(self, known: dict[Path, Lying]) -> None:
        self._is_looking = False
        if known != self._lying:
            self._lying = known
            self.refresh()

    def _show(self) -> None:
        self._groups = groups(self.entries, self._sight)
        hint = wording.EMPTY if not self.entries else ""
        self._page.show_hint(hint or ("" if self._groups else wording.NOTHING_FOUND))
        self._page.table.show_groups(self._groups)
        first = next(iter(self.shown()), None)
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
        self._page.entry_bar.show_chosen(self.chosen())

    def _on_search(self, text: str) -> None:
        self._sight = replace(self._sight, search=text)
        self._show()

    def _on_state(self, state: State | Literal[""]) -> None:
        self._sight = replace(self._sight, state=state or None)
        self._show()

    def _on_order(self, order: Order, descending: bool) -> None:
        self._sight = replace(self._sight, order=order, descending=descending)
        self._show()
