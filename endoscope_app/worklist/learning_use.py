"""What procedures may be used for, said in the worklist: kept with its history, undone there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu

from endoscope_app.base.errors import AppError
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import USES_SCOPE, Act, Context, RowChange
from endoscope_app.labels.library.second_reading_records import LearningUse, ProcedureUse
from endoscope_app.labels.wording import UNNAMED
from endoscope_app.second_reading.commands import ADJUDICATE, AGREEMENT, SECOND_READING
from endoscope_app.worklist import wording
from endoscope_app.worklist.commands import USE
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.worklist_table import WorklistTable
from endoscope_app.worklist.worklist_view import WorklistView

Use = LearningUse | Literal[""]


class LearningUses(QObject):
    """``changed``: lines of the worklist may be used for something else now."""

    changed = Signal()

    def __init__(
        self,
        window: WindowPort,
        table: WorklistTable,
        view: WorklistView,
        session: LabelSession,
    ) -> None:
        super().__init__(window.as_widget())
        self.menu: QMenu | None = None
        self._window, self._table, self._view, self._session = window, table, view, session
        window.action(USE).triggered.connect(self._on_command)
        table.menu_requested.connect(self._show_menu)
        table.undo_requested.connect(lambda: self._take_back(undo=True))
        table.redo_requested.connect(lambda: self._take_back(undo=False))

    def _on_command(self) -> None:
        self._show_menu(self._table.place_of_menu())

    def _show_menu(self, place: QPoint) -> None:
        """What the chosen lines may be used for, and what else can be done with them."""
        chosen = self._view.chosen()
        if not chosen:
            self._window.banner.show_remark(wording.NOBODY_CHOSEN)
            return
        menu = self.menu = QMenu(wording.USE_NAME, self._window.as_widget())
        uses = {entry.use for entry in chosen}
        for use, text in wording.USES.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(uses == {use})
            action.triggered.connect(lambda _=False, use=use: self.allow(chosen, use))
        menu.addSeparator()
        for command in (SECOND_READING, AGREEMENT, ADJUDICATE):
            menu.addAction(self._window.action(command))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def allow(self, entries: Sequence[Entry], use: Use) -> None:
        """Let these be used for this only, from the next model on; what a model has learnt from
        cannot be kept for checking, and that is said.
        """
        banner = self._window.banner
        if self._session.main.read_only_because:
            banner.show_message(self._session.main.read_only_because)
            return
        if any(not entry.fingerprint for entry in entries):
            banner.show_message(wording.NOT_KNOWN_YET)
            return
        learnt = [entry.path.name for entry in entries if entry.side == "learnt"]
        if use == "checking" and learnt:
            banner.show_message(f"{', '.join(learnt)}: {wording.ALREADY_LEARNT}")
            return
        names = [entry.path.name for entry in entries]
        main = self._session.main
        act = _act(main, [entry.fingerprint for entry in entries], use, names)
        try:
            changes = main.apply(act, self._context())
        except AppError as error:
            banner.show_message(str(error))
            return
        self._session.announce(changes)
        self.changed.emit()
        undo = (lambda: self._take_back(undo=True)) if changes else None
        banner.show_message(wording.allowed(names, use), undo=undo)

    def _take_back(self, *, undo: bool) -> None:
        main, banner = self._session.main, self._window.banner
        try:
            changes = (main.undo if undo else main.redo)(self._context(), USES_SCOPE)
        except AppError as error:
            banner.show_message(str(error))
            return
        if not changes:
            banner.show_remark(wording.NO_USE_TO_UNDO if undo else wording.NO_USE_TO_REDO)
            return
        self._session.announce(changes)
        self.changed.emit()
        banner.show_remark(wording.use_taken_back(changes.title, undone=undo))

    def _context(self) -> Context:
        return Context(self._session.main.read.reader_name() or UNNAMED, "hidden")


def _act(store: LabelStore, fingerprints: Sequence[str], use: Use, names: Sequence[str]) -> Act:
    """Of the whole patient it is one act with one undo."""
    known = store.read.uses()
    rows = []
    for fingerprint in dict.fromkeys(fingerprints):
        before = known.get(fingerprint)
        rows.append(
            RowChange(
                "procedure_uses",
                fingerprint,
                None if before is None else ProcedureUse(fingerprint, before),
                ProcedureUse(fingerprint, use) if use else None,
            )
        )
    changed = tuple(row for row in rows if row.before != row.after)
    return Act(wording.use_title(names, use), changed, scope=USES_SCOPE)
