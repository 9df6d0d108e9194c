"""How tests find their way in the dialog that retrains."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QPushButton,
)

from endoscope_app.retraining.plan.learning_plan import ClassPlan, LearningPlan, ProcedurePlan
from endoscope_app.retraining.plan.training_cost import Cost
from endoscope_app.retraining.training_dialog import TrainingDialog

PLAN = LearningPlan(
    "1a2b3c",
    (ClassPlan("cecum", 120, 12, 30), ClassPlan("polyps", 88, 30, 25)),
    (ProcedurePlan("first", 208, False, "a1"), ProcedurePlan("second", 55, True, "b2")),
    ("polyps has labels that contradict each other.",),
    (("models/a", "Lite0"), ("models/b", "Lite1")),
    Cost(118.0, 870.0),
    Cost(560.0, 1240.0),
)


def button(dialog: TrainingDialog, text: str) -> QPushButton:
    return next(button for button in dialog.findChildren(QPushButton) if button.text() == text)
