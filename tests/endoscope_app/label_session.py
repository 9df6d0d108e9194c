"""Words for tests of labelling in the whole application: frames, labels, a model and clips made
once.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import FrameLabel
from endoscope_app.shell.commands import SETTINGS
from endoscope_app.shell.settings_dialog import SettingsDialog
from tests.endoscope_app.app_session import Session, spin


def store(session: Session) -> LabelStore:
    return session.app.labels.session.store


def labels(session: Session) -> list[FrameLabel]:
    return store(session).read.frame_labels(session.app.labels.procedure.fingerprint)


def go(session: Session, index: int) -> None:
    session.app.player.go_to(index)
    session.until(lambda: session.on_screen() == index, f"frame {index}")


def ready(session: Session, clip: Path) -> Session:
    """Open the clip and wait for the model's classes."""
    session.open(clip)
    session.until(
        lambda: len(session.app.labels.session.panel_classes()) == 6, "the model's classes"
    )
    return session


def give(session: Session, answers: dict[int, str]) -> None:
    """Frame -> key."""
    for index, key in answers.items():
        go(session, index)
        session.press(key)


def in_front(session: Session, window: QWidget) -> None:
    """Keys go to the window that is active, and making it so takes a moment."""
    window.activateWindow()
    session.until(lambda: QApplication.activeWindow() is window, "the window in front")


def choose_mode(session: Session, mode: str) -> None:
    """Through the settings, as a reader does."""
    session.app.window.action(SETTINGS).trigger()
    dialog = session.app.window.findChildren(SettingsDialog)[-1]
    box = next(box for box in dialog.findChildren(QComboBox) if box.findData(mode) >= 0)
    box.setCurrentIndex(box.findData(mode))
    dialog.accept()
    spin(10)


class Answers:
    """In FileQuestion's place: always the same path, and what was asked."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.asked: list[str] = []

    def open_file(self, parent: QWidget, title: str, pattern: str) -> Path | None:
        self.asked.append("open")
        return self.path

    def save_file(self, parent: QWidget, title: str, name: str, pattern: str) -> Path | None:
        self.asked.append(name)
        return self.path

    def folder(self, parent: QWidget, title: str) -> Path | None:
        self.asked.append("folder")
        return self.path


def type_keys(
    session: Session, keys: str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Real key presses, to whatever has the keyboard: digits and letters, "\\x7f" for Delete
    and "\\x1b" for Esc.
    """
    named = {
        "\x7f": Qt.Key.Key_Delete,
        "\x1b": Qt.Key.Key_Escape,
        "\r": Qt.Key.Key_Return,
        " ": Qt.Key.Key_Space,
    }
    for key in keys:
        target = QApplication.focusWidget() or QApplication.activeWindow() or session.app.window
        QTest.keyClick(target, named[key] if key in named else Qt.Key(ord(key.upper())), modifier)


def rows_on_disk(data: Path) -> list[tuple[object, ...]]:
    """Every label and every journal entry, read from the file by SQLite itself."""
    connection = sqlite3.connect(f"file:{data / 'labels' / 'labels.sqlite'}?mode=ro", uri=True)
    try:
        return [
            row
            for table in ("frame_labels", "range_labels", "journal")
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3")
        ]
    finally:
        connection.close()
