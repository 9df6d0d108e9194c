"""Looking for label errors: which labels, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.key_claim import LABELS_GO_ON
from endoscope_app.base.running_dialog import RunningDialog, muted

ABOUT = (
    "Looks for labels that the model and every one of its {teachers} contradict with confidence:"
    " slips of a finger, more often than errors of all models at once. Labelled frames are looked"
    " at, and of ranges the frames that training would take."
)
HIDDEN = (
    "Your reader mode hides the model. What the models say of the frames that are found is shown"
    " all the same, because you ask for it; the journal notes \u201con request\u201d for a label"
    " that you change there."
)


class LabelErrorsDialog(RunningDialog):
    """``requested`` carries whether all procedures are meant; progress and the end come back
    through ``show_`` methods.
    """

    requested = Signal(bool)
    procedure_chosen = Signal(str)  # fingerprint

    def __init__(
        self, teachers: int, here: bool, hidden: bool, parent: QWidget | None = None
    ) -> None:
        """``here``: whether a procedure is open; ``hidden``: whether the reader mode hides the
        model.
        """
        super().__init__("the search", "Find", parent)
        self.setWindowTitle("Find label errors")
        self._here_possible = here
        count = "teacher" if teachers == 1 else f"{teachers} teachers"
        about = muted(ABOUT.format(teachers=count), "About this search", self)
        self._hidden = muted(HIDDEN, "What is shown", self)
        self._hidden.setVisible(hidden)
        self._here = QRadioButton("In this procedure", self)
        self._all = QRadioButton("In all labelled procedures", self)
        (self._here if here else self._all).setChecked(True)
        self._found = QListWidget(self)
        self._found.setAccessibleName("Procedures with suspect labels")
        self._found.setMaximumHeight(140)
        self._found.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(12)
        for widget in (
            about,
            self._here,
            self._all,
            self._hidden,
            self._progress,
            self._state,
            self._found,
        ):
            column.addWidget(widget)
        column.addStretch(1)
        column.addLayout(self._buttons())
        self.setFixedWidth(560)
        self._go.clicked.connect(lambda: self.requested.emit(self._all.isChecked()))
        self._found.itemActivated.connect(self._on_item)
        self._found.itemClicked.connect(self._on_item)
        self._set_running(False)

    def show_progress(self, step: str, done: int, total: int, left: str = "") -> None:
        """``step`` says what is being done; a total of 0 means that nobody knows how much there
        is; ``left`` says how long it takes.
        """
        self._found.hide()
        self.setProperty(LABELS_GO_ON, False)
        count = f" {done:,} of {total:,}" if total else ""
        self._show_step(done, total, f"{step}{count}{f', {left}' if left else ''}")

    def show_end(
        self,
        sentence: str,
        procedures: Sequence[tuple[str, str]] = (),
        *,
        problem: bool = False,
        found: bool = False,
    ) -> None:
        """It has ended, in words; ``procedures``: (fingerprint, text) to choose from.

        ``found``: the review list shows suspect labels, which are mended by keys while this stays
        open.
        """
        self.setProperty(LABELS_GO_ON, found)
        self._set_running(False)
        self._found.clear()
        for fingerprint, text in procedures:
            item = QListWidgetItem(text, self._found)
            item.setData(Qt.ItemDataRole.UserRole, fingerprint)
        self._found.setVisible(bool(procedures))
        self._say(sentence, problem=problem)

    def procedures(self) -> list[str]:
        """The texts to choose from."""
        return [self._found.item(row).text() for row in range(self._found.count())]

    def _on_item(self, item: QListWidgetItem) -> None:
        self.procedure_chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))

    def _enable(self, possible: bool) -> None:
        self._all.setEnabled(possible)
        self._here.setEnabled(possible and self._here_possible)
