"""What can be done with the procedures that are chosen in the worklist."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.worklist import wording
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.patient_suggestion import Suggestion

LONGEST_PSEUDONYM = 80


class EntryBar(QWidget):
    """Nothing is enabled while nothing is chosen."""

    open_requested = Signal()
    patient_named = Signal(str)
    analysis_requested = Signal(bool)  # False: take them out of the queue
    find_requested = Signal()
    remove_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open = QPushButton(wording.OPEN, self)
        self._open.clicked.connect(self.open_requested)
        heading = plain_label(wording.PATIENT, self)
        self._patient = QLineEdit(self)
        self._patient.setObjectName("patient")
        self._patient.setAccessibleName(wording.PATIENT_NAME)
        self._patient.setPlaceholderText(wording.PATIENT_HINT)
        self._patient.setMaxLength(LONGEST_PSEUDONYM)
        self._patient.setMaximumWidth(240)
        self._patient.returnPressed.connect(self._on_named)
        self._suggested = ""
        heading.setBuddy(self._patient)
        self._analyse = QPushButton(wording.ANALYSE, self)
        self._analyse.setToolTip(plain_tip(wording.ANALYSE_TIP))
        self._analyse.clicked.connect(lambda: self.analysis_requested.emit(True))
        self._not_analyse = QPushButton(wording.NOT_ANALYSE, self)
        self._not_analyse.setToolTip(plain_tip(wording.NOT_ANALYSE_TIP))
        self._not_analyse.clicked.connect(lambda: self.analysis_requested.emit(False))
        self._find = QPushButton(wording.FIND, self)
        self._find.setToolTip(plain_tip(wording.FIND_TIP))
        self._find.clicked.connect(self.find_requested)
        self._remove = QPushButton(wording.REMOVE, self)
        self._remove.setToolTip(plain_tip(wording.REMOVE_TIP))
        self._remove.clicked.connect(self.remove_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._open)
        row.addWidget(self._analyse)
        row.addWidget(self._not_analyse)
        row.addWidget(self._find)
        row.addWidget(self._remove)
        row.addStretch(1)
        row.addWidget(heading)
        row.addWidget(self._patient, 1)
        self.show_chosen([])

    def show_chosen(self, chosen: list[Entry]) -> None:
        """What can be done with these."""
        self._open.setEnabled(len(chosen) == 1)
        self._find.setEnabled(
            len(chosen) == 1 and (chosen[0].is_missing or bool(chosen[0].parts_away))
        )
        self._remove.setEnabled(bool(chosen))
        self._patient.setEnabled(bool(chosen))
        self._analyse.setEnabled(any(not entry.wanted for entry in chosen))
        self._not_analyse.setEnabled(any(entry.wanted for entry in chosen))
        patients = {entry.patient for entry in chosen}
        if not self._patient.isModified() or not self._patient.hasFocus():
            self._patient.setText(patients.pop() if len(patients) == 1 else "")
        if any(entry.patient for entry in chosen):
            self.suggest(None)

    def suggest(self, found: Suggestion | None) -> None:
        """Enter in the empty field takes this pseudonym; None for none."""
        self._suggested = "" if found is None else found.pseudonym
        hint = wording.PATIENT_HINT
        tip = ""
        if found is not None:
            hint = wording.suggested(found.pseudonym, is_new=not found.like)
            tip = wording.names_a_patient(found.pseudonym, found.like)
        self._patient.setPlaceholderText(hint)
        self._patient.setToolTip(plain_tip(tip))
        self._patient.setAccessibleDescription(tip)

    def _on_named(self) -> None:
        typed = " ".join(self._patient.text().split())
        self.patient_named.emit(typed or self._suggested)
