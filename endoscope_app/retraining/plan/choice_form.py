"""How to retrain: quick or thorough, and behind a fold what most readers leave alone."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label
from endoscope_app.retraining.fold import Fold
from endoscope_app.retraining.plan import wording
from endoscope_app.retraining.plan.advanced_form import AdvancedForm
from endoscope_app.retraining.plan.learning_plan import LearningPlan
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.plan.training_cost import Cost


class ChoiceForm(QWidget):
    """``changed`` with every choice; ``problems`` are shown beside their fields."""

    changed = Signal()
    resized = Signal()  # the fold was opened or closed
    held_out_changed = Signal(object)  # fingerprints of the procedures to keep for checking

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        how = plain_label(wording.HOW_IT_LEARNS, self)
        how.setWordWrap(True)
        how.setProperty("role", "muted")
        self._time_group = QButtonGroup(self)
        self._quick, self._thorough = QRadioButton(self), QRadioButton(self)
        self._advanced = AdvancedForm(self)
        self._fold = Fold(wording.ADVANCED, self._advanced, self)
        times = QHBoxLayout()
        times.setSpacing(18)
        for button in (self._quick, self._thorough):
            self._time_group.addButton(button)
            times.addWidget(button)
        times.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(times)
        column.addWidget(how)
        column.addWidget(self._fold)
        self._quick.setChecked(True)
        self._refusals: tuple[str, ...] = ()
        self.show_costs(None, None)
        self._time_group.buttonToggled.connect(self._on_changed)
        self._advanced.changed.connect(self._on_changed)
        self._advanced.held_out_changed.connect(self._on_held_out)
        self._fold.toggled.connect(self.resized)

    @property
    def choice(self) -> TrainingChoice:
        """What the controls say now."""
        return self._advanced.choice(thorough=self._thorough.isChecked())

    def problems(self) -> dict[str, str]:
        """Sentence by field; empty where the run can start."""
        problems = self.choice.problems()
        if self._refusals:
            problems["held_out"] = " ".join(self._refusals)
        return problems

    def set_plan(self, plan: LearningPlan) -> None:
        """Reference models, procedures and costs of a plan."""
        self._refusals = plan.refusals
        self._advanced.set_teachers(plan.teachers)
        self._advanced.set_procedures(plan.procedures)
        self.show_costs(plan.quick, plan.thorough)
        self._on_changed()

    def show_costs(self, quick: Cost | None, thorough: Cost | None) -> None:
        """What each takes on this machine; None while that is measured."""
        self._quick.setText(f"{wording.QUICK} ({_text(quick)})")
        self._thorough.setText(f"{wording.THOROUGH} ({_text(thorough)})")

    def set_brief(self, is_brief: bool) -> None:
        """Schemes by their names alone, to make room."""
        self._advanced.set_brief(is_brief)
        # a height that changed inside is known outside only once each layout between was asked
        self._fold.fit()

    @property
    def is_advanced(self) -> bool:
        """Whether the fold is open."""
        return self._fold.is_open

    def take_focus(self) -> None:
        """Keys go to the chosen duration."""
        (self._thorough if self._thorough.isChecked() else self._quick).setFocus()

    def show_held_out(self) -> None:
        """Unfold the rest and give the keys to the list of what is kept for checking."""
        self._fold.set_open(True)
        self._advanced.show_held_out()

    def _on_held_out(self) -> None:
        self.held_out_changed.emit(self.choice.held_out)

    def _on_changed(self) -> None:
        # a group has no button checked for a moment while one takes over from the other
        if self._time_group.checkedButton() is not None:
            self._advanced.show_problems(self.problems())
            self.changed.emit()


def _text(cost: Cost | None) -> str:
    return wording.MEASURING if cost is None else wording.cost_text(cost.seconds, cost.megabytes)
