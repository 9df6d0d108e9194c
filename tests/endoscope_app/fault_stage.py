"""How tests start a retraining that is to go wrong."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from endoscope_app.retraining.retraining_flow import RetrainingFlow
from endoscope_app.shell.main_window import MainWindow
from kd_core.schema.events import EpochEnded
from tests.endoscope_app.retraining_stage import (
    opened,
    press,
)


def start(qtbot: QtBot, retraining: RetrainingFlow, event: type = EpochEnded) -> None:
    """Open, start, and wait for an event of the trainer."""
    opened(retraining)
    with qtbot.waitSignal(
        retraining.process.event_came,
        timeout=15_000,
        check_params_cb=lambda one: isinstance(one, event),
    ):
        press(retraining.dialog, "Start")


def run(qtbot: QtBot, retraining: RetrainingFlow, button: str = "Start") -> tuple[str, str]:
    """Open, press, and wait for the end: outcome, and what the dialog says."""
    opened(retraining)
    with qtbot.waitSignal(retraining.ended, timeout=15_000) as done:
        press(retraining.dialog, button)
    assert done.args is not None
    assert retraining.dialog is not None
    return done.args[0], retraining.dialog.shown_text()


def window_of(retraining: RetrainingFlow) -> MainWindow:
    window = retraining.parent()
    assert isinstance(window, MainWindow)
    return window
