"""How a training goes: what it is at, the time left, curves, the log behind a fold, the end.

And the bar above it all that offers a run that was interrupted.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.retraining.fold import Fold
from endoscope_app.retraining.run import wording
from endoscope_app.retraining.run.curve_plot import CurvePlot
from endoscope_app.retraining.wording import figure_name
from kd_core.schema.events import (
    EpochEnded,
    PartStarted,
    RunEnded,
    RunEvent,
    RunProgress,
    RunStarted,
)

LOG_LINES = 2000


class OfferBar(QFrame):
    """A run that was interrupted: resume it, or discard it. Hidden until there is one."""

    resume_requested = Signal()
    discard_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdict")  # the style sheet's raised frame
        self._sentence = plain_label(parent=self)
        self._sentence.setWordWrap(True)
        self._sentence.setAccessibleName(wording.INTERRUPTED_NAME)
        self._resume = QPushButton(wording.RESUME, self)
        self._resume.setToolTip(plain_tip(wording.RESUME_TIP))
        self._discard = QPushButton(wording.DISCARD, self)
        self._discard.setToolTip(plain_tip(wording.DISCARD_TIP))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(10)
        row.addWidget(self._sentence, 1)
        for button in (self._resume, self._discard):
            button.setAutoDefault(False)
            row.addWidget(button)
        self._resume.clicked.connect(self.resume_requested)
        self._discard.clicked.connect(self.discard_requested)
        self.hide()

    @property
    def has_offer(self) -> bool:
        """Whether there is something to offer."""
        return bool(self._sentence.text())

    def offer(self, sentence: str, can_resume: bool) -> None:
        """'' takes the offer back."""
        self._sentence.setText(sentence)
        self._resume.setVisible(can_resume)

    def shown_text(self) -> str:
        """What is offered now; '' where nothing is."""
        return "" if self.isHidden() else self._sentence.text()


class RunView(QWidget):
    """Events in, text and curves out."""

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part, self._epoch, self._epochs = "", 0, 0
        self._state = plain_label(wording.STARTING, self)
        self._state.setAccessibleName(wording.STATE_NAME)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(wording.PROGRESS_NAME)
        self._silence = plain_label(parent=self)
        self._note = plain_label(parent=self)
        self._end = plain_label(parent=self)
        for label, role, name in (
            (self._silence, "banner", "Warning"),
            (self._note, "muted", "Note"),
            (self._end, "heading", wording.END_NAME),
        ):
            label.setWordWrap(True)
            label.setProperty("role", role)
            label.setAccessibleName(name)
        self._curves = CurvePlot(self)
        self._log = QPlainTextEdit(self)
        self._log.setReadOnly(True)
        self._log.setMaximumBlockCount(LOG_LINES)
        self._log.setFixedHeight(130)
        self._log.setAccessibleName(wording.LOG_NAME)
        self._figures = Fold(wording.MORE_FIGURES, self._curves, self)
        self._log_fold = Fold(wording.LOG, self._log, self)
        for fold in (self._figures, self._log_fold):
            fold.toggled.connect(self.resized)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for widget in (self._state, self._bar, self._silence, self._end, self._note):
            column.addWidget(widget)
        column.addWidget(self._figures, 1)
        column.addWidget(self._log_fold)
        self.begin()

    def begin(self) -> None:
        """A new run, of which nothing is known yet."""
        self._part, self._epoch, self._epochs = "", 0, 0
        self._curves.clear()
        self._log.clear()
        for label in (self._end, self._silence, self._note):
            label.hide()
        self._bar.setRange(0, 0)
        self._bar.show()
        self._state.setText(wording.STARTING)
        self._state.show()

    def take(self, event: RunEvent) -> None:
        """Show what happened.

        The events of a run that was resumed come one after the other, whichever start they are of.
        """
        self._silence.hide()
        match event:
            case PartStarted(name):
                self._part = wording.PARTS.get(name, name.capitalize())
                self._bar.setRange(0, 0)
                self._state.setText(f"{self._part}…")
                self.add_log_line(f"{name} …")
            case RunStarted():
                self._epochs = event.epochs
                self.add_log_line(
                    f"{event.samples} images, {len(event.classes)} classes, {event.epochs} epochs"
                )
            case RunProgress(done, total, _) if done >= total:
                # The next part has not said that it began: no time is a guess of it
                self._bar.setRange(0, 0)
                self._state.setText(f"{self._part}…")
            case RunProgress(done, total, left):
                self._bar.setRange(0, max(1, total))
                self._bar.setValue(done)
                self._state.setText(wording.time_left(self._part, self._epoch, self._epochs, left))
            case EpochEnded(epoch, losses, scores):
                self._epoch = epoch
                self._curves.add_epoch(epoch, losses, scores)
                numbers = ", ".join(
                    f"{figure_name(name)} {value:.4f}"
                    for name, value in {**losses, **scores}.items()
                )
                self.add_log_line(f"epoch {epoch}: {numbers}")
            case RunEnded():
                self._bar.setRange(0, 0)
                self._state.setText(wording.COMPARING if event.model_dir else wording.ENDING)
                self.add_log_line(event.sentence)

    def add_log_line(self, line: str) -> None:
        """A line for the log."""
        self._log.appendPlainText(line)

    def show_silence(self, sentence: str) -> None:
        """It may be hanging; the next event takes this back."""
        self._silence.setText(sentence)
        self._silence.show()

    def show_note(self, sentence: str) -> None:
        """What stays true of this run; '' for nothing."""
        self._note.setText(sentence)
        self._note.setVisible(bool(sentence))

    def show_state(self, text: str) -> None:
        """What was asked for and will take its time."""
        self._state.setText(text)
        self._bar.setRange(0, 0)

    def show_end(self, sentence: str, problem: bool) -> None:
        """It has ended, in words."""
        for widget in (self._silence, self._bar, self._state):
            widget.hide()
        self._end.setText(sentence)
        self._end.setProperty("role", "danger" if problem else "heading")
        self._end.style().polish(self._end)
        self._end.show()

    def shown_text(self) -> str:
        """Every sentence that is shown now; the log is not one."""
        return "\n".join(
            label.text()
            for label in (self._state, self._silence, self._end, self._note)
            if not label.isHidden()
        )
