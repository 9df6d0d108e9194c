"""The pseudonym of a procedure: kept in the worklist until the procedure has labels, and in the
library's history from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from endoscope_app.base.errors import AppError
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act, Changes, Procedure
from endoscope_app.second_reading import wording
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.worklist_store import WorklistStore


class PatientNaming(QObject):
    """``named``: a line of the worklist has another patient."""

    named = Signal()

    def __init__(
        self,
        window: WindowPort,
        worklist: WorklistStore,
        session: LabelSession,
        writer: LabelWriter,
    ) -> None:
        super().__init__(window.as_widget())
        self._banner, self._worklist = window.banner, worklist
        self._session, self._writer = session, writer

    def name(self, entries: Sequence[Entry], patient: str) -> None:
        """These are of one patient; an empty pseudonym for not known."""
        if self._session.is_second:
            self._banner.show_message(wording.NOT_WHILE_BLIND)
            return
        library = self._session.library
        noted = [
            entry.fingerprint
            for entry in entries
            if entry.fingerprint and library.procedure(entry.fingerprint) is not None
        ]
        try:
            self._worklist.name_patient([entry.id for entry in entries], patient)
        except AppError as error:
            self._banner.show_message(str(error))
            return
        if noted:
            self._writer.write(lambda store: edits.set_patient(store.read, noted, patient))
        self.named.emit()

    def carry_over(self, changes: Changes) -> None:
        """Procedures that the library has just noted take the pseudonym of the worklist along; of
        those that it knew, the worklist takes the library's.
        """
        for row in changes.rows:
            if not isinstance(row.after, Procedure):
                continue
            if row.before is None:
                known = self._worklist.patient_before_labels(row.fingerprint)
                if known:
                    self._carry(row.fingerprint, known)
            elif isinstance(row.before, Procedure) and row.before.patient != row.after.patient:
                self._follow(row.fingerprint, row.after.patient)

    def _follow(self, fingerprint: str, patient: str) -> None:
        try:
            self._worklist.follow_patient(fingerprint, patient)
        except AppError as error:
            self._banner.show_message(str(error))

    def _carry(self, fingerprint: str, patient: str) -> None:
        def build(store: LabelStore) -> Act:
            # Undo belongs to the labels: this was said before the first of them
            act = edits.set_patient(store.read, [fingerprint], patient)
            return replace(act, undoable=False, scope="")

        self._writer.write(build)
