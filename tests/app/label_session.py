"""Words for tests of labelling in the whole application: frames, labels, a model and clips made once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from endoscope_app.dialogs.settings_dialog import SettingsDialog
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.store.labels.records import FrameLabel
from tests.app.app_session import Session, spin


def store(session: Session) -> LabelStore:
    found = session.app.labelling.store
    assert found is not None
    return found


def labels(session: Session) -> list[FrameLabel]:
    return store(session).frame_labels(session.app.labelling.fingerprint)


def go(session: Session, index: int) -> None:
    session.app.viewing.go_to(index)
    session.until(lambda: session.on_screen() == index, f"frame {index}")


def ready(session: Session, clip: Path) -> Session:
    """Open the clip and wait for the model's classes."""
    session.open(clip)
    session.until(lambda: len(session.app.labelling.panel_classes()) == 6, "the model's classes")
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
    session.app.window.command["settings"].trigger()
    dialog = session.app.window.findChildren(SettingsDialog)[-1]
    box = next(one for one in dialog.findChildren(QComboBox) if one.findData(mode) >= 0)
    box.setCurrentIndex(box.findData(mode))
    dialog.accept()
    spin(10)


class Answers:
    """In FileAsking's place: always the same path, and what was asked."""

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


