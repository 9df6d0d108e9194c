"""The application with two models, and how tests use its dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from endoscope_app.models.commands import MODELS
from endoscope_app.models.models_dialog import ModelsDialog
from kd_core.schema.model_card import read_card
from tests.endoscope_app.app_session import Session


def version(folder: Path) -> str:
    return read_card(folder).version


def opened(session: Session) -> ModelsDialog:
    session.until(lambda: session.app.classifier is not None, "the model to begin with")
    session.app.window.action(MODELS).trigger()
    dialog = session.app.models.list.dialog
    assert dialog is not None
    return dialog


def button(dialog: ModelsDialog, text: str) -> QPushButton:
    return next(
        button
        for button in dialog.findChildren(QPushButton)
        if button.text().replace("&", "") == text
    )


def press(dialog: ModelsDialog, text: str, model: str) -> None:
    dialog.choose(model)
    assert button(dialog, text).isEnabled(), button(dialog, text).toolTip()
    button(dialog, text).click()


def import_and_confirm(session: Session, dialog: ModelsDialog) -> str:
    """Press Import, and Enter where the preview asks; what the preview said, '' for a refusal."""
    flow = session.app.models.list
    dialog.show_problem("")
    button(dialog, "Import…").click()
    session.until(lambda: flow.preview is not None or bool(dialog.problem()), "the preview")
    preview = flow.preview
    if preview is None:
        return ""
    said = preview.text()
    QTest.keyClick(preview, Qt.Key.Key_Return)
    return said
