"""A procedure that was labelled before and lies elsewhere now, or has other content than when it was labelled."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox

from endoscope_app.flows.labels.labelling import Labelling
from endoscope_app.flows.labels.writing import procedure_of
from endoscope_app.flows.viewing import Viewing
from endoscope_app.main_window import MainWindow
from endoscope_app.store.labels import edits
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.store.labels.records import Procedure
from endoscope_app.wording import counted


class Procedures(QObject):
    """Looks when a procedure is opened. A moved file is noted silently; a changed one is asked about, once."""

    def __init__(self, window: MainWindow, viewing: Viewing, labelling: Labelling) -> None:
        super().__init__(window)
        self.question: QMessageBox | None = None
        self._window, self._viewing, self._labelling = window, viewing, labelling

    def look(self) -> None:
        """A procedure, or the library, has been opened."""
        info, store = self._viewing.info, self._labelling.store
        if self.question is not None:
            self.question.close()
        if info is None or store is None or store.read_only_because:
            return
        now = procedure_of(info)
        known = store.procedure(info.fingerprint)
        if known is not None:
            if known.path != now.path:
                self._labelling.do(lambda library: edits.register_procedure(library, now), by_reader=False)
            return
        labelled = store.labelled_procedures()
        before = [one for one in store.procedures() if one.path == now.path and one.fingerprint in labelled]
        if before:
            self._ask(store, before[-1], now)

    def _ask(self, store: LabelStore, before: Procedure, now: Procedure) -> None:
        number = len(store.label_arrays(before.fingerprint).pts) + len(store.ranges(before.fingerprint))
        count = counted(number, "label")
        standard = QMessageBox.StandardButton
        buttons = standard.Yes | standard.No | standard.Cancel
        box = QMessageBox(QMessageBox.Icon.NoIcon, "The file has changed", "", buttons, self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"This file has changed since it was labelled ({count}). Carry the labels over?")
        box.setInformativeText(
            "Each label goes to the frame with the same time stamp, which is right where the file was only copied or repackaged. "
            "It can be undone. Otherwise the labels stay with the old content."
        )
        for button, text in ((standard.Yes, "Carry over"), (standard.No, "Leave them"), (standard.Cancel, "Not now")):
            box.button(button).setText(text)
        box.setEscapeButton(standard.Cancel)  # asked again when the file is opened again
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowModality(Qt.WindowModality.NonModal)
        box.button(standard.Yes).clicked.connect(lambda: self._carry(before, now))
        box.button(standard.No).clicked.connect(lambda: self._leave(now))
        box.finished.connect(self._forget_question)
        self.question = box
        box.show()

    def _forget_question(self) -> None:
        self.question = None

    def _carry(self, before: Procedure, now: Procedure) -> None:
        self._labelling.do(lambda library: edits.relink_procedure(library, before.fingerprint, now))

    def _leave(self, now: Procedure) -> None:
        self._labelling.do(lambda library: edits.register_procedure(library, now), by_reader=False)
