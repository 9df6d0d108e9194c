"""Asking for the reader's name: once by itself, before the first act is written, and later by
its command.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt

from endoscope_app.labels.commands import READER
from endoscope_app.labels.label_writer import UNNAMED
from endoscope_app.labels.labelling import Labelling
from endoscope_app.labels.reader_dialog import ReaderDialog
from endoscope_app.shell.main_window import MainWindow


class Naming(QObject):
    """One dialog at a time."""

    def __init__(self, window: MainWindow, labelling: Labelling) -> None:
        super().__init__(window)
        self._window, self._labelling = window, labelling
        self.dialog: ReaderDialog | None = None
        labelling.reader_wanted.connect(lambda: self._ask(first_time=True))
        window.action(READER).triggered.connect(self._on_command)

    def _on_command(self) -> None:
        store = self._labelling.store
        if store is None or store.read_only_because:
            self._window.show_message(
                store.read_only_because if store else "The label library is not open."
            )
            return
        self._ask(first_time=False)

    def _ask(self, first_time: bool) -> None:
        store = self._labelling.store
        if store is None or self.dialog is not None:
            return
        known = store.reader_name()
        dialog = self.dialog = ReaderDialog(
            "" if known == UNNAMED else known, first_time, self._window
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.answered.connect(self._on_answered)
        dialog.open()

    def _on_answered(self, name: str) -> None:
        self.dialog = None
        self._labelling.name_reader(name)
