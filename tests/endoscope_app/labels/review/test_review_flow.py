"""The review list beside the player: rows, keys, queues, pictures, and what it tells where the
model is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from endoscope_app.labels.frame_states import NONE, State
from endoscope_app.labels.review import wording
from endoscope_app.labels.review.review_dialog import ReviewDialog
from endoscope_app.labels.review.review_rows import Queue
from endoscope_app.labels.review.thumbnail_thread import ThumbnailThread, ThumbnailWish
from endoscope_app.viewing.commands import PLAY_PAUSE
from kd_core.schema.taxonomy import display_name
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip, read_number
from tests.endoscope_app.label_session import choose_mode, give, go, in_front, labels, ready
from tests.model_factory import make_model_dir

COUNT = 40


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=COUNT)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path, clip: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        ready(session, clip)
        session.until(session.analysed, "the analysis")
        session.until(lambda: not session.app.analysis.running, "its end")
        yield session


def opened(session: Session) -> ReviewDialog:
    session.press("Ctrl+L")
    dialog = session.app.labels.review.dialog
    assert dialog is not None
    assert dialog.isVisible()
    assert not dialog.isModal()
    in_front(session, dialog)
    return dialog


def row_of(dialog: ReviewDialog, frame: int) -> int:
    return int(dialog.rows.shown_frames().tolist().index(frame))


def cells(dialog: ReviewDialog, frame: int) -> list[str]:
    """You, model, probability, state."""
    model = dialog.rows.table().model()
    return [str(model.index(row_of(dialog, frame), column).data()) for column in (3, 4, 5, 6)]


def test_rows_say_what_reader_and_model_say(session: Session) -> None:
    give(session, {4: "1", 8: "X"})
    dialog = opened(session)
    assert dialog.rows.shown_frames().tolist() == list(range(COUNT))
    app = session.app
    assert app.classifier is not None
    assert app.analysis.timeline is not None
    best = app.analysis.timeline.raw.astype(np.float32)
    mine, models, sure, _ = cells(dialog, 4)
    assert mine == app.labels.session.panel_classes()[0].name
    assert models == display_name(app.classifier.classes[int(best[4].argmax())])
    assert sure == f"{float(best[4].max()) * 100:.0f}\xa0%"
    assert cells(dialog, 8)[3].endswith("none of these")
    times = [dialog.rows.table().model().index(frame, 2).data() for frame in (0, 25)]
    assert times == ["0:00", "0:01"]


def test_the_list_and_the_player_follow_each_other(session: Session) -> None:
    dialog = opened(session)
    table = dialog.rows.table()
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_End)
    session.until(lambda: session.on_screen() == COUNT - 1, "the last frame")
    for _ in range(3):
        QTest.keyClick(table, Qt.Key.Key_Up)
    session.until(lambda: session.on_screen() == COUNT - 4, "three rows up")
    assert dialog.rows.chosen_frame() == COUNT - 4
    go(session, 11)
    session.until(lambda: dialog.rows.chosen_frame() == 11, "the row of the frame on screen")
    session.app.window.action(PLAY_PAUSE).trigger()
    QTest.keyClick(table, Qt.Key.Key_Home)
    session.until(lambda: session.on_screen() == 0, "the first frame")
    assert not session.app.player.playing


def test_label_keys_work_there_and_digits_in_a_field_stay_digits(session: Session) -> None:
    dialog = opened(session)
    table = dialog.rows.table()
    go(session, 6)
    table.setFocus()
    first = session.app.labels.session.panel_classes()[0].name
    for key, kinds, said in (
        (Qt.Key.Key_1, ["class"], first),
        (Qt.Key.Key_X, ["unusable"], "–"),
        (Qt.Key.Key_Delete, [], "–"),
        (Qt.Key.Key_R, ["agreed"], None),
    ):
        QTest.keyClick(table, key)
        assert [label.kind for label in labels(session)] == kinds
        assert said is None or cells(dialog, 6)[0] == said
    assert cells(dialog, 6)[3].endswith("agreed")
    QTest.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert labels(session) == []
    box = dialog.findChildren(QSpinBox)[0]
    box.setFocus()
    box.selectAll()
    QTest.keyClick(box, Qt.Key.Key_4)
    QTest.keyClick(box, Qt.Key.Key_2)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 42
    assert labels(session) == []


def test_the_next_unsure_frame_is_the_next_of_the_queue_while_the_list_is_open(
    session: Session,
) -> None:
    dialog = opened(session)
    dialog.rows.set_queue(Queue.SPREAD)
    order = dialog.rows.shown_frames().tolist()
    assert order != sorted(order)
    go(session, order[0])
    for frame in order[1:4]:
        session.press("Shift+N")
        session.until(lambda frame=frame: session.on_screen() == frame, f"frame {frame}")  # type: ignore[misc]
    session.press("Shift+P")
    session.until(lambda: session.on_screen() == order[2], "back again")
    go(session, order[-1])
    session.press("Shift+N")
    assert "last frame of the review list" in session.message()
    dialog.rows.set_queue(Queue.TIME)
    assert session.app.labels.review.queue() is None
    dialog.rows.set_queue(Queue.MOST_UNCERTAIN)
    margin = np.sort(session.app.analysis.timeline.raw.astype(np.float64), axis=1)  # type: ignore[union-attr]
    ahead = (margin[:, -1] - margin[:, -2])[dialog.rows.shown_frames()]
    assert (np.diff(ahead) >= -1e-6).all()
    dialog.close()
    assert session.app.labels.review.queue() is None


def test_a_hidden_model_shows_only_on_answered_frames(session: Session) -> None:
    choose_mode(session, "hidden")
    dialog = opened(session)
    rows = dialog.rows.table().model().rows  # type: ignore[attr-defined]
    assert (rows.model_code == NONE).all()
    assert np.isnan(rows.probability).all()
    assert np.isnan(rows.margin).all()
    assert (rows.state_code == State.UNLABELLED).all()
    assert "reader mode" in dialog.note()
    go(session, 5)
    session.press("1")
    assert np.flatnonzero(rows.model_code != NONE).tolist() == [5]
    assert np.flatnonzero(~np.isnan(rows.probability)).tolist() == [5]
    session.press("Ctrl+Z")
    assert (rows.model_code == NONE).all()
    assert np.isnan(rows.probability).all()
    choose_mode(session, "always")
    rows = dialog.rows.table().model().rows  # type: ignore[attr-defined]
    assert (rows.model_code != NONE).any()
    assert dialog.note() == ""


def test_the_held_key_shows_the_model_from_the_list_too(session: Session) -> None:
    choose_mode(session, "on request")
    dialog = opened(session)
    bars, table = session.app.window.bars, dialog.rows.table()
    go(session, 3)
    assert bars.top() is None
    QTest.keyPress(table, Qt.Key.Key_M)
    assert bars.top() is not None
    QTest.keyRelease(table, Qt.Key.Key_M)
    assert bars.top() is None
    QTest.keyPress(table, Qt.Key.Key_M)
    dialog.findChildren(QSpinBox)[0].setFocus()
    assert bars.top() is None


def test_pictures_come_by_themselves_and_their_thread_ends(session: Session) -> None:
    dialog = opened(session)
    pictures = dialog.rows.table().model().thumbnails  # type: ignore[attr-defined]
    first, last = dialog.rows.table().seen_rows()
    session.until(
        lambda: all(frame in pictures for frame in range(first, last + 1)),
        "the pictures of the rows in view",
    )
    reviewing = session.app.labels.review
    thread = reviewing._thumbnails.running
    assert thread is not None
    assert thread.isRunning()
    size = dialog.size()
    dialog.resize(900, 500)
    dialog.close()
    assert opened(session) is dialog
    assert (dialog.width(), dialog.height()) == (900, 500) != (size.width(), size.height())
    reviewing.close()
    assert not thread.isRunning()
    assert reviewing._thumbnails.running is None


def test_another_procedure_has_other_rows_and_pictures(session: Session, tmp_path: Path) -> None:
    dialog = opened(session)
    pictures = dialog.rows.table().model().thumbnails  # type: ignore[attr-defined]
    session.until(lambda: len(pictures) > 0, "a picture")
    other = make_clip(tmp_path / "other.mp4", count=15, gop=3)
    session.open(other)
    assert dialog.rows.shown_frames().tolist() == list(range(15))
    session.until(lambda: 0 in pictures, "a picture of the other one")


def test_stills_have_no_time_of_their_own(session: Session, tmp_path: Path) -> None:
    for number in range(3):
        image = np.full((96, 96, 3), 60 + 40 * number, np.uint8)
        assert cv2.imwrite(str(tmp_path / f"{number}.png"), image)
    session.open(tmp_path)
    dialog = opened(session)
    session.until(lambda: dialog.rows.shown_frames().tolist() == [0, 1, 2], "three rows")
    times = [dialog.rows.table().model().index(row, 2).data() for row in range(3)]
    assert times == [wording.NOTHING] * 3


def test_the_newest_wish_wins_and_pictures_are_of_their_frames(
    qtbot: QtBot, clip: Path, tmp_path: Path
) -> None:
    thread = ThumbnailThread()
    seen: list[tuple[int, int, int]] = []
    thread.image_made.connect(
        lambda generation, index, image, _blanked: seen.append(
            (
                generation,
                index,
                read_number(
                    np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[
                        :, : image.width()
                    ]
                ),
            )
        )
    )
    thread.want(ThumbnailWish(1, clip, False, tuple(range(COUNT))))
    thread.want(ThumbnailWish(1, tmp_path / "gone.mp4", False, (1, 2)))
    thread.want(ThumbnailWish(2, clip, False, (30, 3)))
    thread.start()
    try:
        qtbot.waitUntil(lambda: len(seen) == 2, timeout=5000)
        assert seen == [(2, 3, 3), (2, 30, 30)]
        thread.want(ThumbnailWish(3, tmp_path / "gone.mp4", False, (1, 2)))
        thread.want(None)
        spin(50)
        assert len(seen) == 2
    finally:
        thread.stop()
        assert thread.wait(5000)
