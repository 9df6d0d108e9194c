"""Keys become labels in the whole application: the frame at the press, undo, restarts, ranges,
jumps, and what may be seen of the model.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from endoscope_app.labels import frame_pixels
from endoscope_app.labels.commands import UNDO
from endoscope_app.labels.library.frame_pngs import content_hash
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import FrameLabel
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip
from tests.model_factory import make_model_dir
from tests.present import present


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=60)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        session.open(clip)
        session.until(
            lambda: len(session.app.labels.session.panel_classes()) == 6, "the model's classes"
        )
        yield session


def labels(session: Session) -> list[FrameLabel]:
    store = session.app.labels.session.store
    return store.read.frame_labels(session.app.labels.procedure.fingerprint)


def go(session: Session, index: int) -> None:
    session.app.player.go_to(index)
    session.until(lambda: session.on_screen() == index, f"frame {index}")


def words(session: Session) -> str:
    return session.app.window.label_panel.text()


def test_a_digit_labels_the_frame_on_screen_with_its_pixels(
    session: Session, tmp_path: Path
) -> None:
    go(session, 7)
    session.press("2")
    (label,) = labels(session)
    second = session.app.labels.session.panel_classes()[1]
    assert (label.frame_index, label.kind, label.class_id) == (7, "class", second.id)
    assert label.pts == session.app.player.stamps[7]
    assert second.name in words(session)
    frame = session.app.prediction_view.frame
    assert frame is not None
    rgb = cv2.cvtColor(frame.image, cv2.COLOR_BGRA2RGB)
    assert label.png == content_hash(rgb)
    session.app.tasks.wait()
    kept = cv2.imread(
        str(tmp_path / "data" / "labels" / "frames" / label.png[:2] / f"{label.png}.png")
    )
    assert np.array_equal(present(kept), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))


def test_a_key_does_not_wait_for_the_hash_of_a_frame_that_stands(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed_by: list[threading.Thread] = []

    def hashed(rgb: NDArray[np.uint8]) -> str:
        hashed_by.append(threading.current_thread())
        return content_hash(rgb)

    monkeypatch.setattr(frame_pixels, "content_hash", hashed)
    go(session, 21)
    session.until(lambda: session.app.labels.frames.pixels.ready, "the frame's hash")
    frame = present(session.app.prediction_view.frame)
    rgb = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGRA2RGB), np.uint8)
    session.press("2")
    assert labels(session)[0].png == content_hash(rgb)
    assert hashed_by
    assert threading.main_thread() not in hashed_by


def test_the_press_counts_while_playing(session: Session) -> None:
    session.press("Space")
    session.until(lambda: session.on_screen() > 5, "some frames")
    shown = session.on_screen()
    session.press("1")
    session.press("Space")
    assert [label.frame_index for label in labels(session)] == [shown]


def test_every_answer_has_its_key_and_can_be_undone_and_done_again(session: Session) -> None:
    go(session, 3)
    # the model is right about a class of another group than that of key 1
    both = ["class", "agreed"]
    steps = [("1", ["class"]), ("R", both), ("X", ["unusable"]), ("Del", [])]
    for keys, kinds in steps:
        session.press(keys)
        assert [label.kind for label in labels(session)] == kinds
    undo = session.app.window.action(UNDO)
    assert undo.text() == "&Undo: clear None of these at 0:00.1"
    seen: list[Any] = []
    while (undo.isEnabled() and labels(session) != []) or not seen:
        session.press("Ctrl+Z")
        seen.append([label.kind for label in labels(session)])
    assert seen == [["unusable"], both, ["class"], []]
    session.press("Ctrl+Shift+Z")
    assert [label.kind for label in labels(session)] == ["class"]


def test_what_the_model_said_is_in_the_journal(session: Session) -> None:
    go(session, 5)
    session.press("3")
    store, prediction = session.app.labels.session.store, session.app.prediction_view.prediction
    assert store is not None
    assert prediction is not None
    row = [row for row in store.read.journal_rows() if row.title.endswith(" at 0:00.2")][-1]
    classifier = session.app.classifier
    assert classifier is not None
    assert row.model_version == classifier.version
    assert row.model_class == classifier.classes[prediction.label]
    assert row.probability == pytest.approx(float(prediction.probabilities.max()))
    assert row.ai_visible == "always"


def test_a_restart_finds_labels_and_undo(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    for presses, expected in ((["1"], ["class"]), (["Ctrl+Z"], [])):
        with running(tmp_path / "data", model) as session:
            session.open(clip)
            session.until(lambda: bool(session.app.labels.session.panel_classes()))
            go(session, 4)
            for keys in presses:
                session.press(keys)
            assert [label.kind for label in labels(session)] == expected


def test_a_range_is_marked_and_labelled_by_a_digit_or_by_enter(session: Session) -> None:
    store = session.app.labels.session.store
    assert store is not None
    for first, last, keys in ((10, 20, "1"), (40, 30, "Return")):
        go(session, first)
        session.press("I")
        go(session, last)
        session.press("O")
        session.press(keys)
    spans = store.read.ranges(session.app.labels.procedure.fingerprint)
    assert [(one.first_index, one.last_index) for one in spans] == [(10, 20), (30, 40)]
    assert len({one.class_id for one in spans}) == 1
    assert session.app.labels.marks.mark == (None, None)
    go(session, 15)
    assert session.app.labels.session.panel_classes()[0].name in words(session)
    session.press("I")
    session.press("Esc")
    session.press("Return")
    assert "Mark a range first" in session.message()


def test_jumps_from_label_to_label(session: Session) -> None:
    for index in (5, 25, 50):
        go(session, index)
        session.press("1")
    go(session, 0)
    for keys, index in ((".", 5), (".", 25), (".", 50), (",", 25)):
        session.press(keys)
        session.until(lambda index=index: session.on_screen() == index, f"label at {index}")  # type: ignore[misc]


def test_jumps_to_a_disagreement(session: Session) -> None:
    session.until(session.analysed, "the analysis")
    go(session, 33)
    prediction = session.app.prediction_view.prediction
    assert prediction is not None
    other = (prediction.label + 1) % 6
    session.press(str(other + 1))
    states = session.app.labels.procedure_labels.states
    assert states.differing()[33]
    assert states.differing().sum() == 1
    session.press("Del")
    assert not states.differing().any()


@pytest.mark.parametrize("mode", ["hidden", "on request"])
def test_the_model_is_hidden_until_it_may_be_seen(session: Session, mode: str) -> None:
    app = session.app
    app.settings.take(msgspec.structs.replace(app.settings.now, reader_mode=mode))
    go(session, 8)
    assert app.window.bars.top() is None
    assert "hidden" in words(session)
    if mode == "hidden":
        session.press("1")
    else:
        QTest.keyPress(app.window, Qt.Key.Key_M)
    assert app.window.bars.top() is not None
    assert "hidden" not in words(session)
    if mode == "on request":
        QTest.keyRelease(app.window, Qt.Key.Key_M)
        assert app.window.bars.top() is None


def test_a_second_window_shows_labels_and_writes_none(
    session: Session, tmp_path: Path, model: Path, clip: Path
) -> None:
    go(session, 2)
    session.press("1")
    with running(tmp_path / "data", model) as second:
        second.open(clip)
        assert "Another window has the labels open" in second.message()
        go(second, 2)
        second.press("2")
        assert [label.frame_index for label in labels(second)] == [2]
        assert session.app.labels.session.panel_classes()[0].name in words(second)
    assert [label.class_id for label in labels(session)] == [
        session.app.labels.session.panel_classes()[0].id
    ]


def test_a_library_that_cannot_be_opened_is_said_and_frames_are_still_shown(
    qtbot: QtBot, tmp_path: Path, model: Path, clip: Path
) -> None:
    folder = tmp_path / "data" / "labels"
    folder.mkdir(parents=True)
    LabelStore(folder).close()
    import sqlite3

    connection = sqlite3.connect(folder / "labels.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with running(tmp_path / "data", model) as session:
        session.open(clip)
        assert "newer version" in session.message()
        session.press("1")
        spin(10)
        assert session.on_screen() == 0
