"""The agreement of two readers, counted in the background and shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.second_reading import second_library, wording
from endoscope_app.second_reading.agreement import (
    Agreement,
    as_text,
    read_agreement,
    save_csv,
)
from endoscope_app.second_reading.agreement_dialog import AgreementDialog
from endoscope_app.second_reading.chosen_procedure import ChosenProcedure, WhichProcedure
from endoscope_app.second_reading.class_words import shown_names
from endoscope_app.second_reading.commands import AGREEMENT


class AgreementFlow(QObject):
    """``dialog`` while it is open."""

    def __init__(
        self,
        desk: LabelDesk,
        files: FileQuestion,
        library: Path,
        which: WhichProcedure,
        adjudicate: Callable[[ChosenProcedure], None],
    ) -> None:
        """``adjudicate``: leads through what differs in a procedure."""
        super().__init__(desk.window.as_widget())
        self.dialog: AgreementDialog | None = None
        self.files = files
        self._window, self._session = desk.window, desk.session
        self._library, self._which, self._adjudicate = library, which, adjudicate
        self._tasks = Tasks(self)
        self._agreement: Agreement | None = None
        self._asked = 0
        desk.window.action(AGREEMENT).triggered.connect(self._on_command)

    def close(self) -> None:
        """Wait for what runs (only while closing)."""
        self._tasks.close()

    def _on_command(self) -> None:
        chosen = self._which()
        because = why_not_compared(self._session.main, chosen)
        if chosen is None or because:
            self._window.banner.show_message(because)
            return
        if self.dialog is not None:
            self.dialog.reject()
        readings = self._session.main.read.second_readings()
        twice = [key for key, item in readings.items() if item.state == "finished"]
        dialog = self.dialog = AgreementDialog(len(twice), self._window.as_widget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.scope_chosen.connect(
            lambda every: self._count(twice if every else [chosen.fingerprint])
        )
        dialog.copy_requested.connect(self._on_copy)
        dialog.save_requested.connect(self._on_save)
        dialog.adjudicate_requested.connect(lambda: self._on_adjudicate(chosen))
        dialog.finished.connect(self._forget)
        self._count([chosen.fingerprint])
        dialog.show()

    def _count(self, fingerprints: list[str]) -> None:
        self._asked += 1
        asked, library = self._asked, self._library
        self._agreement = None
        if self.dialog is not None:
            self.dialog.show_counting()

        def work() -> Agreement:
            second = second_library.open_to_read(library)
            if second is None:
                raise AppError(wording.NO_SECOND_READING)
            with LabelStore(library) as main, second:
                return read_agreement(main.read, second.read, fingerprints)

        self._tasks.run(work, lambda made: self._show(asked, made), self._on_failed)

    def _show(self, asked: int, agreement: Agreement) -> None:
        if asked == self._asked and self.dialog is not None:
            self._agreement = agreement
            self.dialog.show_agreement(agreement, self._names())

    def _names(self) -> dict[str, str]:
        agreement = self._agreement
        return {} if agreement is None else shown_names(agreement.keys, self._session.names)

    def _on_copy(self) -> None:
        if self._agreement is not None and self.dialog is not None:
            QGuiApplication.clipboard().setText(as_text(self._agreement, self._names()))
            self.dialog.say(wording.COPIED)

    def _on_save(self) -> None:
        agreement, dialog = self._agreement, self.dialog
        if agreement is None or dialog is None:
            return
        path = self.files.save_file(
            dialog, wording.SAVE_TITLE, wording.CSV_NAME, wording.CSV_PATTERN
        )
        if path is None:
            return
        target = path if path.suffix else path.with_suffix(".csv")
        try:
            save_csv(agreement, self._names(), target)
        except AppError as error:
            dialog.say(str(error))
            return
        dialog.say(wording.saved(target.name))

    def _on_adjudicate(self, chosen: ChosenProcedure) -> None:
        if self.dialog is not None:
            self.dialog.accept()
        self._adjudicate(chosen)

    def _on_failed(self, error: AppError) -> None:
        if self.dialog is not None:
            self.dialog.say(str(error))

    def _forget(self) -> None:
        self.dialog, self._agreement = None, None
        self._asked += 1


def why_not_compared(main: LabelStore, chosen: ChosenProcedure | None) -> str:
    """Why two readings of it cannot be compared yet, as a sentence; empty where they can."""
    if chosen is None:
        return wording.NOBODY
    reading = main.read.second_reading(chosen.fingerprint) if chosen.fingerprint else None
    if reading is None:
        return wording.NO_SECOND_READING
    return "" if reading.state == "finished" else wording.not_finished(reading.reader)
