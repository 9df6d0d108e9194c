"""Retrain: what would be learnt, how, how it goes, and what came of it.

Closing it leaves the run going; it can be opened again.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.dialog_fitting import fit_height, room_for
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.retraining import wording
from endoscope_app.retraining.plan.choice_form import ChoiceForm
from endoscope_app.retraining.plan.learning_plan import LearningPlan
from endoscope_app.retraining.plan.plan_view import PlanView, WayOut
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.plan.training_cost import Cost
from endoscope_app.retraining.run import wording as run_wording
from endoscope_app.retraining.run.run_view import OfferBar, RunView
from endoscope_app.retraining.run.training_run import RunEnd
from kd_core.schema.events import RunEvent

WIDTH = 930
ROOM_FOR_ALL = 1080
State = Literal["before", "running", "ended"]


class TrainingDialog(QDialog):
    """Plain values in, signals out.

    The flow that holds the process answers them through ``show_`` methods and ``take``.
    """

    start_requested = Signal(object)  # TrainingChoice
    stop_requested = Signal()
    cancel_requested = Signal()
    compare_requested = Signal()
    resume_requested = Signal()
    discard_requested = Signal()
    held_out_changed = Signal(object)  # fingerprints; answer with set_plan
    release_requested = Signal()
    patients_requested = Signal()

    def __init__(self, plan: LearningPlan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(wording.TITLE)
        self._plan = plan
        self._state: State = "before"
        self._can_compare = self._can_resume = False
        self._is_counting = False
        self._offer = OfferBar(self)
        self._plan_view = PlanView(self)
        self._form = ChoiceForm(self)
        self._run = RunView(self)
        self._note = plain_label(parent=self)
        self._note.setWordWrap(True)
        self._note.setAccessibleName(wording.NOTE_NAME)
        self._way_out = WayOut(self)
        self._start = QPushButton(wording.START, self)
        self._stop = QPushButton(wording.STOP, self)
        self._stop.setToolTip(plain_tip(wording.STOP_TIP))
        self._cancel = QPushButton(wording.CANCEL, self)
        self._cancel.setToolTip(plain_tip(wording.CANCEL_TIP))
        self._compare = QPushButton(wording.COMPARE, self)
        self._resume = QPushButton(run_wording.RESUME, self)
        self._resume.setToolTip(plain_tip(run_wording.RESUME_TIP))
        self._close = QPushButton(wording.CLOSE, self)
        self._lay_out()
        self._connect()
        self.set_plan(plan)

    @property
    def choice(self) -> TrainingChoice:
        """What the controls say now."""
        return self._form.choice

    @property
    def form(self) -> ChoiceForm:
        """The choices."""
        return self._form

    @property
    def state(self) -> State:
        """Before, while or after a run."""
        return self._state

    def set_plan(self, plan: LearningPlan) -> None:
        """What would be learnt, as it is now; the choices stay where they can."""
        self._plan, self._is_counting = plan, False
        self._plan_view.set_plan(plan)
        self._form.set_plan(plan)
        self._way_out.set_plan(plan)
        self._set_state(self._state)

    def show_counting(self) -> None:
        """The plan is being made, and nothing starts before.

        ``set_plan`` or ``show_refusal`` follows.
        """
        self._is_counting = True
        self._tell()

    def show_costs(self, quick: Cost | None, thorough: Cost | None) -> None:
        """What it takes, once that is measured."""
        self._form.show_costs(quick, thorough)

    def show_offer(self, sentence: str, can_resume: bool = False) -> None:
        """A run that was interrupted, before another is begun; '' takes the offer back."""
        self._offer.offer(sentence, can_resume)
        self._set_state(self._state)

    def show_last(self) -> None:
        """There is a new model of an earlier run, which can be compared again."""
        self._can_compare = True
        self._set_state(self._state)

    def show_running(self) -> None:
        """A run has begun, or is at work already; its events follow through ``take``."""
        self._run.begin()
        self._can_compare = self._can_resume = False
        self._set_state("running")

    def take(self, event: RunEvent) -> None:
        """What the run says, from its beginning."""
        self._run.take(event)

    def add_log_line(self, line: str) -> None:
        """A line for the log."""
        self._run.add_log_line(line)

    def show_note(self, sentence: str) -> None:
        """What stays true of this run."""
        self._run.show_note(sentence)
        self._fit()

    def show_silence(self, sentence: str) -> None:
        """Nothing was heard for long."""
        self._run.show_silence(sentence)
        self._fit()

    def show_end(self, end: RunEnd) -> None:
        """How the run ended."""
        self._run.show_end(end.sentence, problem=end.outcome == "failed")
        self._can_compare, self._can_resume = end.can_compare, end.can_resume
        self._set_state("ended")

    def show_refusal(self, sentence: str) -> None:
        """The run could not be begun, or the plan not be made."""
        self._is_counting = False
        self._set_state("before")
        self._say(sentence, "danger")

    def shown_text(self) -> str:
        """Every sentence that is shown now; tables and fields are none."""
        is_before = self._state == "before"
        shown = self._plan_view.shown_text() if is_before else self._run.shown_text()
        return "\n".join((self._offer.shown_text(), shown, self._note.text()))

    def _connect(self) -> None:
        self._form.changed.connect(self._tell)
        self._form.resized.connect(self._make_room)
        self._run.resized.connect(self._fit)
        self._start.clicked.connect(self._on_start)
        self._stop.clicked.connect(self._on_stop)
        self._cancel.clicked.connect(self._on_cancel)
        self._compare.clicked.connect(self.compare_requested)
        self._close.clicked.connect(self.reject)
        self._resume.clicked.connect(self.resume_requested)
        self._offer.resume_requested.connect(self.resume_requested)
        self._offer.discard_requested.connect(self.discard_requested)
        self._form.held_out_changed.connect(self.held_out_changed)
        self._plan_view.patients_requested.connect(self.patients_requested)
        self._way_out.release_requested.connect(self.release_requested)
        self._way_out.choice_requested.connect(self._form.show_held_out)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._cancel)
        buttons.addStretch(1)
        for button in (self._close, self._stop, self._compare, self._resume, self._start):
            buttons.addWidget(button)
        for button in (self._cancel, self._close, self._stop):
            button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(14)
        layout.addWidget(self._offer)
        layout.addWidget(self._plan_view)
        layout.addWidget(self._form)
        layout.addWidget(self._run, 1)
        layout.addWidget(self._note)
        layout.addWidget(self._way_out)
        layout.addLayout(buttons)
        self.setFixedWidth(min(WIDTH, room_for(self).width()))

    def _set_state(self, state: State) -> None:
        self._state = state
        for widget in (self._plan_view, self._form, self._start):
            widget.setVisible(state == "before")
        for widget in (self._stop, self._cancel):
            widget.setVisible(state == "running")
            widget.setEnabled(True)
        self._run.setVisible(state != "before")
        self._way_out.setVisible(state == "before" and self._way_out.has_any)
        self._offer.setVisible(state == "before" and self._offer.has_offer)
        self._compare.setVisible(state != "running" and self._can_compare)
        self._compare.setText(wording.COMPARE_LAST if state == "before" else wording.COMPARE)
        self._resume.setVisible(state == "ended" and self._can_resume)
        firsts = ((self._start, "before"), (self._compare, "ended"))
        for button, when in firsts:
            button.setDefault(state == when and not button.isHidden())
        if state == "ended" and not isinstance(self.focusWidget(), QPlainTextEdit):
            # the keys were Stop's or Cancel's, which are gone, and Close would look like what
            # Return does
            ways_on = (self._compare, self._resume)
            next((button for button in ways_on if not button.isHidden()), self._close).setFocus()
        self._tell()

    def _tell(self) -> None:
        problems = list(self._form.problems().values()) if self._state == "before" else []
        if self._state == "before" and not self._plan.classes:
            problems.insert(0, wording.NOTHING_LABELLED)
        self._start.setEnabled(not problems and not self._is_counting)
        if self._is_counting and self._state == "before":
            self._say(wording.COUNTING, "muted")
        elif problems:
            self._say(problems[0], "danger")
        else:
            self._say("" if self._state == "ended" else wording.KEEPS_RUNNING, "muted")

    def _say(self, text: str, role: str) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text))
        self._note.setProperty("role", role)
        self._note.style().polish(self._note)
        self._fit()

    def _on_start(self) -> None:
        self.start_requested.emit(self.choice)

    def _on_stop(self) -> None:
        self._stop.setEnabled(False)
        self._run.show_state(wording.STOPPING)
        self.stop_requested.emit()

    def _on_cancel(self) -> None:
        self._stop.setEnabled(False)
        self._cancel.setEnabled(False)
        self._run.show_state(wording.CANCELLING)
        self.cancel_requested.emit()

    def _make_room(self) -> None:
        """On a small screen tables and drawings give way to the advanced settings."""
        height = self.screen().availableGeometry().height()
        is_brief = self._form.is_advanced and height < ROOM_FOR_ALL
        self._plan_view.set_brief(is_brief)
        self._form.set_brief(is_brief)
        self._fit()

    def _fit(self) -> None:
        # what was hidden inside a part is known to the dialog's layout only once that part's own
        # has been asked
        for part in (self._offer, self._plan_view, self._form, self._run, self._way_out):
            if (layout := part.layout()) is not None:
                layout.activate()
        fit_height(self)

    def showEvent(self, event: QShowEvent) -> None:
        """As high as its sentences need."""
        super().showEvent(event)
        if self._state == "before":
            self._form.take_focus()
        self._fit()
