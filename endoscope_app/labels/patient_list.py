"""Which procedures are of one patient: the table of them, and every change written as an act
that undo takes back.
"""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QObject, Qt, Signal

from endoscope_app.base.errors import AppError
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels import patient_wording
from endoscope_app.labels.commands import PATIENTS
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.patient_groups import suggested_patients
from endoscope_app.labels.library.records import Act, Changes
from endoscope_app.labels.patients_dialog import PatientLine, PatientsDialog


class PatientList(QObject):
    """One window, in step with the library while it is open.

    ``changed``: a procedure has another patient.
    """

    changed = Signal()

    def __init__(self, window: WindowPort, session: LabelSession, writer: LabelWriter) -> None:
        super().__init__(window.as_widget())
        self.dialog: PatientsDialog | None = None
        self._window, self._session, self._writer = window, session, writer
        # Scope and title of what this dialog wrote, for its own undo
        self._acts: list[tuple[str, str]] = []
        window.action(PATIENTS).triggered.connect(self.open)
        session.changed.connect(self._on_changed)

    def open(self) -> None:
        """Show the procedures, or bring them to the front."""
        if self._session.read_only_because:
            self._window.banner.show_message(self._session.read_only_because)
            return
        if self.dialog is None:
            dialog = self.dialog = PatientsDialog(self._window.as_widget())
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.patient_chosen.connect(self._on_chosen)
            dialog.groups_accepted.connect(self._on_accepted)
            dialog.undo_requested.connect(self._on_undo)
            dialog.finished.connect(self._forget_dialog)
            self._acts = []
            self._show()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _show(self) -> None:
        if self.dialog is None:
            return
        library = self._session.library
        labelled, procedures = library.labelled_procedures(), library.procedures()
        suggested = suggested_patients(procedures)
        lines = [
            PatientLine(
                item.fingerprint,
                item.name,
                PurePath(item.path).parent.name,
                _labels(library, item.fingerprint),
                item.patient,
                suggested.get(item.fingerprint, ""),
            )
            for item in sorted(
                procedures,
                key=lambda item: (item.fingerprint not in labelled, item.path, item.name),
            )
        ]
        self.dialog.set_lines(lines, can_undo=bool(self._acts))

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _on_chosen(self, fingerprints: tuple[str, ...], patient: str) -> None:
        def build(store: LabelStore) -> Act:
            act = edits.set_patient(store.read, fingerprints, patient)
            self._acts.append((act.scope, act.title))
            return act

        self._writer.write(build, failed=self._on_failed)

    def _on_accepted(self, groups: dict[str, tuple[str, ...]]) -> None:
        for patient, fingerprints in groups.items():
            self._on_chosen(fingerprints, patient)

    def _on_undo(self) -> None:
        if not self._acts:
            return
        scope, title = self._acts.pop()
        is_last = self._session.library.undo_title(scope) == title
        if not (is_last and self._writer.take_back("undo", scope)) and self.dialog is not None:
            self.dialog.show_problem(patient_wording.LABELLED_SINCE)

    def _on_failed(self, error: AppError) -> None:
        if self._acts:
            self._acts.pop()
        if self.dialog is not None:
            self.dialog.show_problem(str(error))
        else:
            self._window.banner.show_message(str(error))

    def _on_changed(self, changes: Changes) -> None:
        if "procedures" in changes.tables():
            self._show()
            self.changed.emit()


def _labels(library: LabelReader, fingerprint: str) -> int:
    """Labels of a procedure, frames and ranges, as the export counts them."""
    return len(library.label_arrays(fingerprint).pts) + len(library.ranges(fingerprint))
