"""What a reader does in the window of the report, for its tests."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QMessageBox, QPushButton

from endoscope_app.report.report_dialog import ReportDialog
from endoscope_app.report.report_page import ReportPage
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.label_session import Answers, go
from tests.present import present


def mark(session: Session, first: int, last: int, key: str) -> None:
    """Label a range by keys."""
    for index, end in ((first, "I"), (last, "O")):
        go(session, index)
        session.press(end)
    session.press(key)


def opened(session: Session) -> ReportDialog:
    """By its key; with its pictures."""
    session.press("Ctrl+Shift+R")
    dialog = present(session.app.report.dialog)
    idle(session, dialog)
    return dialog


def idle(session: Session, dialog: ReportDialog) -> None:
    """Everything that was asked for is done."""
    session.until(
        lambda: button(dialog, "Copy").isEnabled() and "Making" not in dialog.said(),
        "the report is ready",
    )


def button(dialog: ReportDialog, text: str) -> QPushButton:
    return next(
        one for one in dialog.findChildren(QPushButton) if text in one.text().replace("&", "")
    )


def click(session: Session, dialog: ReportDialog, text: str) -> None:
    QTest.mouseClick(button(dialog, text), Qt.MouseButton.LeftButton)
    idle(session, dialog)


def tick(session: Session, dialog: ReportDialog, text: str) -> None:
    """Change a box, by the space key."""
    box = next(one for one in dialog.findChildren(QCheckBox) if text in one.text().replace("&", ""))
    QTest.keyClick(box, Qt.Key.Key_Space)
    idle(session, dialog)


def saved(session: Session, dialog: ReportDialog, path: Path) -> bytes:
    """What the button for this suffix writes."""
    session.app.report.files = Answers(path)  # type: ignore[assignment]
    click(session, dialog, path.suffix.removeprefix(".").upper())
    assert dialog.said() == f"The report is in {path.name}."
    return path.read_bytes()


def shown(dialog: ReportDialog) -> str:
    """What the preview says."""
    return present(dialog.findChild(ReportPage)).toPlainText()


def versions(dialog: ReportDialog) -> QComboBox:
    return present(dialog.findChild(QComboBox))


def choose_version(session: Session, dialog: ReportDialog, row: int) -> None:
    """By the arrow keys."""
    box = versions(dialog)
    for _ in range(abs(row - box.currentIndex())):
        down = row > box.currentIndex()
        QTest.keyClick(box, Qt.Key.Key_Down if down else Qt.Key.Key_Up)
        idle(session, dialog)


@contextmanager
def answered(choice: QMessageBox.StandardButton) -> Iterator[list[str]]:
    """While it is open, the next question is answered so; what was asked."""
    asked: list[str] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(20, press)
            return
        asked.append(box.text())
        QTest.mouseClick(box.button(choice), Qt.MouseButton.LeftButton)

    QTimer.singleShot(20, press)
    yield asked


def sign(session: Session, dialog: ReportDialog) -> str:
    """Press Sign, say yes; what was asked."""
    with answered(QMessageBox.StandardButton.Yes) as asked:
        click(session, dialog, "Sign")
    session.until(lambda: "as it was signed" in dialog.said(), "the signed version")
    return asked[0]


def pictures_of(html: str) -> list[NDArray[np.uint8]]:
    """The pictures in a page, (H, W, 3) BGR."""
    return [
        np.asarray(cv2.imdecode(np.frombuffer(b64decode(part), np.uint8), cv2.IMREAD_COLOR))
        for part in re.findall(r'src="data:image/jpeg;base64,([^"]+)"', html)
    ]
