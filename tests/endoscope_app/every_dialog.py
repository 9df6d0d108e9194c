"""Every dialog that a command opens, one after the other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog

from endoscope_app.base.command import Command
from endoscope_app.shell.command_table import COMMANDS
from tests.endoscope_app.app_session import Session, spin


def open_every_dialog(session: Session, look: Callable[[QDialog], None]) -> None:
    """``look`` at each of them while it is shown, and close it."""
    for command in COMMANDS:
        if command.text.endswith("..."):
            _open(session, command, look)


def _open(session: Session, command: Command, look: Callable[[QDialog], None]) -> None:
    QTimer.singleShot(300, lambda: _close_all(look))  # one that is asked waits for its answer
    session.app.window.action(command).trigger()
    spin(400)
    _close_all(look)


def _close_all(look: Callable[[QDialog], None]) -> None:
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            look(widget)
            widget.reject()
