"""Settings of a retraining that most readers leave alone, in the field's terms.

What cannot be is said beside its field.
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
from endoscope_app.retraining.plan import wording
from endoscope_app.retraining.plan.checking_list import CheckingList
from endoscope_app.retraining.plan.learning_plan import ProcedurePlan
from endoscope_app.retraining.plan.scheme_choice import SchemeChoice
from endoscope_app.retraining.plan.training_choice import (
    DEFAULT_LEARNING_RATE,
    DEFAULT_TEMPERATURE,
    REPLAY,
    SHOWN_WEIGHTS,
    TrainingChoice,
    default_weights,
)
from endoscope_app.retraining.wording import figure_name
from kd_core.schema.config import REPLAY_WEIGHT

WEIGHT_ORDER = ("cross_entropy", "kl", "hint", "anchor", "guide")


class AdvancedForm(QWidget):
    """Numbers are typed as text, so that what is wrong can be said and not only prevented."""

    changed = Signal()
    held_out_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._teachers: list[QCheckBox] = []
        self._problems: dict[str, QLabel] = {}
        self._hints = {"replay": wording.REPLAY_HINT, "held_out": wording.CHECKING_HINT}
        self._shown_scheme = ""
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(18, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(2, 1)
        self._schemes = SchemeChoice(self)
        self._grid.addWidget(plain_label(wording.METHOD, self), 0, 0)
        self._grid.addWidget(self._schemes, 0, 1, 1, 2)
        self._teacher_row = QHBoxLayout()
        self._teacher_row.setSpacing(16)
        self._add("teachers", wording.REFERENCE_MODELS, self._teacher_row)
        self._temperature = self._number("temperature", wording.TEMPERATURE, DEFAULT_TEMPERATURE)
        self._temperature.setToolTip(plain_tip(wording.TEMPERATURE_TIP))
        self._rate = self._number("learning_rate", wording.LEARNING_RATE, DEFAULT_LEARNING_RATE)
        self._rate.setToolTip(plain_tip(wording.LEARNING_RATE_TIP))
        self._epochs = self._whole_number("epochs", wording.EPOCHS, 1000, width=250)
        self._epochs.setSpecialValueText(wording.EPOCHS_AUTOMATIC)
        self._seed = self._whole_number("seed", wording.SEED, 999_999, width=110)
        self._weights: dict[str, QLineEdit] = {}
        self._weight_cells: dict[str, QWidget] = {}
        self._add("weights", wording.LOSS_WEIGHTS, self._weight_row())
        self._replay = self._number("replay", wording.REPLAY, REPLAY_WEIGHT)
        self._replay.setToolTip(plain_tip(wording.REPLAY_HINT))
        self._unlabelled = self._switch(
            wording.UNLABELLED, wording.UNLABELLED_BOX, wording.UNLABELLED_HINT
        )
        self._held_out = CheckingList(self)
        self._held_out.changed.connect(self.held_out_changed)
        self._add("held_out", wording.KEPT_FOR_CHECKING, self._held_out)
        self._schemes.changed.connect(self._on_scheme)
        self._show_weights()
        self.show_problems({})

    def choice(self, *, thorough: bool) -> TrainingChoice:
        """What the controls say now; NaN where no number is."""
        return TrainingChoice(
            self._schemes.scheme,
            thorough,
            tuple(str(box.property("folder")) for box in self._teachers if box.isChecked()),
            _read(self._temperature),
            _read(self._rate),
            self._epochs.value(),
            self._seed.value(),
            self._changed_weights(),
            self._held_out.checked(),
            self._unlabelled.isChecked(),
        )

    def set_procedures(self, procedures: Sequence[ProcedurePlan]) -> None:
        """Those that can be kept for checking, and whether they are."""
        self._held_out.set_procedures(procedures)

    def show_held_out(self) -> None:
        """Keys go to the list of what is kept for checking."""
        self._held_out.setFocus()

    def set_brief(self, is_brief: bool) -> None:
        """Schemes by their names alone, to make room."""
        self._schemes.set_brief(is_brief)
        self._grid.activate()

    def set_teachers(self, teachers: Sequence[tuple[str, str]]) -> None:
        """(folder, name) of each reference model that there is.

        All are chosen, unless they are those that were shown before.
        """
        shown = [(box.property("folder"), box.text()) for box in self._teachers]
        if shown and list(teachers) == shown:
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
            none = plain_label(wording.NO_REFERENCE_MODELS, self)
            none.setProperty("role", "muted")
            self._teacher_row.addWidget(none)
        self._teacher_row.addStretch(1)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """A sentence beside each field that is wrong; beside others what they mean."""
        for name, label in self._problems.items():
            label.setText(problems.get(name, self._hints.get(name, "")))
            label.setVisible(bool(label.text()))
            label.setProperty("role", "danger" if name in problems else "muted")
            label.style().polish(label)

    def _on_scheme(self) -> None:
        self._show_weights()
        self.changed.emit()

    def _show_weights(self) -> None:
        """Those of the scheme, at its values."""
        scheme = self._schemes.scheme
        if scheme == self._shown_scheme:
            return
        self._shown_scheme = scheme
        for name, value in default_weights(scheme).items():
            if name != REPLAY:  # it means the same in every scheme
                self._weights[name].setText(f"{value:g}")
        for name, cell in self._weight_cells.items():
            cell.setVisible(name in SHOWN_WEIGHTS[scheme])

    def _changed_weights(self) -> dict[str, float]:
        """Those that differ from the scheme's."""
        usual = default_weights(self._schemes.scheme)
        fields = {**self._weights, REPLAY: self._replay}
        typed = {name: _read(fields[name]) for name in usual}
        return {name: value for name, value in typed.items() if value != usual[name]}

    def _number(self, key: str, title: str, value: float) -> QLineEdit:
        field = QLineEdit(f"{value:g}", self)
        field.setAccessibleName(title)
        field.setFixedWidth(90)
        field.textChanged.connect(self.changed)
        self._add(key, title, field)
        return field

    def _whole_number(self, key: str, title: str, highest: int, *, width: int) -> QSpinBox:
        spin = QSpinBox(self)
        spin.setRange(0, highest)
        spin.setAccessibleName(title)
        spin.setFixedSize(width, 28)
        spin.valueChanged.connect(self.changed)
        self._add(key, title, spin)
        return spin

    def _switch(self, title: str, text: str, hint: str) -> QCheckBox:
        """A box that cannot be wrong, with what it means beside it over the whole width."""
        box, meaning = QCheckBox(text, self), plain_label(hint, self)
        box.toggled.connect(self.changed)
        meaning.setProperty("role", "muted")
        meaning.setWordWrap(True)
        cells = QHBoxLayout()
        cells.setSpacing(14)
        cells.addWidget(box)
        cells.addWidget(meaning, 1)
        row = self._grid.rowCount()
        self._grid.addWidget(plain_label(title, self), row, 0)
        self._grid.addLayout(cells, row, 1, 1, 2)
        return box

    def _weight_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        for name in WEIGHT_ORDER:
            cell = QWidget(self)
            field = self._weights[name] = QLineEdit(cell)
            field.setAccessibleName(wording.weight_of(figure_name(name)))
            cell.setToolTip(plain_tip(name))
            field.setFixedWidth(58)
            field.textChanged.connect(self.changed)
            inside = QVBoxLayout(cell)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(2)
            title = plain_label(figure_name(name), cell)
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
        problem.setAccessibleName(wording.wrong_with(title))
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
