"""Ctrl+E: the frame on screen as a picture, blanked unless that is confirmed and noted."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QMessageBox, QPushButton

from endoscope_app.report.frame_dialog import FrameDialog
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.label_session import Answers, go, rows_on_disk, store
from tests.endoscope_app.report.report_session import answered
from tests.endoscope_app.report.tissue_clips import NAME_BOX, TIME_BOX, box, number_of
from tests.present import present

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No


def opened(session: Session) -> FrameDialog:
    session.press("Ctrl+E")
    dialog = present(session.app.frame_export.dialog)
    ready(session, dialog)
    return dialog


def ready(session: Session, dialog: FrameDialog) -> None:
    session.until(button(dialog, "Save").isEnabled, "the picture")


def button(dialog: FrameDialog, text: str) -> QPushButton:
    return next(
        one for one in dialog.findChildren(QPushButton) if text in one.text().replace("&", "")
    )


def tick(session: Session, dialog: FrameDialog, text: str) -> None:
    boxes = dialog.findChildren(QCheckBox)
    one = next(one for one in boxes if text in one.text().replace("&", ""))
    QTest.keyClick(one, Qt.Key.Key_Space)
    ready(session, dialog)


def saved(session: Session, dialog: FrameDialog, path: Path) -> NDArray[np.uint8]:
    session.app.frame_export.files = Answers(path)  # type: ignore[assignment]
    QTest.mouseClick(button(dialog, "Save"), Qt.MouseButton.LeftButton)
    session.until(lambda: dialog.said() == f"The picture is in {path.name}.", dialog.said())
    return np.asarray(cv2.imread(str(path)), np.uint8)


def test_saved_and_copied_blanked_with_and_without_the_heat_map(
    session: Session, tmp_path: Path
) -> None:
    go(session, 33)
    before = rows_on_disk(tmp_path / "data")
    dialog = opened(session)
    with_map = saved(session, dialog, tmp_path / "a.png")
    tick(session, dialog, "heat map")
    plain = saved(session, dialog, tmp_path / "b.png")
    assert not np.array_equal(with_map, plain)
    assert number_of(plain) == 33
    assert box(plain, NAME_BOX).max() == 0
    assert box(plain, TIME_BOX).min(axis=2).max() < 90
    assert saved(session, dialog, tmp_path / "c.jpg").shape == plain.shape
    QTest.mouseClick(button(dialog, "Copy"), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().image()
    assert (copied.width(), copied.height()) == plain.shape[1::-1]
    corner = copied.pixelColor(20, 36)
    assert max(corner.red(), corner.green(), corner.blue()) == 0
    assert rows_on_disk(tmp_path / "data") == before, "nothing to note"


def test_unblanked_only_when_confirmed_and_the_history_keeps_it(
    session: Session, tmp_path: Path
) -> None:
    go(session, 33)
    dialog = opened(session)
    tick(session, dialog, "Blank")
    session.app.frame_export.files = Answers(tmp_path / "no.png")  # type: ignore[assignment]
    with answered(NO) as asked:
        QTest.mouseClick(button(dialog, "Save"), Qt.MouseButton.LeftButton)
    assert "patient's name" in asked[0]
    assert not (tmp_path / "no.png").exists()
    title = store(session).read.undo_title(session.app.labels.procedure.fingerprint)
    with answered(YES):
        whole = saved(session, dialog, tmp_path / "yes.png")
    assert box(whole, NAME_BOX).max() > 150
    store(session).export_history_csv(tmp_path / "history.csv")
    with (tmp_path / "history.csv").open(encoding="utf-8-sig", newline="") as file:
        last = list(csv.DictReader(file))[-1]
    assert "exported 0:01.3 with burnt-in identity" in last.values()
    assert "Dr. Test" in last.values()
    again = store(session).read.undo_title(session.app.labels.procedure.fingerprint)
    assert again == title, "no undo takes it back, and none is lost"
    session.press("Ctrl+Z")
    assert len(store(session).read.ranges(session.app.labels.procedure.fingerprint)) == 2


def test_a_name_that_is_no_picture_is_refused(session: Session, tmp_path: Path) -> None:
    dialog = opened(session)
    session.app.frame_export.files = Answers(tmp_path / "a.gif")  # type: ignore[assignment]
    QTest.mouseClick(button(dialog, "Save"), Qt.MouseButton.LeftButton)
    session.until(lambda: ".png or .jpg" in dialog.said(), "the refusal")
    assert not (tmp_path / "a.gif").exists()
