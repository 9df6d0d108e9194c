"""Settings of a retraining that most readers leave alone; what cannot be is said beside its
field.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.base.wording import loss_words
from endoscope_app.retraining.plan.held_out_list import HeldOutList
from endoscope_app.retraining.plan.learning_plan import ProcedurePlan
from endoscope_app.retraining.plan.training_choice import (
    DEFAULT_LEARNING_RATE,
    DEFAULT_TEMPERATURE,
    REPLAY,
    SHOWN_WEIGHTS,
    default_weights,
)
from kd_core.schema.config import REPLAY_WEIGHT

NO_TEACHERS = "There are no teachers in the folder of models, and every scheme needs one."
REPLAY_WORDS = (
    "How much old knowledge counts against your labels. More forgets less, less learns faster."
)
HELD_OUT_WORDS = (
    "Never learnt from, to compare models on; a patient as a whole. What a model has learnt from"
    " stays so."
)
WEIGHT_ORDER = ("cross_entropy", "kl", "hint", "anchor", "guide")


class AdvancedForm(QWidget):
    """Numbers are typed as text, so that what is wrong can be said and not only prevented."""

    changed = Signal()
    held_out_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._teachers: list[QCheckBox] = []
        self._problems: dict[str, QLabel] = {}
        self._hints: dict[str, str] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(18, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(2, 1)
        self._teacher_row = QHBoxLayout()
        self._teacher_row.setSpacing(16)
        self._add("teachers", "Teachers", self._teacher_row)
        self._temperature = self._number(
            "temperature",
            "Temperature",
            DEFAULT_TEMPERATURE,
            "How soft the teachers' probabilities are made",
        )
        self._rate = self._number(
            "learning_rate", "Learning rate", DEFAULT_LEARNING_RATE, "The highest of the run"
        )
        self._epochs = QSpinBox(self)
        self._epochs.setRange(0, 1000)
        self._epochs.setSpecialValueText("by the number of labels")
        self._seed = QSpinBox(self)
        self._seed.setRange(0, 999_999)
        for spin, name in ((self._epochs, "Epochs"), (self._seed, "Seed")):
            spin.setAccessibleName(name)
            spin.setFixedSize(250 if spin is self._epochs else 110, 28)
            spin.valueChanged.connect(self.changed)
            self._add(name.lower(), name, spin)
        self._weights: dict[str, QLineEdit] = {}
        self._weight_cells: dict[str, QWidget] = {}
        self._add("weights", "Weights", self._weight_row())
        self._replay = self._number("replay", "Replay share", REPLAY_WEIGHT, REPLAY_WORDS)
        self._hints = {"replay": REPLAY_WORDS, "held_out": HELD_OUT_WORDS}
        self._held_out = HeldOutList(self)
        self._held_out.changed.connect(self.held_out_changed)
        self._add("held_out", "Held out", self._held_out)
        self._scheme = ""
        self.show_problems({})

    def set_procedures(self, procedures: Sequence[ProcedurePlan]) -> None:
        """Those that can be held out, and whether they are."""
        self._held_out.set_procedures(procedures)

    def show_held_out(self) -> None:
        """Keys go to the list of what is held out."""
        self._held_out.setFocus()

    def held_out(self) -> tuple[str, ...]:
        """Fingerprints of all that are held out."""
        return self._held_out.checked()

    def set_teachers(self, teachers: Sequence[tuple[str, str]]) -> None:
        """(folder, name) of each teacher that there is; all are chosen, unless they are those
        that were shown before.
        """
        if self._teachers and list(teachers) == [
            (box.property("folder"), box.text()) for box in self._teachers
        ]:
            return
        while (item := self._teacher_row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._teachers = []
        for folder, name in teachers:
            box = QCheckBox(name, self)
            box.setProperty("folder", folder)
            box.setChecked(True)
            box.toggled.connect(self.changed)
            self._teacher_row.addWidget(box)
            self._teachers.append(box)
        if not teachers:
            none = plain_label(NO_TEACHERS, self)
            none.setProperty("role", "muted")
            self._teacher_row.addWidget(none)
        self._teacher_row.addStretch(1)

    def set_scheme(self, scheme: str) -> None:
        """Show the weights of this scheme at its values."""
        if scheme == self._scheme:
            return
        self._scheme = scheme
        for name, value in default_weights(scheme).items():
            if name != REPLAY:  # it means the same in every scheme
                self._weights[name].setText(f"{value:g}")
        for name, cell in self._weight_cells.items():
            cell.setVisible(name in SHOWN_WEIGHTS[scheme])

    def teachers(self) -> tuple[str, ...]:
        """Folders of the chosen ones."""
        return tuple(str(box.property("folder")) for box in self._teachers if box.isChecked())

    def numbers(self) -> tuple[float, float, int, int]:
        """Temperature, learning rate (NaN where no number is), epochs (0: as many as needed),
        seed.
        """
        return _read(self._temperature), _read(self._rate), self._epochs.value(), self._seed.value()

    def weights(self) -> dict[str, float]:
        """Those that differ from the scheme's; NaN where no number is."""
        usual, fields = default_weights(self._scheme), {**self._weights, REPLAY: self._replay}
        return {name: value for name in usual if (value := _read(fields[name])) != usual[name]}

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """A sentence beside each field that is wrong; beside others what they mean, where that
        is not plain.
        """
        for name, label in self._problems.items():
            label.setText(problems.get(name, self._hints.get(name, "")))
            label.setVisible(bool(label.text()))
            label.setProperty("role", "danger" if name in problems else "muted")
            label.style().polish(label)

    def _number(self, key: str, title: str, value: float, tip: str) -> QLineEdit:
        field = QLineEdit(f"{value:g}", self)
        field.setAccessibleName(title)
        field.setToolTip(plain_tip(tip))
        field.setFixedWidth(90)
        field.textChanged.connect(self.changed)
        self._add(key, title, field)
        return field

    def _weight_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        for name in WEIGHT_ORDER:
            cell = QWidget(self)
            field = self._weights[name] = QLineEdit(cell)
            field.setAccessibleName(f"Weight of {loss_words(name)}")
            cell.setToolTip(plain_tip(name))
            field.setFixedWidth(58)
            field.textChanged.connect(self.changed)
            inside = QVBoxLayout(cell)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(2)
            title = plain_label(loss_words(name), cell)
            title.setProperty("role", "muted")
            inside.addWidget(title)
            inside.addWidget(field)
            self._weight_cells[name] = cell
            row.addWidget(cell)
        row.addStretch(1)
        return row

    def _add(self, key: str, title: str, field: QWidget | QHBoxLayout) -> None:
        row = self._grid.rowCount()
        self._grid.addWidget(plain_label(title, self), row, 0)
        problem = plain_label(parent=self)
        problem.setProperty("role", "danger")
        problem.setWordWrap(True)
        problem.setAccessibleName(f"What is wrong with {title.lower()}")
        problem.hide()
        self._problems[key] = problem
        if isinstance(field, QWidget):
            self._grid.addWidget(field, row, 1)
        else:
            self._grid.addLayout(field, row, 1)
        self._grid.addWidget(problem, row, 2)


def _read(field: QLineEdit) -> float:
    """A number as people write it, with a point or a comma; NaN for anything else."""
    try:
        return float(field.text().strip().replace(",", "."))
    except ValueError:
        return math.nan
