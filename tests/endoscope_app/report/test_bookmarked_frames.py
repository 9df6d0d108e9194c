"""Bookmarked frames leave the program as blanked pictures, those that are ticked alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton

from endoscope_app.media.opening import open_source
from endoscope_app.report import wording
from endoscope_app.report.bookmark_dialog import BookmarkDialog
from endoscope_app.report.bookmark_work import BookmarkWork
from endoscope_app.report.commands import SAVE_BOOKMARKED
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.label_session import go, in_front
from tests.endoscope_app.report.tissue_clips import NAME_BOX, TIME_BOX, box, number_of
from tests.present import present


def bookmark(session: Session, *indices: int) -> None:
    """By the key, as a reader collects frames."""
    for index in indices:
        go(session, index)
        session.press("Ctrl+D")


def opened(session: Session) -> BookmarkDialog:
    session.app.window.action(SAVE_BOOKMARKED).trigger()
    return present(session.app.bookmarked.dialog)


def test_what_is_ticked_is_saved_blanked_and_replaces_nothing(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookmark(session, 7, 22, 35)
    folder = tmp_path / "handed over"
    folder.mkdir()
    (folder / "frame-000035.png").write_bytes(b"another patient's")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    dialog = opened(session)
    in_front(session, dialog)
    assert dialog.ticked() == [0, 1, 2]
    # By keys: down to the second, and its tick away
    QTest.keyClick(dialog._list, Qt.Key.Key_Down)
    QTest.keyClick(dialog._list, Qt.Key.Key_Space)
    assert dialog.ticked() == [0, 2]
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    session.until(lambda: "saved in" in text_of(dialog), "the pictures")
    assert text_of(dialog) == "2 pictures saved in handed over."
    assert sorted(path.name for path in folder.iterdir()) == [
        "frame-000007.png",
        "frame-000035-2.png",
        "frame-000035.png",
    ]
    assert (folder / "frame-000035.png").read_bytes() == b"another patient's"
    for index, name in ((7, "frame-000007.png"), (35, "frame-000035-2.png")):
        image = np.asarray(present(cv2.imread(str(folder / name))), np.uint8)
        assert abs(number_of(image) - index) <= 1
        assert box(image, NAME_BOX).max() < 24
        assert box(image, TIME_BOX).min(axis=2).max() < 100


def test_nothing_ticked_nothing_to_save_and_nothing_bookmarked_says_how(session: Session) -> None:
    session.app.window.action(SAVE_BOOKMARKED).trigger()
    assert session.app.bookmarked.dialog is None
    assert session.message() == wording.NOTHING_BOOKMARKED
    bookmark(session, 7)
    dialog = opened(session)
    in_front(session, dialog)
    go_on = next(one for one in dialog.findChildren(QPushButton) if "Save" in one.text())
    assert go_on.isEnabled()
    QTest.keyClick(dialog._list, Qt.Key.Key_Space)
    assert not go_on.isEnabled()


def test_cancelled_what_was_saved_is_counted(tmp_path: Path, clip: Path) -> None:
    with open_source(clip) as source:
        done: list[int] = []
        work = BookmarkWork(source, [3, 4, 5], tmp_path / "out")
        ended = work.run(lambda at, _: done.append(at), lambda: len(done) > 1)
    assert ended == "Cancelled: 2 pictures saved before."
    assert len(list((tmp_path / "out").iterdir())) == 2
