"""Looking for label errors: which labels, how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.dialogs.fitting import fit_height

ABOUT = (
    "Looks for labels that the model and every one of its {teachers} contradict with confidence: slips of a finger, more often than "
    "errors of all models at once. Labelled frames are looked at, and of ranges the frames that training would take."
)
HIDDEN = (
    "Your reader mode hides the model. What the models say of the frames that are found is shown all the same, because you ask for it; "
    "the journal notes \u201con request\u201d for a label that you change there."
)


class LabelErrorsDialog(QDialog):
    """``requested`` carries whether all procedures are meant; progress and the end come back through ``show_`` methods."""

    requested = Signal(bool)
    cancelled = Signal()  # while it runs
    procedure_chosen = Signal(str)  # fingerprint

    def __init__(self, teachers: int, here: bool, hidden: bool, parent: QWidget | None = None) -> None:
        """``here``: whether a procedure is open; ``hidden``: whether the reader mode hides the model."""
        super().__init__(parent)
        self.setWindowTitle("Find label errors")
        self._here_possible = here
        self._running = False
        count = "teacher" if teachers == 1 else f"{teachers} teachers"
        about = _wrapped(ABOUT.format(teachers=count), "About this search", self)
        self._hidden = _wrapped(HIDDEN, "What is shown", self)
        self._hidden.setVisible(hidden)
        self._here = QRadioButton("In this procedure", self)
        self._all = QRadioButton("In all labelled procedures", self)
        (self._here if here else self._all).setChecked(True)
        self._progress = QProgressBar(self)
        self._progress.setAccessibleName("Progress of the search")
        self._progress.setTextVisible(False)
        self._state = QLabel(self)
        self._state.setWordWrap(True)
        self._state.setAccessibleName("State of the search")
        self._found = QListWidget(self)
        self._found.setAccessibleName("Procedures with suspect labels")
        self._found.setMaximumHeight(140)
        self._found.hide()
        self._go = QPushButton("Find", self)
        self._go.setDefault(True)
        self._close = QPushButton("Close", self)
        self._close.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        buttons.addWidget(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(12)
        for widget in (about, self._here, self._all, self._hidden, self._progress, self._state, self._found):
            column.addWidget(widget)
        column.addStretch(1)
        column.addLayout(buttons)
        self.setFixedWidth(560)
        self._go.clicked.connect(lambda: self.requested.emit(self._all.isChecked()))
        self._close.clicked.connect(self.reject)
        self._found.itemActivated.connect(self._on_item)
        self._found.itemClicked.connect(self._on_item)
        self._set_running(False)

    def choose_all(self, everywhere: bool) -> None:
        """As if the reader had chosen it."""
        (self._all if everywhere else self._here).setChecked(True)

    def show_progress(self, step: str, done: int, total: int, left: str = "") -> None:
        """``step`` says what is being done; a total of 0 means that nobody knows how much there is; ``left`` says how long it takes."""
        if not self._running:
            self._found.hide()
            self._set_running(True)
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        count = f" {done:,} of {total:,}" if total else ""
        self._say(f"{step}{count}{f', {left}' if left else ''}")

    def show_end(self, sentence: str, procedures: Sequence[tuple[str, str]] = (), *, problem: bool = False) -> None:
        """It has ended, in words; ``procedures``: (fingerprint, text) to choose from."""
        self._set_running(False)
        self._found.clear()
        for fingerprint, text in procedures:
            item = QListWidgetItem(text, self._found)
            item.setData(Qt.ItemDataRole.UserRole, fingerprint)
        self._found.setVisible(bool(procedures))
        self._say(sentence, "danger" if problem else "")

    def words(self) -> str:
        """What the dialog says at the bottom."""
        return self._state.text()

    def procedures(self) -> list[str]:
        """The texts to choose from."""
        return [self._found.item(row).text() for row in range(self._found.count())]

    @property
    def running(self) -> bool:
        """Whether a search is under way."""
        return self._running

    def reject(self) -> None:
        """Esc stops what runs before it closes."""
        if self._running:
            self.cancelled.emit()
        else:
            super().reject()

    def done(self, result: int) -> None:
        """However it is closed, nobody waits for it any more."""
        if self._running:
            self.cancelled.emit()
        super().done(result)

    def showEvent(self, event: QShowEvent) -> None:
        """As high as its sentences need."""
        super().showEvent(event)
        fit_height(self)

    def _on_item(self, item: QListWidgetItem) -> None:
        self.procedure_chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))

    def _set_running(self, running: bool) -> None:
        self._running = running
        self._progress.setVisible(running)
        self._go.setEnabled(not running)
        self._close.setText("Cancel" if running else "Close")
        self._all.setEnabled(not running)
        self._here.setEnabled(not running and self._here_possible)
        fit_height(self)

    def _say(self, text: str, role: str = "") -> None:
        self._state.setText(text)
        self._state.setProperty("role", role)
        self._state.style().polish(self._state)
        fit_height(self)


def _wrapped(text: str, name: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setWordWrap(True)
    label.setProperty("role", "muted")
    label.setAccessibleName(name)
    return label
