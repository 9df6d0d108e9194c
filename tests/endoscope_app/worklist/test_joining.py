"""Several videos: one procedure in this order, or separate ones; in the window, kept over restarts,
with a part away, left out, found again.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from endoscope_app.base.paths import shipped_model
from endoscope_app.viewing.commands import OPEN_FILE, OPEN_FOLDER
from endoscope_app.worklist import joining
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.joining_session import (
    COUNTS,
    asked,
    click,
    entries,
    join,
    make_parts,
    names,
    opened,
    press,
)
from tests.present import present

ALT = Qt.KeyboardModifier.AltModifier
ALL = sum(COUNTS)


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    return make_parts(tmp_path / "in")


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    with ready(tmp_path) as session:
        yield session


def first_line(session: Session) -> QTreeWidgetItem:
    return present(present(session.app.window.worklist.table.topLevelItem(0)).child(0))


class ready:
    """A window whose library is open, and whose queue waits."""

    def __init__(self, tmp_path: Path) -> None:
        self._running = running(tmp_path / "data", shipped_model())

    def __enter__(self) -> Session:
        session = self._running.__enter__()
        session.until(lambda: not session.app.labels.session.not_open_because, "the library")
        return session

    def __exit__(self, *error: object) -> None:
        self._running.__exit__(None, None, None)


def test_three_dropped_videos_are_one_line_that_is_opened_again_where_it_was_left(
    qtbot: QtBot, tmp_path: Path, parts: list[Path]
) -> None:
    with ready(tmp_path) as session:
        session.app.window.paths_dropped.emit([parts[2], parts[0], parts[1]])
        dialog = asked(session)
        assert dialog.windowTitle() == "3 videos"
        assert names(dialog) == ["part1.mp4", "part2.mp4", "part10.mp4"]
        click(dialog, "One procedure")
        info = opened(session, ALL)
        assert info.path.name == "part1–10.mp4 (3 parts)"
        assert info.path.name in session.app.window.windowTitle()
        session.until(session.analysed, "all frames analysed")
        session.app.player.go_to(25)
        session.until(lambda: session.on_screen() == 25, "a frame of the second part")
        session.press("R")
        session.until(lambda: session.app.labels.procedure_labels.states is not None, "states")
        session.press("Ctrl+Home")
        (line,) = entries(session)
        session.until(lambda: entries(session)[0].parts != (), "the parts by name")
        assert (line.frame_count, line.state) == (ALL, "in review")
        assert entries(session)[0].parts == ("part1.mp4", "part2.mp4", "part10.mp4")
        item = first_line(session)
        assert item.toolTip(0).splitlines()[1:] == ["part1.mp4", "part2.mp4", "part10.mp4"]
    with ready(tmp_path) as session:
        session.until(lambda: len(entries(session)) == 1, "the line")
        button = session.app.window.worklist.continue_button
        assert button.toolTip() == "part1–10.mp4 (3 parts)"
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        opened(session, ALL)
        session.until(lambda: session.on_screen() == 25, "the frame that was left")
        labelled = session.app.labels.session.library.frame_labels(info.fingerprint)
        assert [label.frame_index for label in labelled] == [25]
        assert session.analysed() or session.app.analysis.timeline is None


def test_a_program_that_was_killed_finds_procedure_order_and_label_again(
    qtbot: QtBot, tmp_path: Path, parts: list[Path]
) -> None:
    command = [sys.executable, "-m", "tests.endoscope_app.joined_crash_child"]
    place = [str(parts[0].parent), str(tmp_path / "data")]
    with subprocess.Popen([*command, *place], stdout=subprocess.PIPE, text=True) as child:
        try:
            assert present(child.stdout).readline() == "labelled\n"
        finally:
            child.kill()
    with ready(tmp_path) as session:
        session.until(lambda: len(entries(session)) == 1, "the line")
        session.app.window.worklist.table.choose(entries(session)[0].id)
        session.app.window.worklist.table.open_requested.emit(entries(session)[0].id)
        info = opened(session, ALL)
        assert [part.path for part in info.parts] == parts
        (label,) = session.app.labels.session.library.frame_labels(info.fingerprint)
        assert (label.frame_index, label.pts) == (25, int(session.app.player.stamps[25]))


def test_the_order_is_changed_and_a_part_left_out_by_keys(
    session: Session, parts: list[Path]
) -> None:
    session.app.window.paths_dropped.emit(parts)
    dialog = asked(session)
    press(dialog, Qt.Key.Key_Down, ALT)
    assert names(dialog) == ["part2.mp4", "part1.mp4", "part10.mp4"]
    press(dialog, Qt.Key.Key_Space)
    assert [video.name for video in dialog.videos()] == ["part2.mp4", "part10.mp4"]
    press(dialog, Qt.Key.Key_Up, ALT)
    assert names(dialog) == ["part1.mp4", "part2.mp4", "part10.mp4"]
    press(dialog, Qt.Key.Key_Return)  # names that count on are likely parts
    info = opened(session, COUNTS[1] + COUNTS[2])
    assert [part.path.name for part in info.parts] == ["part2.mp4", "part10.mp4"]


def test_separate_procedures_become_lines_and_escape_leaves_everything(
    session: Session, parts: list[Path]
) -> None:
    session.app.worklist.queue.pause(True)
    session.app.window.paths_dropped.emit(parts)
    press(asked(session), Qt.Key.Key_Escape)
    assert session.app.worklist.joining.question is None
    assert entries(session) == []
    session.app.window.paths_dropped.emit(parts)
    click(asked(session), "Separate")
    session.until(lambda: len(entries(session)) == 3, "three lines")
    assert [entry.path for entry in entries(session)] == parts
    assert all(entry.wanted for entry in entries(session))


def test_a_folder_and_several_files_of_the_menu_and_of_the_command_line_are_asked_about(
    session: Session, parts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ways: tuple[Callable[[], None], ...] = (
        lambda: session.app.window.paths_dropped.emit([parts[0].parent]),
        lambda: session.app.window.action(OPEN_FILE).trigger(),
        lambda: session.app.window.action(OPEN_FOLDER).trigger(),
        lambda: session.app.take(parts),
        lambda: session.app.take([parts[0].parent]),
    )
    monkeypatch.setattr(
        QFileDialog, "getOpenFileNames", lambda *_: ([str(part) for part in parts], "")
    )
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(parts[0].parent))
    for way in ways:
        way()
        dialog = asked(session)
        assert names(dialog) == ["part1.mp4", "part2.mp4", "part10.mp4"]
        dialog.reject()
        assert session.app.worklist.joining.question is None


def test_the_queue_analyses_all_parts_of_one_line(session: Session, parts: list[Path]) -> None:
    join(session, parts)
    session.until(session.analysed, "all frames analysed")
    session.app.player.open(parts[0])
    opened(session, COUNTS[0])
    line = next(entry for entry in entries(session) if entry.frame_count == ALL)
    session.app.worklist.queue.pause(True)
    for kept in (session.app._data.predictions).rglob("*"):
        if kept.is_file():
            kept.unlink()
    session.app.window.worklist.table.choose(line.id)
    session.app.worklist.flow._on_analysis(True)
    session.app.worklist.queue.pause(False)
    session.until(
        lambda: not next(one for one in entries(session) if one.id == line.id).wanted,
        "the end of the queue",
    )
    assert next(one for one in entries(session) if one.id == line.id).analysed == ALL


def test_a_part_that_is_away_is_said_passed_over_and_found_again(
    session: Session, parts: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = join(session, parts)
    session.until(session.analysed, "all frames analysed")
    session.app.player.go_to(40)
    session.until(lambda: session.on_screen() == 40, "a frame of the last part")
    session.press("R")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(parts[1], elsewhere / parts[1].name)
    session.app.player.open(info.path)
    again = opened(session, ALL)
    session.until(lambda: session.app.player.info is not info, "opened anew")
    again = opened(session, ALL)
    assert again.fingerprint == info.fingerprint
    assert "“part2.mp4” cannot be read now: its 16 frames are a gap" in session.message()
    session.app.player.go_to(19)
    session.until(lambda: session.on_screen() == 19, "the last frame before the gap")
    session.press("Right")
    session.until(lambda: session.on_screen() == 36, "the first one after it")
    session.press("Left")
    session.until(lambda: session.on_screen() == 19, "back over the gap")
    session.press("Space")
    session.until(lambda: session.on_screen() == ALL - 1, "played over the gap to the end")
    labelled = session.app.labels.session.library.frame_labels(info.fingerprint)
    assert [label.frame_index for label in labelled] == [40]
    session.press("Ctrl+Home")
    session.until(lambda: entries(session)[0].parts_away == ("part2.mp4",), "what is away")
    item = first_line(session)
    assert item.text(4).endswith("part2.mp4 is away")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(elsewhere))
    session.app.window.worklist.table.choose(entries(session)[0].id)
    find = next(
        button
        for button in session.app.window.worklist.findChildren(QPushButton)
        if button.text() == "Find…"
    )
    QTest.mouseClick(find, Qt.MouseButton.LeftButton)
    session.until(
        lambda: (
            session.app.player.info is not None
            and session.app.player.info.path != info.path
            and session.on_screen() >= 0
        ),
        "the procedure with all its parts",
    )
    found = opened(session, ALL)
    assert found.fingerprint == info.fingerprint
    assert not any(part.is_missing for part in found.parts)
    assert len(entries(session)) == 1


def test_a_part_that_was_never_opened_is_left_out_only_with_the_readers_consent(
    session: Session, parts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts[1].write_bytes(b"no video" * 100)
    questions: list[str] = []
    answers = iter((False, True))

    def answer(_parent: object, _title: str, question: str) -> bool:
        questions.append(question)
        return next(answers)

    monkeypatch.setattr(joining, "ask", answer)
    session.app.window.paths_dropped.emit(parts)
    click(asked(session), "One procedure")
    session.until(lambda: len(questions) == 1, "the question")
    assert session.app.player.info is None
    session.app.window.paths_dropped.emit(parts)
    click(asked(session), "One procedure")
    session.until(lambda: len(questions) == 2, "the question again")
    assert "Part 2 of 3 cannot be opened: “part2.mp4”" in questions[0]
    assert "Open the other 2 parts without it?" in questions[0]
    info = opened(session, COUNTS[0] + COUNTS[2])
    assert [part.path.name for part in info.parts] == ["part1.mp4", "part10.mp4"]
    assert [entry.path for entry in entries(session)] == [info.path]
