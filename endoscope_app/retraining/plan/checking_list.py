"""The list of what is kept for checking: those that have a side keep it, others are chosen once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from endoscope_app.base.plain_text import plain_tip
from endoscope_app.retraining.plan import wording
from endoscope_app.retraining.plan.learning_plan import ProcedurePlan

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
    for row in procedures:
        unit = f"patient {row.patient}" if row.patient else f"procedure {row.fingerprint}"
        together.setdefault(unit, []).append(row)
    return [
        Unit(
            (f"{rows[0].patient}: " if rows[0].patient else "")
            + ", ".join(row.name for row in rows),
            tuple(row.fingerprint for row in rows),
            any(row.held_out for row in rows),
            any(row.fixed for row in rows),
        )
        for rows in together.values()
    ]


class CheckingList(QListWidget):
    """One line per patient; ``changed`` when the reader checks one or takes the mark away."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(wording.CHECKING_LIST_NAME)
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
        free = (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsUserCheckable
        )
        for row, unit in enumerate(self._units):
            item = self.item(row)
            item.setText(unit.title)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            item.setCheckState(Qt.CheckState.Checked if unit.held_out else Qt.CheckState.Unchecked)
            item.setFlags(Qt.ItemFlag.NoItemFlags if unit.fixed else free)
            item.setToolTip(plain_tip(f"{unit.title}\n{_why(unit)}"))
        self.blockSignals(False)
        self.setFixedHeight(
            ROW_HEIGHT * min(ROWS, max(1, len(self._units))) + 2 * self.frameWidth()
        )

    def checked(self) -> tuple[str, ...]:
        """Fingerprints of all procedures that are held out, in order."""
        checked = (
            unit
            for row, unit in enumerate(self._units)
            if self.item(row).checkState() == Qt.CheckState.Checked
        )
        return tuple(sorted(fingerprint for unit in checked for fingerprint in unit.fingerprints))


def _why(unit: Unit) -> str:
    """Why its mark is as it is."""
    if not unit.fixed:
        return wording.FREE_TO_CHOOSE
    return wording.KEPT_FOR_EVER if unit.held_out else wording.LEARNT_FOR_EVER
