"""Which patients are kept for the evidence: those that have a side keep it, the others can be
chosen once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from endoscope_app.base.plain_text import plain_tip
from endoscope_app.retraining.plan.learning_plan import ProcedurePlan

HELD_FOR_EVER = (
    "Was never learnt from, by any model so far, and stays so: that is what makes comparisons of"
    " models comparable."
)
LEARNT_FOR_EVER = "An earlier model has learnt from it, so it is evidence of nothing any more."
FREE = (
    "Checked: never learnt from, by this model or a later one. Once a model has learnt, this cannot"
    " be changed."
)
ROWS = 4
ROW_HEIGHT = 22
WIDTH = 250


@dataclass(frozen=True)
class Unit:
    """What must not be parted: all procedures of a patient, or one whose patient is not known."""

    title: str
    fingerprints: tuple[str, ...]
    held_out: bool
    fixed: bool


def units_of(procedures: Sequence[ProcedurePlan]) -> list[Unit]:
    """In the order of their first procedures."""
    together: dict[str, list[ProcedurePlan]] = {}
    for one in procedures:
        together.setdefault(
            f"patient {one.patient}" if one.patient else f"procedure {one.fingerprint}", []
        ).append(one)
    return [
        Unit(
            (f"{found[0].patient}: " if found[0].patient else "")
            + ", ".join(one.name for one in found),
            tuple(one.fingerprint for one in found),
            any(one.held_out for one in found),
            any(one.fixed for one in found),
        )
        for found in together.values()
    ]


class HeldOutList(QListWidget):
    """One line per patient; ``changed`` when the reader checks one or takes the mark away."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Held-out patients and procedures")
        self.setFixedWidth(WIDTH)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._units: list[Unit] = []
        self.itemChanged.connect(lambda _: self.changed.emit())

    def set_procedures(self, procedures: Sequence[ProcedurePlan]) -> None:
        """Show these as they are planned."""
        self._units = units_of(procedures)
        self.blockSignals(True)
        while self.count() > len(self._units):
            self.takeItem(self.count() - 1)
        while self.count() < len(self._units):
            self.addItem(QListWidgetItem())
        for row, one in enumerate(self._units):
            item = self.item(row)
            item.setText(one.title)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            item.setCheckState(Qt.CheckState.Checked if one.held_out else Qt.CheckState.Unchecked)
            free = (
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsUserCheckable
            )
            item.setFlags(Qt.ItemFlag.NoItemFlags if one.fixed else free)
            why = (HELD_FOR_EVER if one.held_out else LEARNT_FOR_EVER) if one.fixed else FREE
            item.setToolTip(plain_tip(f"{one.title}\n{why}"))
        self.blockSignals(False)
        self.setFixedHeight(
            ROW_HEIGHT * min(ROWS, max(1, len(self._units))) + 2 * self.frameWidth()
        )

    def checked(self) -> tuple[str, ...]:
        """Fingerprints of all procedures that are held out, in order."""
        checked = (
            one
            for row, one in enumerate(self._units)
            if self.item(row).checkState() == Qt.CheckState.Checked
        )
        return tuple(sorted(fingerprint for one in checked for fingerprint in one.fingerprints))
