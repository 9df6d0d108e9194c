"""Asking for another reader's name, by its command."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt

from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels import wording
from endoscope_app.labels.commands import READER
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.labels.reader_dialog import ReaderDialog


class ReaderName(QObject):
    """One dialog at a time."""

    def __init__(self, window: WindowPort, session: LabelSession, writer: LabelWriter) -> None:
        super().__init__(window.as_widget())
        self._window, self._session, self._writer = window, session, writer
        self.dialog: ReaderDialog | None = None
        window.action(READER).triggered.connect(self._on_command)

    def _on_command(self) -> None:
        if self._session.read_only_because:
            self._window.banner.show_message(self._session.read_only_because)
            return
        if self.dialog is not None:
            return
        known = self._session.main.read.reader_name()
        dialog = self.dialog = ReaderDialog(
            "" if known == wording.UNNAMED else known, self._window.as_widget()
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.answered.connect(self._on_answered)
        dialog.open()

    def _on_answered(self, name: str) -> None:
        self.dialog = None
        self._writer.name_reader(name)
