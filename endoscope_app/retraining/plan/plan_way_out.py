"""Buttons that lead out of a plan that cannot begin: choose what is held out, or release sides
that no kept model depends on.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from endoscope_app.base.plain_text import plain_tip
from endoscope_app.base.wording import counted
from endoscope_app.retraining.plan.learning_plan import LearningPlan

CHOOSE = "Choose what is held out"
WHY = (
    "No model that you keep has learnt from them or was compared on them: {names}. Their side can"
    " be chosen anew."
)


class WayOut(QWidget):
    """Hidden where the plan needs none."""

    choice_requested = Signal()
    release_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choose, self._release = QPushButton(CHOOSE, self), QPushButton(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self._choose, self._release):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        self._choose.clicked.connect(self.choice_requested)
        self._release.clicked.connect(self.release_requested)
        self._has_any = False

    @property
    def has_any(self) -> bool:
        """Whether one of them is offered."""
        return self._has_any

    def set_plan(self, plan: LearningPlan) -> None:
        """Offer what helps this plan."""
        can_choose = bool(plan.refusals) and not all(one.fixed for one in plan.procedures)
        self._choose.setVisible(can_choose)
        self._release.setVisible(bool(plan.releasable))
        self._release.setText(f"Release {counted(len(plan.releasable), 'procedure')}")
        self._release.setToolTip(plain_tip(WHY.format(names=", ".join(plan.releasable))))
        self._has_any = can_choose or bool(plan.releasable)
