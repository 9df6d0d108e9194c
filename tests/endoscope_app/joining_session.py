"""Parts of one procedure, and the words of a reader who opens them together."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget, QPushButton

from endoscope_app.media.source import SourceInfo
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.joining_dialog import JoiningDialog
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.clips import make_clip
from tests.present import present

COUNTS = (20, 16, 12)


def make_parts(folder: Path) -> list[Path]:
    """Three videos that a recorder may have split: of 20, 16 and 12 frames."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        make_clip(folder / f"part{number}.mp4", count, size=(96, 64))
        for number, count in zip((1, 2, 10), COUNTS, strict=True)
    ]


def asked(session: Session) -> JoiningDialog:
    """The question, once it is there."""
    joining = session.app.worklist.joining
    session.until(lambda: joining.question is not None, "the question")
    return present(joining.question)


def names(dialog: JoiningDialog) -> list[str]:
    """What it lists, from the top."""
    listed = dialog.findChildren(QListWidget)[0]
    return [listed.item(row).text() for row in range(listed.count())]


def press(dialog: JoiningDialog, key: Qt.Key, keys: Qt.KeyboardModifier | None = None) -> None:
    """In the list, as the keyboard is there."""
    listed = dialog.findChildren(QListWidget)[0]
    QTest.keyClick(listed, key, keys or Qt.KeyboardModifier.NoModifier)


def click(dialog: JoiningDialog, text: str) -> None:
    """The button that says this."""
    button = next(one for one in dialog.findChildren(QPushButton) if text in one.text())
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def opened(session: Session, frame_count: int) -> SourceInfo:
    """What is on screen, once it is a procedure of so many frames."""

    def is_there() -> bool:
        info = session.app.player.info
        return info is not None and info.frame_count == frame_count and session.on_screen() >= 0

    session.until(is_there, f"a procedure of {frame_count} frames")
    return present(session.app.player.info)


def join(session: Session, parts: list[Path]) -> SourceInfo:
    """Drop the parts on the window, and say that they are one procedure."""
    session.app.window.paths_dropped.emit(parts)
    click(asked(session), "One procedure")
    return opened(session, sum(COUNTS))


def entries(session: Session) -> list[Entry]:
    return session.app.worklist.view.entries
