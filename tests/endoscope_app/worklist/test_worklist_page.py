"""Every button of the start page, and what a reader without a right to write sees."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.base.paths import demo_clip, shipped_model
from endoscope_app.worklist.entry import Entry
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two videos and a folder of stills."""
    folder = tmp_path / "in"
    (folder / "stills").mkdir(parents=True)
    for number in range(2):
        make_clip(folder / f"case {number}.mp4", count=20 + number, size=(96, 64))
        image = np.full((64, 96, 3), 90 * number, np.uint8)
        cv2.imwrite(str(folder / "stills" / f"{number}.png"), image)
    return folder


def click(session: Session, text: str) -> None:
    buttons = session.app.window.worklist.findChildren(QPushButton)
    button = next(button for button in buttons if button.text() == text)
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def opened(session: Session, path: Path) -> None:
    def is_there() -> bool:
        info = session.app.player.info
        return info is not None and info.path == path and session.on_screen() >= 0

    session.until(is_there, f"{path.name} open")
    assert not session.app.worklist.switch.is_worklist


def entries(session: Session) -> list[Entry]:
    return session.app.worklist.view.entries


def test_what_was_opened_by_a_button_is_a_line_and_is_continued_after_a_restart(
    qtbot: QtBot, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video, stills = folder / "case 0.mp4", folder / "stills"
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(video)], ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(stills))
    with running(tmp_path / "data", shipped_model()) as session:
        assert session.app.worklist.switch.is_worklist
        continues = session.app.window.worklist.continue_button
        assert not continues.isEnabled()
        for text, path in (
            ("Demo", demo_clip()),
            ("Open stills…", stills),
            ("Open video…", video),
        ):
            click(session, text)
            opened(session, path)
            session.press("Ctrl+Home")
            assert session.app.worklist.switch.is_worklist
        assert [entry.path for entry in entries(session)] == [demo_clip(), stills, video]
        assert not any(entry.wanted for entry in entries(session))
        session.press("Ctrl+Home")
        session.app.player.go_to(7)
        session.until(lambda: session.on_screen() == 7, "frame 7")
    with running(tmp_path / "data", shipped_model()) as session:
        session.until(lambda: len(entries(session)) == 3, "three lines")
        click(session, "Continue: case 0.mp4")
        opened(session, video)
        session.until(lambda: session.on_screen() == 7, "the frame that was left")


def test_a_folder_is_added_whole_and_its_lines_are_held_back_opened_and_removed(
    qtbot: QtBot, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    with running(tmp_path / "data", shipped_model()) as session:
        page = session.app.window.worklist
        session.until(lambda: not session.app.labels.session.not_open_because, "the library")
        session.app.worklist.queue.pause(True)
        click(session, "Add folder…")
        session.until(lambda: len(entries(session)) == 3, "three lines")
        assert page.queue_bar.text() == "Paused: 3 procedures to do"
        page.table.choose(entries(session)[1].id)
        click(session, "Do not analyse")
        assert [entry.wanted for entry in entries(session)] == [True, False, True]
        click(session, "Resume")
        session.until(lambda: not any(entry.wanted for entry in entries(session)), "an empty queue")
        assert [entry.state for entry in entries(session)] == ["analysed", "new", "analysed"]
        assert not page.queue_bar.isVisible()
        asked: list[str] = []
        answers = iter((False, True))

        def answer(_parent: object, _title: str, question: str) -> bool:
            asked.append(question)
            return next(answers)

        monkeypatch.setattr("endoscope_app.worklist.worklist_flow.ask", answer)
        for left in (3, 2):
            click(session, "Remove")
            assert len(entries(session)) == left
        assert "Remove 1 procedure from" in asked[0]
        page.table.choose(entries(session)[0].id)
        click(session, "Open")
        opened(session, entries(session)[0].path)
        assert session.analysed() or session.app.analysis.timeline is None


def test_a_second_window_shows_the_worklist_and_says_why_it_cannot_change_it(
    qtbot: QtBot, tmp_path: Path, folder: Path
) -> None:
    with running(tmp_path / "data", shipped_model()) as first:
        first.until(lambda: not first.app.labels.session.not_open_because, "the library")
        first.app.worklist.queue.pause(True)
        first.app.worklist.adding.take([folder])
        first.until(lambda: len(entries(first)) == 3, "three lines")
        with running(tmp_path / "data", shipped_model()) as second:
            second.until(lambda: len(entries(second)) == 3, "the same lines")
            second.app.window.worklist.table.choose(entries(second)[0].id)
            click(second, "Do not analyse")
            assert "Another window has the labels open" in second.message()
            assert all(entry.wanted for entry in entries(first))
