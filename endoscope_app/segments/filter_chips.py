"""Chips above the list: which groups are shown, whether only what is open, and in which order."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from endoscope_app.base.key_claim import CHOICE_KEYS, PRESS_KEYS, KeyClaim
from endoscope_app.segments import wording
from endoscope_app.segments.class_groups import Group
from endoscope_app.segments.segment_painting import smaller
from endoscope_app.segments.segment_rows import Shown


class FilterChips(QWidget):
    """``shown`` is what they say."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._groups = {group: _chip(wording.chip_name(group)) for group in Group}
        self._open = _chip(wording.OPEN_NAME)
        self._open.setText(wording.OPEN_CHIP)
        self._order = QComboBox()
        self._order.setAccessibleName(wording.ORDER_NAME)
        for order, text in wording.ORDERS:
            self._order.addItem(text, order)
        KeyClaim(self._order, CHOICE_KEYS)
        for chip in (*self._groups.values(), self._open):
            chip.toggled.connect(self.changed)
        self._order.currentIndexChanged.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        above, below = QHBoxLayout(), QHBoxLayout()
        for group, chip in self._groups.items():
            (below if group is Group.BOOKMARKS else above).addWidget(chip)
        below.addWidget(self._open)
        for line in (above, below):
            line.setSpacing(2)
            line.addStretch(1)
            column.addLayout(line)
        below.addWidget(self._order)

    @property
    def shown(self) -> Shown:
        """No chip of a group: all groups."""
        chosen = frozenset(group for group, chip in self._groups.items() if chip.isChecked())
        return Shown(chosen, self._open.isChecked(), wording.ORDERS[self._order.currentIndex()][0])

    def set_counts(self, counts: Mapping[Group, int]) -> None:
        """How many of each group there are; a group without any has no chip, unless it is on."""
        for group, chip in self._groups.items():
            count = counts.get(group, 0)
            chip.setText(wording.chip(group, count))
            chip.setVisible(count > 0 or chip.isChecked())


def _chip(name: str) -> QToolButton:
    chip = QToolButton()
    chip.setCheckable(True)
    chip.setProperty("role", "chip")
    chip.setAccessibleName(name)
    chip.setFont(smaller(chip.font()))
    KeyClaim(chip, PRESS_KEYS)
    return chip
