"""From a file to frames, predictions and findings through the whole application, and what bad
input does to it: one sentence.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from tests.endoscope_app.analysis_tools import Looks
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip, read_number
from tests.endoscope_app.held_analysis import analysis_held
from tests.model_factory import make_model_dir
from tests.present import present


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "procedure ä 🩺.mp4"
    make_clip(path, count=60)
    return path


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        yield session


def test_a_video_is_shown_classified_and_analysed(session: Session, clip: Path) -> None:
    session.open(clip)
    assert session.on_screen() == 0
    assert "procedure ä 🩺.mp4" in session.app.window.windowTitle()
    session.until(
        lambda: session.app.window.progress.text() == "All frames analysed",
        "the analysis of every frame",
    )
    assert session.analysed()


def shows(session: Session, index: int) -> bool:
    return session.on_screen() == index


def test_showing_and_analysing_a_video_look_through_its_file_once(
    session: Session, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Looks(monkeypatch)
    session.open(clip)
    session.until(session.analysed, "the analysis of every frame")
    assert (looks.demuxed, looks.fingerprinted) == (1, 1)


def test_every_key_of_the_table_moves_as_it_says(session: Session, clip: Path) -> None:
    session.open(clip)
    steps = [
        ("Right", 1),
        ("Right", 2),
        ("Left", 1),
        ("Up", 11),
        ("Down", 1),
        ("Shift+Right", 26),
        ("Shift+Left", 1),
        ("Ctrl+Right", 11),
        ("Ctrl+Left", 1),
        ("End", 59),
        ("Right", 59),
        ("Home", 0),
        ("Left", 0),
    ]
    for keys, index in steps:
        session.press(keys)
        session.until(partial(shows, session, index), f"frame {index} after {keys}")
        image = session.app.prediction_view.frame
        assert image is not None
        assert read_number(image.image) == index


def test_the_paused_frame_has_its_own_prediction(session: Session, clip: Path) -> None:
    session.open(clip)
    classifier = session.app.classifier
    assert classifier is not None
    for index in (7, 41, 3):
        session.app.player.go_to(index)
        session.until(lambda index=index: session.on_screen() == index)  # type: ignore[misc]
        frame, prediction = (
            session.app.prediction_view.frame,
            session.app.prediction_view.prediction,
        )
        assert frame is not None
        assert prediction is not None
        assert frame.index == index
        expected = classifier.classify(frame.image).probabilities
        np.testing.assert_allclose(prediction.probabilities, expected, atol=1e-6)


def test_playing_reaches_the_end_and_says_so(session: Session, clip: Path) -> None:
    session.open(clip)
    session.app.player.set_speed(4.0)
    session.press("Space")
    assert session.app.player.playing
    session.until(lambda: not session.app.player.playing, "the end")
    session.until(lambda: session.on_screen() == 59, "the last frame")


def test_speed_keys(session: Session, clip: Path) -> None:
    session.open(clip)
    session.press("]")
    assert session.app.player.speed == 1.5
    for _ in range(9):
        session.press("]")
    assert session.app.player.speed == 8.0
    session.press("Backspace")
    assert session.app.player.speed == 1.0
    for _ in range(9):
        session.press("[")
    assert session.app.player.speed == 0.25


def test_shuttle_keys(session: Session, clip: Path) -> None:
    session.open(clip)
    session.app.player.go_to(40)
    session.until(lambda: session.on_screen() == 40)
    session.press("J")
    session.until(lambda: session.on_screen() < 40, "backwards")
    session.press("K")
    assert not session.app.player.playing
    session.press("L")
    session.press("L")
    assert session.app.player._playing == 2.0
    session.press("K")
    session.press("[")
    assert session.app.player.speed == 0.5
    session.press("J")
    assert session.app.player._playing == -0.5, "the speed of the box"
    session.press("L")
    assert session.app.player._playing == 0.5
    session.press("L")
    assert session.app.player._playing == 1.0
    session.press("Backspace")


def test_an_analysis_is_resumed_not_repeated(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    with running(tmp_path / "data", model) as first:
        first.open(clip)
        first.until(first.analysed)
        kept = first.app.analysis.timeline
        assert kept is not None
        before = kept.raw.copy()
        first.app.player.go_to(33)
        first.until(lambda: first.on_screen() == 33)
    with running(tmp_path / "data", model) as second:
        second.open(clip)
        second.until(second.analysed)
        assert not second.app.analysis.running
        timeline = second.app.analysis.timeline
        assert timeline is not None
        np.testing.assert_array_equal(timeline.raw, before)
        second.until(lambda: second.on_screen() == 33, "the place where the reader was")


def test_a_second_file_while_the_first_is_analysed(
    session: Session, clip: Path, tmp_path: Path
) -> None:
    long = make_clip(tmp_path / "long.mp4", count=400)
    with analysis_held(long):
        session.app.open(long)
        session.until(lambda: session.app.analysis.running, "the first analysis")
        session.open(clip)
    session.until(session.analysed, "the second analysis")
    timeline = session.app.analysis.timeline
    assert timeline is not None
    assert timeline.frame_count == 60


def test_cancel_keeps_what_is_done_and_ctrl_r_goes_on(session: Session, tmp_path: Path) -> None:
    long = make_clip(tmp_path / "long.mp4", count=400)
    with analysis_held(long):
        session.app.open(long)
        session.until(
            lambda: (
                session.app.analysis.running
                and bool(present(session.app.analysis.timeline).known_count)
            ),
            "a part",
        )
        session.press("Ctrl+.")
        session.until(lambda: not session.app.analysis.running, "the end of the analysis")
    timeline = session.app.analysis.timeline
    assert timeline is not None
    assert timeline.known_count < 400
    assert "Ctrl+R continues" in session.app.window.progress.text()
    session.press("Ctrl+R")
    session.until(session.analysed)


@pytest.mark.parametrize("kind", ["text", "empty", "missing", "empty folder"])
def test_what_cannot_be_opened_gets_a_sentence_and_nothing_changes(
    session: Session, clip: Path, tmp_path: Path, kind: str
) -> None:
    session.open(clip)
    bad = tmp_path / "bad.mp4"
    if kind == "text":
        bad.write_text("this is a letter\n" * 50)
    elif kind == "empty":
        bad.write_bytes(b"")
    elif kind == "empty folder":
        bad.mkdir()
    session.app.open(bad)
    session.until(lambda: "bad.mp4" in session.message(), "a sentence")
    assert "Traceback" not in session.message()
    assert session.on_screen() == 0


def test_a_refused_file_leaves_the_first_one_usable(
    session: Session, clip: Path, tmp_path: Path
) -> None:
    """The reader mistyped: the procedure that is still on screen must still obey the keys."""
    session.open(clip)
    session.app.open(tmp_path / "missing.mp4")
    session.until(lambda: "missing.mp4" in session.message())
    session.press("Right")
    session.until(lambda: session.on_screen() == 1, "a step in the file on screen")


def test_a_broken_picture_among_good_ones_is_counted_and_named(
    session: Session, tmp_path: Path
) -> None:
    folder = tmp_path / "stills"
    folder.mkdir()
    for number in range(5):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((90, 120, 3), 40 * number, np.uint8))
    (folder / "2.png").write_bytes(b"not a picture")
    session.open(folder)
    session.until(lambda: "2.png" in session.message())
    info = session.app.player.info
    assert info is not None
    assert info.frame_count == 4


def test_a_file_that_vanishes_while_it_plays(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "stills"
    folder.mkdir()
    for number in range(50):
        cv2.imwrite(str(folder / f"{number:03}.png"), np.full((90, 120, 3), 4 * number, np.uint8))
    session.open(folder)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    session.press("Space")
    session.until(lambda: bool(session.message()), "a sentence")
    session.until(lambda: not session.app.player.playing, "a pause")
    assert session.on_screen() >= 0


def test_without_a_model_frames_are_shown_and_the_reason_is_said(
    qtbot: QtBot, tmp_path: Path, clip: Path
) -> None:
    with running(tmp_path / "data", tmp_path / "no-model") as session:
        session.app.open(clip)
        session.until(lambda: session.on_screen() == 0)
        session.until(lambda: "without predictions" in session.message())
        assert session.app.prediction_view.prediction is None


def test_a_data_folder_that_cannot_be_written_is_said_and_survived(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    root = tmp_path / "data"
    root.mkdir()
    (root / "in the way").write_text("")
    with running(root / "in the way" / "deeper", model) as session:
        assert "cannot be written" in session.message()
        session.open(clip)
        session.until(session.analysed)
        spin(50)
        assert "cannot be written" in session.message()


def test_a_dropped_file_is_opened(session: Session, clip: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(clip))])
    drop = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QEvent.Type.Drop,
    )
    session.app.window.dropEvent(drop)
    session.until(
        lambda: session.on_screen() == 0 and session.app.prediction_view.prediction is not None,
        "the dropped file",
    )
    assert session.app.player.info is not None
    assert session.app.player.info.path == clip


def test_the_recent_list_opens_what_was_seen(session: Session, clip: Path) -> None:
    session.open(clip)
    menu = session.app.window.recent_menu
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == [clip.name]


def test_a_procedure_that_is_open_only_after_the_window_has_closed_reaches_nobody(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    opened: list[int] = []
    with running(tmp_path / "data", model) as session:
        session.open(clip)
        player = session.app.player
        player.opened.connect(lambda generation, _: opened.append(generation))
        frames = player.frames
        assert frames is not None
        session.app.close()
        player._on_opened(player.generation, frames, player.times, player.stamps, None)
    assert opened == []


def test_a_program_that_was_closed_leaves_nothing_in_memory(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    left: list[weakref.ref[object]] = []
    for number in range(3):
        with running(tmp_path / str(number), model) as session:
            session.open(clip)
            session.until(session.analysed)
            session.press("1")
            left += [weakref.ref(session.app), weakref.ref(session.app.window)]
        del session
    if gc.get_freeze_count():
        gc.unfreeze()
    gc.collect()
    assert [one for one in left if one() is not None] == []
