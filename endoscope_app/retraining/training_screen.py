"""Where a retraining is shown: its dialog while that is open, the window's banner otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from endoscope_app.base.window_port import WindowPort
from endoscope_app.retraining import wording
from endoscope_app.retraining.plan.learning_plan import LearningPlan
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.plan.training_cost import Cost
from endoscope_app.retraining.run.training_run import RunEnd
from kd_core.schema.events import RunEvent

if TYPE_CHECKING:
    from endoscope_app.retraining.training_dialog import TrainingDialog


class TrainingScreen(QObject):
    """At most one dialog. What only it can show is dropped while none is open."""

    def __init__(self, window: WindowPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.dialog: TrainingDialog | None = None
        self._window = window
        # What the banner says of an interrupted run
        self._standing = ""

    @property
    def choice(self) -> TrainingChoice:
        """What the open dialog's controls say; the defaults without one."""
        return TrainingChoice() if self.dialog is None else self.dialog.choice

    def open(self, plan: LearningPlan) -> TrainingDialog:
        """A new dialog, not shown yet, which is forgotten when it is closed."""
        # Its curves take a third of a second to load
        from endoscope_app.retraining.training_dialog import TrainingDialog

        dialog = self.dialog = TrainingDialog(plan, self._window.as_widget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._forget)
        return dialog

    def bring_to_front(self) -> bool:
        """Whether there is a dialog, which has the keys now."""
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
        return self.dialog is not None

    def show_interrupted(self, sentence: str) -> None:
        """The banner says so until ``withdraw_interrupted``."""
        self._standing = sentence
        self._window.banner.show_standing_message(sentence)

    def withdraw_interrupted(self) -> None:
        """What was said of an interrupted run is true no more."""
        if self.dialog is not None:
            self.dialog.show_offer("")
        if self._standing:
            self._window.banner.withdraw_message(self._standing)
            self._standing = ""

    def show_counting(self) -> None:
        """The labels are being counted."""
        if self.dialog is not None:
            self.dialog.show_counting()

    def show_plan(self, plan: LearningPlan) -> None:
        """What would be learnt."""
        if self.dialog is not None:
            self.dialog.set_plan(plan)

    def show_costs(self, quick: Cost | None, thorough: Cost | None) -> None:
        """What a run takes here."""
        if self.dialog is not None:
            self.dialog.show_costs(quick, thorough)

    def show_running(self, events: Sequence[RunEvent] = ()) -> None:
        """A run is at work, of which these ``events`` are past."""
        if self.dialog is not None:
            self.dialog.show_running()
            for event in events:
                self.dialog.take(event)

    def take(self, event: RunEvent) -> None:
        """What the run says."""
        if self.dialog is not None:
            self.dialog.take(event)

    def show_note(self, sentence: str) -> None:
        """What stays true of the run."""
        if self.dialog is not None:
            self.dialog.show_note(sentence)

    def add_log_line(self, line: str) -> None:
        """What the trainer writes."""
        if self.dialog is not None:
            self.dialog.add_log_line(line)

    def show_silence(self, sentence: str) -> None:
        """Nothing was heard for long."""
        if self.dialog is not None:
            self.dialog.show_silence(sentence)
        else:
            self._window.banner.show_message(sentence)

    def show_end(self, end: RunEnd) -> bool:
        """How the run ended. Whether the dialog shows it, and not only the banner."""
        if self.dialog is not None:
            self.dialog.show_end(end)
        else:
            self._window.banner.show_message(wording.end_message(end.sentence))
        return self.dialog is not None

    def show_refusal(self, sentence: str) -> None:
        """Why something was not done."""
        if self.dialog is not None:
            self.dialog.show_refusal(sentence)
        else:
            self._window.banner.show_message(sentence)

    def _forget(self) -> None:
        self.dialog = None
