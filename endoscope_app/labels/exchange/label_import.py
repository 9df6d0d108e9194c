"""Labels on their way in: read and compared in the background, shown, written as one act."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.labels.commands import IMPORT_LABELS
from endoscope_app.labels.exchange import import_wording
from endoscope_app.labels.exchange.document import FormatName
from endoscope_app.labels.exchange.import_act import import_act
from endoscope_app.labels.exchange.import_choice import ImportChoice
from endoscope_app.labels.exchange.import_dialog import ImportDialog
from endoscope_app.labels.exchange.import_plan import ImportPlan, with_known_classes
from endoscope_app.labels.exchange.import_preview import show_counts, show_plan
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.labels.library.acts_in_pieces import Written

if TYPE_CHECKING:
    from endoscope_app.labels.exchange.import_work import LargeImport

#: More labels than these are written in the background; fewer are there before a key is let go.
AT_ONCE = 2_000


class LabelImport(QObject):
    """One import at a time. Nothing is written before the reader has seen what would be."""

    progressed = Signal(int, int)

    def __init__(
        self,
        desk: LabelDesk,
        writer: LabelWriter,
        files: FileQuestion,
        library: Path,
    ) -> None:
        """``library``: the folder of the label library, which the background opens for itself."""
        super().__init__(desk.window.as_widget())
        self.dialog: ImportDialog | None = None
        self.files = files
        self._window, self._player, self._library = desk.window, desk.player, library
        self._session, self._procedure, self._writer = desk.session, desk.procedure, writer
        self._tasks = Tasks(self)
        self._plan: ImportPlan | None = None
        self._asked = 0  # which import the answer from the background is for
        self._stop = threading.Event()
        self.progressed.connect(self._on_progressed)
        desk.window.action(IMPORT_LABELS).triggered.connect(self._on_import)

    def close(self) -> None:
        """Wait for what runs (only while closing)."""
        self._asked += 1
        self._stop.set()
        self._tasks.close()

    def _on_import(self) -> None:
        if self._session.read_only_because:
            self._window.banner.show_message(self._session.read_only_because)
            return
        if self.dialog is not None and self.dialog.writes:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        parent = self._window.as_widget()
        path = self.files.open_file(
            parent, import_wording.IMPORT_QUESTION, import_wording.IMPORT_PATTERN
        )
        if path is None:
            return
        if self.dialog is not None:
            self.dialog.reject()
        dialog = self.dialog = ImportDialog(path.name, parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.choice_changed.connect(self._count)
        dialog.import_requested.connect(self._on_requested)
        dialog.finished.connect(self._forget_dialog)
        dialog.show()
        self._read(path)

    def _read(self, path: Path) -> None:
        self._asked += 1
        asked, info, player = self._asked, self._player.info, self._player
        stop = self._stop = threading.Event()
        # nothing while it is open whether this is the procedure that was labelled
        opened = self._procedure.noted if self._procedure.fingerprint else None
        stamps = {} if info is None else {info.fingerprint: player.stamps}
        # Readers of every format, which the window does without
        from endoscope_app.labels.exchange.import_work import ImportWork

        work = ImportWork(path, self._library, player.deinterlace, opened, stamps)
        self._tasks.run(
            lambda: work.run(stop.is_set),
            lambda result: self._on_read(asked, *result),
            lambda error: self._on_failed(asked, error),
        )

    def _on_read(self, asked: int, plan: ImportPlan, name: FormatName) -> None:
        dialog = self.dialog
        if asked != self._asked or dialog is None:
            return
        self._plan = plan
        classes = self._session.panel_classes()
        show_plan(
            dialog, plan, name, classes, offer=self._offer(plan), use_open=plan.choice.use_open
        )
        self._count(dialog.choice)

    def _offer(self, plan: ImportPlan) -> str:
        """What the box for the open procedure says; empty where there is nothing to ask."""
        info = self._player.info
        if plan.offered is None or info is None:
            return ""
        return import_wording.for_the_open_procedure(
            info.path.name, is_named=not plan.choice.use_open
        )

    def _on_failed(self, asked: int, error: AppError) -> None:
        if asked == self._asked and self.dialog is not None:
            self.dialog.show_state(str(error), problem=True)

    def _count(self, choice: ImportChoice) -> None:
        if self._plan is not None and self.dialog is not None:
            show_counts(self.dialog, self._plan, with_known_classes(self._plan, choice))

    def _on_requested(self, choice: ImportChoice) -> None:
        plan, dialog = self._plan, self.dialog
        if plan is None or dialog is None:
            return
        whole = with_known_classes(plan, choice)
        if plan.counts(whole).written(whole) > AT_ONCE and not self._session.is_second:
            from endoscope_app.labels.exchange.import_work import LargeImport

            self._write_many(LargeImport(self._library, plan, whole, self._writer.context()))
            return
        problems: list[AppError] = []

        def failed(error: AppError) -> None:
            problems.append(error)
            if self.dialog is dialog:
                dialog.show_state(str(error), problem=True)
            else:
                self._window.banner.show_message(str(error))

        self._writer.write(lambda store: import_act(plan, whole, store), failed=failed)
        if not problems:
            dialog.accept()

    def _write_many(self, work: LargeImport) -> None:
        stop, dialog = self._stop, self.dialog
        assert dialog is not None
        dialog.stop_requested.connect(stop.set)
        dialog.show_progress(0, 0)
        self._session.main.rest(AppError(*import_wording.RESTS))
        self._tasks.run(
            lambda: work.run(self.progressed.emit, stop.is_set),
            self._on_written,
            self._on_not_written,
        )

    def _on_progressed(self, done: int, total: int) -> None:
        if self.dialog is not None:
            self.dialog.show_progress(done, total)

    def _on_written(self, written: Written) -> None:
        self._session.main.rest(None)
        self._session.announce(written.changes)
        if self.dialog is None:
            return
        if written.problem is not None:
            sentence = import_wording.failed_at(written.done, written.total, str(written.problem))
            self.dialog.show_end(sentence, problem=True)
        elif written.done < written.total:
            self.dialog.show_end(import_wording.stopped_at(written.done, written.total))
        else:
            self.dialog.show_end("")
            self.dialog.accept()

    def _on_not_written(self, error: AppError) -> None:
        self._session.main.rest(None)
        if self.dialog is not None:
            self.dialog.show_end(str(error), problem=True)
        else:
            self._window.banner.show_message(str(error))

    def _forget_dialog(self) -> None:
        self.dialog, self._plan = None, None
        self._asked += 1
        self._stop.set()
