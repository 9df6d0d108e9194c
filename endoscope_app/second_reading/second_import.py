"""A second reading that comes as a file: previewed, then kept beside the labels that count."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QObject, Qt

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.labels.exchange import import_wording
from endoscope_app.labels.exchange.document import FormatName
from endoscope_app.labels.exchange.import_choice import ImportChoice
from endoscope_app.labels.exchange.import_dialog import ImportDialog
from endoscope_app.labels.exchange.import_plan import ImportPlan
from endoscope_app.labels.exchange.import_preview import show_counts, show_plan
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.records import Context, Procedure
from endoscope_app.second_reading import import_acts, second_library, wording
from endoscope_app.second_reading.begin_dialog import BeginDialog
from endoscope_app.second_reading.blind_reading import why_not_second
from endoscope_app.second_reading.chosen_procedure import WhichProcedure
from endoscope_app.second_reading.commands import IMPORT_SECOND


class SecondImport(QObject):
    """First the name, then the file. Nothing is written before the reader has seen what would be.

    ``naming`` and ``dialog`` while they are open.
    """

    def __init__(
        self, desk: LabelDesk, files: FileQuestion, library: Path, which: WhichProcedure
    ) -> None:
        super().__init__(desk.window.as_widget())
        self.naming: BeginDialog | None = None
        self.dialog: ImportDialog | None = None
        self.files = files
        self._window, self._player, self._session = desk.window, desk.player, desk.session
        self._library, self._which = library, which
        self._tasks = Tasks(self)
        self._plan: ImportPlan | None = None
        self._asked = 0
        self._stop = threading.Event()
        desk.window.action(IMPORT_SECOND).triggered.connect(self._on_command)

    def close(self) -> None:
        """Wait for what runs (only while closing)."""
        self._stop.set()
        self._tasks.close()

    def _on_command(self) -> None:
        chosen, main = self._which(), self._session.main
        if chosen is None or main.read_only_because:
            self._window.banner.show_message(main.read_only_because or wording.NOBODY)
            return
        procedure, known = (
            main.read.procedure(chosen.fingerprint),
            main.read.second_reading(chosen.fingerprint),
        )
        labelled = main.read.is_labelled(chosen.fingerprint)
        if procedure is None or known is not None or not labelled:
            because = wording.NOTHING_LABELLED if known is None else wording.has_one(known.reader)
            self._window.banner.show_message(because)
            return
        first = main.read.labellers(chosen.fingerprint)
        dialog = self.naming = BeginDialog(
            wording.first_reading(first),
            lambda name: why_not_second(name, first),
            asks_model=False,
            title=wording.IMPORT_TITLE,
            note=wording.IMPORT_NAME_NOTE,
            button=wording.IMPORT_BUTTON,
            parent=self._window.as_widget(),
        )
        dialog.begun.connect(lambda name, _: self._choose_file(procedure, name))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _choose_file(self, procedure: Procedure, name: str) -> None:
        self.naming = None
        parent = self._window.as_widget()
        path = self.files.open_file(
            parent, import_wording.IMPORT_QUESTION, import_wording.IMPORT_PATTERN
        )
        if path is None:
            return
        if self.dialog is not None:
            self.dialog.reject()
        dialog = self.dialog = ImportDialog(path.name, parent)
        dialog.setWindowTitle(wording.IMPORT_TITLE)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.choice_changed.connect(self._count)
        dialog.import_requested.connect(lambda choice: self._write(procedure, name, choice))
        dialog.finished.connect(self._forget)
        dialog.show()
        self._read(path, procedure, name)

    def _read(self, path: Path, procedure: Procedure, name: str) -> None:
        self._asked += 1
        asked, info = self._asked, self._player.info
        stop = self._stop = threading.Event()
        is_open = info is not None and info.fingerprint == procedure.fingerprint
        stamps = {procedure.fingerprint: self._player.stamps} if is_open else {}
        main = self._session.main.read
        try:
            with second_library.open_to_write(self._library, main, name) as second:
                # The file is compared with the second reading, of which nothing is there yet
                second.apply(edits.register_procedure(second.read, procedure), _context(name))
        except AppError as error:
            self._on_failed(asked, error)
            return
        folder = self._library / second_library.FOLDER
        # Readers of every format, which the window does without
        from endoscope_app.labels.exchange.import_work import ImportWork

        work = ImportWork(path, folder, self._player.deinterlace, procedure, stamps)
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
        show_plan(dialog, plan, name, classes, offer="", use_open=True)
        self._count(dialog.choice)

    def _count(self, choice: ImportChoice) -> None:
        if self._plan is not None and self.dialog is not None:
            show_counts(self.dialog, self._plan, import_acts.whole_choice(self._plan, choice))

    def _write(self, procedure: Procedure, name: str, choice: ImportChoice) -> None:
        plan, dialog, main = self._plan, self.dialog, self._session.main
        if plan is None or dialog is None:
            return
        try:
            changes = import_acts.write_second(
                main, self._library, procedure.fingerprint, name, plan, choice
            )
        except AppError as error:
            dialog.show_state(str(error), problem=True)
            return
        for change in changes:
            self._session.announce(change)
        dialog.accept()
        self._window.banner.show_message(wording.imported(name))

    def _on_failed(self, asked: int, error: AppError) -> None:
        if asked == self._asked and self.dialog is not None:
            self.dialog.show_state(str(error), problem=True)

    def _forget(self) -> None:
        self.dialog, self._plan = None, None
        self._asked += 1
        self._stop.set()


def _context(name: str) -> Context:
    return Context(name, "hidden")
