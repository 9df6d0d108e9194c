"""How to retrain: the scheme with a picture, quick or thorough, and behind a fold what most readers leave alone."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QRadioButton, QVBoxLayout, QWidget

from endoscope_app.dialogs.training.advanced_form import AdvancedForm
from endoscope_app.dialogs.training.fold import Fold
from endoscope_app.dialogs.training.plan_view import LearningPlan
from endoscope_app.engine.training_choice import DEFAULT_SCHEME, TrainingChoice
from endoscope_app.widgets.scheme_picture import SchemePicture

SCHEME_WORDS = {
    "response": ("Response", "Learns to answer as its teachers do. The quickest."),
    "feature": ("Feature", "Learns also to see what a teacher sees."),
    "relation": ("Relation", "Learns from what several teachers see together, weighed by attention."),
}


class ChoiceForm(QWidget):
    """``changed`` with every choice; ``problems`` are shown beside their fields."""

    changed = Signal()
    resized = Signal()  # the fold was opened or closed

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
        self._set_times(None, None)
        self._advanced.set_scheme(DEFAULT_SCHEME)
        self._scheme_group.buttonToggled.connect(self._on_changed)
        self._time_group.buttonToggled.connect(self._on_changed)
        self._advanced.changed.connect(self._on_changed)
        self._fold.toggled.connect(self.resized)

    @property
    def choice(self) -> TrainingChoice:
        """What the controls say now."""
        temperature, rate, epochs, seed = self._advanced.numbers()
        teachers, weights = self._advanced.teachers(), self._advanced.weights()
        return TrainingChoice(self._scheme(), self._thorough.isChecked(), teachers, temperature, rate, epochs, seed, weights)

    def set_plan(self, plan: LearningPlan) -> None:
        """Teachers and times of a plan."""
        self._advanced.set_teachers(plan.teachers)
        self._set_times(plan.quick, plan.thorough)
        self._on_changed()

    def choose_scheme(self, scheme: str) -> None:
        """As if the reader had chosen it."""
        self._schemes[scheme].button.setChecked(True)

    @property
    def is_advanced(self) -> bool:
        """Whether the fold is open."""
        return self._fold.is_open

    def take_focus(self) -> None:
        """Keys go to the chosen scheme."""
        self._schemes[self._scheme()].button.setFocus()

    def open_advanced(self, is_open: bool = True) -> None:
        """Unfold the rest."""
        self._fold.set_open(is_open)

    def _scheme(self) -> str:
        return next(name for name, card in self._schemes.items() if card.button.isChecked())

    def _set_times(self, quick: float | None, thorough: float | None) -> None:
        self._quick.setText(f"Quick ({_about(quick)})")
        self._thorough.setText(f"Thorough ({_about(thorough)})")

    def _on_changed(self) -> None:
        # a group has no button checked for a moment while one takes over from the other
        if self._scheme_group.checkedButton() is None or self._time_group.checkedButton() is None:
            return
        self._advanced.set_scheme(self._scheme())
        self._advanced.show_problems(self.choice.problems())
        self.changed.emit()


class _SchemeCard(QFrame):
    """A scheme's name, picture and line; a click anywhere chooses it."""

    def __init__(self, scheme: str, parent: QWidget) -> None:
        super().__init__(parent)
        title, line = SCHEME_WORDS[scheme]
        self.setObjectName("verdict")  # the style sheet's raised frame
        self.button = QRadioButton(title, self)
        self.button.setAccessibleDescription(line)
        words = QLabel(line, self)
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        column.addWidget(self.button)
        column.addWidget(SchemePicture(scheme, self))
        column.addWidget(words)
        column.addStretch(1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """As if the button had been clicked."""
        self.button.setChecked(True)
        self.button.setFocus()


def _about(seconds: float | None) -> str:
    if seconds is None:
        return "time not yet measured"
    return f"about {max(5, round(seconds / 5) * 5)} s" if seconds < 90 else f"about {round(seconds / 60)} min"
