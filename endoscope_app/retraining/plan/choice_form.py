"""How to retrain: the scheme with a picture, quick or thorough, and behind a fold what most
readers leave alone.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.retraining.fold import Fold
from endoscope_app.retraining.plan.advanced_form import AdvancedForm
from endoscope_app.retraining.plan.learning_plan import LearningPlan
from endoscope_app.retraining.plan.scheme_picture import SchemePicture
from endoscope_app.retraining.plan.training_choice import DEFAULT_SCHEME, TrainingChoice
from endoscope_app.retraining.plan.training_cost import Cost, in_words

SCHEME_WORDS = {
    "response": ("Response", "Learns to answer as its teachers do. The quickest."),
    "feature": ("Feature", "Learns also to see what a teacher sees."),
    "relation": (
        "Relation",
        (
            "Learns from what all its teachers see together, most from the one that sees most in a"
            " frame."
        ),
    ),
}


class ChoiceForm(QWidget):
    """``changed`` with every choice; ``problems`` are shown beside their fields."""

    changed = Signal()
    resized = Signal()  # the fold was opened or closed
    held_out_changed = Signal(object)  # fingerprints of the procedures that shall be held out

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._schemes = {name: _SchemeCard(name, self) for name in SCHEME_WORDS}
        self._scheme_group, self._time_group = QButtonGroup(self), QButtonGroup(self)
        self._quick, self._thorough = QRadioButton(self), QRadioButton(self)
        self._advanced = AdvancedForm(self)
        self._fold = Fold("Advanced", self._advanced, self)
        cards = QHBoxLayout()
        cards.setSpacing(10)
        for card in self._schemes.values():
            self._scheme_group.addButton(card.button)
            cards.addWidget(card, 1)
        times = QHBoxLayout()
        times.setSpacing(18)
        for button in (self._quick, self._thorough):
            self._time_group.addButton(button)
            times.addWidget(button)
        times.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(cards)
        column.addLayout(times)
        column.addWidget(self._fold)
        self._schemes[DEFAULT_SCHEME].button.setChecked(True)
        self._quick.setChecked(True)
        self._refusals: tuple[str, ...] = ()
        self.show_costs(None, None)
        self._advanced.set_scheme(DEFAULT_SCHEME)
        self._scheme_group.buttonToggled.connect(self._on_changed)
        self._time_group.buttonToggled.connect(self._on_changed)
        self._advanced.changed.connect(self._on_changed)
        self._advanced.held_out_changed.connect(
            lambda: self.held_out_changed.emit(self._advanced.held_out())
        )
        self._fold.toggled.connect(self.resized)

    @property
    def choice(self) -> TrainingChoice:
        """What the controls say now."""
        temperature, rate, epochs, seed = self._advanced.numbers()
        teachers, weights = self._advanced.teachers(), self._advanced.weights()
        held_out = self._advanced.held_out()
        return TrainingChoice(
            self._scheme(),
            self._thorough.isChecked(),
            teachers,
            temperature,
            rate,
            epochs,
            seed,
            weights,
            held_out,
        )

    def problems(self) -> dict[str, str]:
        """Sentence by field; empty where the run can start."""
        found = self.choice.problems()
        return {**found, "held_out": " ".join(self._refusals)} if self._refusals else found

    def set_plan(self, plan: LearningPlan) -> None:
        """Teachers, procedures and costs of a plan."""
        self._refusals = plan.refusals
        self._advanced.set_teachers(plan.teachers)
        self._advanced.set_procedures(plan.procedures)
        self.show_costs(plan.quick, plan.thorough)
        self._on_changed()

    def show_costs(self, quick: Cost | None, thorough: Cost | None) -> None:
        """What each takes on this machine; None while that is measured."""
        self._quick.setText(f"Quick ({in_words(quick)})")
        self._thorough.setText(f"Thorough ({in_words(thorough)})")

    def set_brief(self, is_brief: bool) -> None:
        """Schemes by their names alone, to make room."""
        for card in self._schemes.values():
            card.set_brief(is_brief)

    @property
    def is_advanced(self) -> bool:
        """Whether the fold is open."""
        return self._fold.is_open

    def take_focus(self) -> None:
        """Keys go to the chosen scheme."""
        self._schemes[self._scheme()].button.setFocus()

    def show_held_out(self) -> None:
        """Unfold the rest and give the keys to the list of what is held out."""
        self._fold.set_open(True)
        self._advanced.show_held_out()

    def _scheme(self) -> str:
        return next(name for name, card in self._schemes.items() if card.button.isChecked())

    def _on_changed(self) -> None:
        # a group has no button checked for a moment while one takes over from the other
        if self._scheme_group.checkedButton() is None or self._time_group.checkedButton() is None:
            return
        self._advanced.set_scheme(self._scheme())
        self._advanced.show_problems(self.problems())
        self.changed.emit()


class _SchemeCard(QFrame):
    """A scheme's name, picture and line; a click anywhere chooses it."""

    def __init__(self, scheme: str, parent: QWidget) -> None:
        super().__init__(parent)
        title, line = SCHEME_WORDS[scheme]
        self.setObjectName("verdict")  # the style sheet's raised frame
        self.button = QRadioButton(title, self)
        self.button.setAccessibleDescription(line)
        self.button.setToolTip(plain_tip(line))
        words = plain_label(line, self)
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        self._more = (SchemePicture(scheme, self), words)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        column.addWidget(self.button)
        for widget in self._more:
            column.addWidget(widget)
        column.addStretch(1)

    def set_brief(self, is_brief: bool) -> None:
        """Only the name; of a height that those who lay it out are told at once."""
        for widget in self._more:
            widget.setVisible(not is_brief)
        self._column.activate()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """As if the button had been clicked."""
        self.button.setChecked(True)
        self.button.setFocus()
