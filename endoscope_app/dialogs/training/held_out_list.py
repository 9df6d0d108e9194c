"""Which procedures are kept for the proof: those that have a side keep it for ever, the others can be chosen once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from endoscope_app.dialogs.training.plan_view import ProcedurePlan

HELD_FOR_EVER = "Was never learnt from, by any model so far, and stays so: that is what makes their proofs comparable."
LEARNT_FOR_EVER = "An earlier model has learnt from it, so it can prove nothing any more."
FREE = "Checked: never learnt from, by this model or a later one. Once a retraining has begun, this cannot be changed."
ROWS = 4
ROW_HEIGHT = 22
WIDTH = 250


class HeldOutList(QListWidget):
    """One line a procedure; ``changed`` when the reader checks one or takes the mark away."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Held-out procedures")
        self.setFixedWidth(WIDTH)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._procedures: tuple[ProcedurePlan, ...] = ()
        self.itemChanged.connect(lambda _: self.changed.emit())

    def set_procedures(self, procedures: Sequence[ProcedurePlan]) -> None:
        """Show these as they are planned."""
        self._procedures = tuple(procedures)
        self.blockSignals(True)
        while self.count() > len(procedures):
            self.takeItem(self.count() - 1)
        while self.count() < len(procedures):
            self.addItem(QListWidgetItem())
        for row, one in enumerate(procedures):
            item = self.item(row)
            item.setText(one.name)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            item.setCheckState(Qt.CheckState.Checked if one.held_out else Qt.CheckState.Unchecked)
            free = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
            item.setFlags(Qt.ItemFlag.NoItemFlags if one.fixed else free)
            item.setToolTip((HELD_FOR_EVER if one.held_out else LEARNT_FOR_EVER) if one.fixed else FREE)
        self.blockSignals(False)
        self.setFixedHeight(ROW_HEIGHT * min(ROWS, max(1, len(procedures))) + 2 * self.frameWidth())

    def checked(self) -> tuple[str, ...]:
        """Fingerprints of all that are held out, in order."""
        checked = (one for row, one in enumerate(self._procedures) if self.item(row).checkState() == Qt.CheckState.Checked)
        return tuple(sorted(one.fingerprint for one in checked))
