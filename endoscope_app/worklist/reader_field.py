"""Who is labelling, asked on the start page and never in the middle of a label."""

from __future__ import annotations

from PySide6.QtCore import QObject

from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.labels.wording import UNNAMED
from endoscope_app.worklist.page_switch import PageSwitch
from endoscope_app.worklist.worklist_page import WorklistPage


class ReaderField(QObject):
    """The field of the page in step with the library."""

    def __init__(
        self, page: WorklistPage, switch: PageSwitch, session: LabelSession, writer: LabelWriter
    ) -> None:
        super().__init__(page)
        self._page, self._session, self._writer = page, session, writer
        page.reader_named.connect(self._on_named)
        switch.worklist_shown.connect(self.show)

    def show(self) -> None:
        """As the library has it."""
        name = self._session.main.read.reader_name()
        self._page.show_reader("" if name == UNNAMED else name)

    def _on_named(self, name: str) -> None:
        self._writer.name_reader(name)
        self.show()
