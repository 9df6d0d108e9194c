"""The application with a run that was compared."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QPushButton

from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog
from kd_core.schema.model_card import read_card
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.comparison_run import STUDENT

SHIPPED = read_card(STUDENT).version


def opened(session: Session, run: Path) -> ComparisonDialog:
    session.app.retraining.flow.compare_requested.emit(run)
    session.until(lambda: session.app.retraining.comparison.dialog is not None, "the comparison")
    dialog = session.app.retraining.comparison.dialog
    assert dialog is not None
    return dialog


def press(dialog: ComparisonDialog, text: str) -> None:
    button = next(
        button
        for button in dialog.findChildren(QPushButton)
        if button.text().replace("&", "") == text
    )
    assert button.isEnabled(), button.toolTip()
    button.click()


def give_reason(dialog: ComparisonDialog, text: str) -> None:
    field = dialog.findChild(QLineEdit)
    assert field is not None
    field.setText(text)
