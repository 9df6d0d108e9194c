"""How tests choose in the dialog that retrains."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from endoscope_app.retraining.plan.checking_list import CheckingList
from endoscope_app.retraining.retraining_flow import RetrainingFlow
from tests.endoscope_app.label_library import OTHER, PROCEDURE

FIRST, SECOND = PROCEDURE.fingerprint, OTHER.fingerprint  # "ab…", "cd…": in this order in the list


def listed(flow: RetrainingFlow) -> CheckingList:
    assert flow.dialog is not None
    child_widget = flow.dialog.findChild(CheckingList)
    assert child_widget is not None
    return child_widget


def check(flow: RetrainingFlow, row: int, on: bool) -> None:
    listed(flow).item(row).setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def can_start(flow: RetrainingFlow) -> bool:
    assert flow.dialog is not None
    return next(
        button for button in flow.dialog.findChildren(QPushButton) if button.text() == "Start"
    ).isEnabled()


def words(flow: RetrainingFlow) -> str:
    assert flow.dialog is not None
    return flow.dialog.shown_text()
