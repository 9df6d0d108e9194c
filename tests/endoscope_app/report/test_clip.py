"""A finding saved as a clip: its own frames at their own times, blanked; cancelled, nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget, QPushButton

from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.opening import open_source
from endoscope_app.report.clip_dialog import ClipDialog
from endoscope_app.report.clip_work import ClipWork
from endoscope_app.report.commands import SAVE_CLIP
from tests.endoscope_app.app_session import Session
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.label_session import Answers, go
from tests.endoscope_app.report.tissue_clips import NAME_BOX, TIME_BOX, box, number_of
from tests.present import present


def opened(session: Session) -> ClipDialog:
    session.app.window.action(SAVE_CLIP).trigger()
    return present(session.app.clips.dialog)


def press_save(session: Session, dialog: ClipDialog, path: Path) -> None:
    session.app.clips.files = Answers(path)  # type: ignore[assignment]
    save = next(one for one in dialog.findChildren(QPushButton) if "Save" in one.text())
    QTest.mouseClick(save, Qt.MouseButton.LeftButton)


def test_a_finding_as_a_clip_blanked_frame_by_frame(session: Session, tmp_path: Path) -> None:
    go(session, 22)
    dialog = opened(session)
    rows = present(dialog.findChild(QListWidget))
    assert [rows.item(row).text()[:9] for row in range(rows.count())] == [
        "1. Polyp,",
        "2. Caecum",
        "3. Good p",
    ]
    assert rows.currentRow() == 1, "the one around the frame on screen"
    place = rows.visualItemRect(rows.item(2)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    session.until(lambda: rows.currentRow() == 2, "the third finding")
    press_save(session, dialog, tmp_path / "clip.mp4")
    session.until(lambda: not dialog.running, "the end")
    assert text_of(dialog) == "The clip is in clip.mp4."
    with open_source(tmp_path / "clip.mp4") as source:
        assert source.info.frame_count == 10
        assert [round(source.time_ms(index)) for index in range(10)] == list(range(0, 400, 40))
        for index in range(10):
            image = source.read(index).image[..., :3]
            assert abs(number_of(np.asarray(image, np.uint8)) - (30 + index)) <= 1
            assert box(image, NAME_BOX).max() < 24
            assert box(image, TIME_BOX).min(axis=2).max() < 100


def test_cancelled_nothing_is_left_of_it(tmp_path: Path, clip: Path) -> None:
    with open_source(clip) as source:
        times = np.array([source.time_ms(index) for index in range(source.info.frame_count)])
        frame_times = FrameTimes.of(times, np.zeros(0, np.int64))
        done: list[int] = []
        work = ClipWork(source, frame_times, 0, 49, tmp_path / "out" / "clip.mp4")
        ended = work.run(lambda at, _: done.append(at), lambda: len(done) > 5)
    assert ended == "Cancelled: no clip was saved."
    assert list((tmp_path / "out").iterdir()) == []
