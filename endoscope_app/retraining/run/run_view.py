"""How a training goes: what it is at, the time left, curves, and the log behind a fold; in the
end, the sentence.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label
from endoscope_app.base.wording import loss_words
from endoscope_app.retraining.fold import Fold
from endoscope_app.retraining.run.curve_plot import CurvePlot
from kd_core.schema.events import (
    EpochEnded,
    PartStarted,
    RunEnded,
    RunEvent,
    RunProgress,
    RunStarted,
)

LOG_LINES = 2000
STARTING = "Starting…"
PROVING = "Comparing with the active model…"
PARTS = {
    "asking the teachers": "Asking the teachers",
    "making views": "Preparing the pictures",
    "holding frames of new classes back": "Checking what a new class is recognised by",
    "reading images": "Reading the pictures",
    "training": "Training",
}


class RunView(QWidget):
    """Events in, words and curves out."""

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part, self._epoch, self._epochs = "", 0, 0
        self._state = plain_label(STARTING, self)
        self._state.setAccessibleName("State of the training")
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the training")
        self._hang = plain_label(parent=self)
        self._hang.setWordWrap(True)
        self._hang.setProperty("role", "banner")
        self._hang.setAccessibleName("Warning")
        self._note = plain_label(parent=self)
        self._note.setWordWrap(True)
        self._note.setProperty("role", "muted")
        self._note.setAccessibleName("Note")
        self._end = plain_label(parent=self)
        self._end.setWordWrap(True)
        self._end.setAccessibleName("How the training ended")
        self._curves = CurvePlot(self)
        self._log = QPlainTextEdit(self)
        self._log.setReadOnly(True)
        self._log.setMaximumBlockCount(LOG_LINES)
        self._log.setFixedHeight(130)
        self._log.setAccessibleName("Log of the training")
        self._fold = Fold("Log", self._log, self)
        self._fold.toggled.connect(self.resized)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for widget in (self._state, self._bar, self._hang, self._end, self._note):
            column.addWidget(widget)
        column.addWidget(self._curves, 1)
        column.addWidget(self._fold)
        self.begin()

    def begin(self) -> None:
        """A new run, of which nothing is known yet."""
        self._part, self._epoch, self._epochs = "", 0, 0
        self._curves.clear()
        self._log.clear()
        self._end.hide()
        self._hang.hide()
        self._note.hide()
        self._bar.setRange(0, 0)
        self._bar.show()
        self._state.setText(STARTING)
        self._state.show()

    def take(self, event: RunEvent) -> None:
        """Show what happened.

        The events of a run that was resumed come one after the other, whichever start they are of.
        """
        self._hang.hide()
        match event:
            case PartStarted(name):
                self._part = PARTS.get(name, name.capitalize())
                self._bar.setRange(0, 0)
                self._state.setText(f"{self._part}…")
                self.add_words(f"{self._part.lower()} …")
            case RunStarted():
                self._epochs = event.epochs
                self.add_words(
                    f"{event.samples} pictures, {len(event.classes)} classes, {event.epochs} epochs"
                )
            case RunProgress(done, total, left):
                self._bar.setRange(0, max(1, total))
                self._bar.setValue(done)
                self._tell(left)
            case EpochEnded(epoch, losses, scores):
                self._epoch = epoch
                self._curves.add_epoch(epoch, losses, scores)
                numbers = ", ".join(
                    f"{loss_words(name)} {value:.4f}"
                    for name, value in {**losses, **scores}.items()
                )
                self.add_words(f"epoch {epoch}: {numbers}")
            case RunEnded():
                self._bar.setRange(0, 0)
                self._state.setText(PROVING if event.model_dir else "Ending…")
                self.add_words(event.sentence)

    def add_words(self, line: str) -> None:
        """A line for the log."""
        self._log.appendPlainText(line)

    def show_hang(self, sentence: str) -> None:
        """It may be hanging; the next event takes this back."""
        self._hang.setText(sentence)
        self._hang.show()

    def show_note(self, sentence: str) -> None:
        """What stays true of this run; '' for nothing."""
        self._note.setText(sentence)
        self._note.setVisible(bool(sentence))

    def show_state(self, words: str) -> None:
        """What was asked for and will take its time."""
        self._state.setText(words)
        self._bar.setRange(0, 0)

    def show_end(self, sentence: str, problem: bool) -> None:
        """It has ended, in words."""
        self._hang.hide()
        self._bar.hide()
        self._state.hide()
        self._end.setText(sentence)
        self._end.setProperty("role", "danger" if problem else "heading")
        self._end.style().polish(self._end)
        self._end.show()

    def words(self) -> str:
        """Everything that is said now besides the log, for tests."""
        return "\n".join(
            label.text()
            for label in (self._state, self._hang, self._end, self._note)
            if not label.isHidden()
        )

    def log(self) -> str:
        """The log, for tests."""
        return self._log.toPlainText()

    def _tell(self, seconds: float) -> None:
        epoch = (
            f", epoch {self._epoch + 1} of {self._epochs}"
            if self._epochs and self._epoch < self._epochs
            else ""
        )
        left = f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"
        self._state.setText(f"{self._part}{epoch}, {left} left")
