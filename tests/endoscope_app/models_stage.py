"""The application with two models, and how tests use its dialog."""

from __future__ import annotations

from pathlib import Path

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
