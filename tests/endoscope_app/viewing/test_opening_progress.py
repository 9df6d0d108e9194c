"""A file that takes long to open: how far it is, leaving it by Esc, another one, or the
program; and what stays on screen meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from endoscope_app.base.choice_dialog import ChoiceDialog
from endoscope_app.media.opening import OpeningStopped, open_source
from endoscope_app.media.source import FrameSource
from endoscope_app.viewing import playback_thread
from endoscope_app.viewing.commands import VIDEO_STREAM
from endoscope_app.viewing.inference_thread import ClassifiedFrame
from endoscope_app.viewing.wording import EMPTY_HINT
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.dialog_text import text_of
from tests.endoscope_app.label_session import give, labels, ready
from tests.model_factory import make_model_dir
from tests.present import present

WAIT_S = 20.0


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "short.mp4", 20)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        yield session


class SlowDrive:
    """Opens files whose name says so a hundredth at a time, until it is let go or not wanted
    any more.
    """

    def __init__(self) -> None:
        self.begun, self.let_go, self.stopped = (
            threading.Event(),
            threading.Event(),
            threading.Event(),
        )

    def open(
        self,
        path: Path,
        *,
        progress: Callable[[float], None],
        should_stop: Callable[[], bool],
        **how: Any,
    ) -> FrameSource:
        if "slow" in path.name:
            self.begun.set()
            share, end = 0.25, time.monotonic() + WAIT_S
            while not self.let_go.wait(0.01):
                assert time.monotonic() < end, "the test never let it go"
                if should_stop():
                    self.stopped.set()
                    raise OpeningStopped
                progress(share)
        return open_source(path, progress=progress, should_stop=should_stop, **how)


@pytest.fixture
def drive(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDrive]:
    made = SlowDrive()
    monkeypatch.setattr(playback_thread, "open_source", made.open)
    yield made
    made.let_go.set()


@pytest.fixture
def slow_clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "slow.mp4", 20)


def bar_text(session: Session) -> str:
    bar = session.app.window.opening_bar
    return "" if bar.isHidden() else text_of(bar)


def test_a_long_opening_says_how_far_it_is_and_esc_leaves_it(
    session: Session, drive: SlowDrive, clip: Path, slow_clip: Path
) -> None:
    session.open(clip)
    assert bar_text(session) == ""
    session.app.open(slow_clip)
    session.until(lambda: " left" in bar_text(session), "an estimate")
    assert bar_text(session).startswith("Opening slow.mp4: 25\xa0%, 0:0")
    assert "short.mp4" in session.app.window.windowTitle()
    QTest.keyClick(session.app.window.frame_view, Qt.Key.Key_Escape)
    session.until(drive.stopped.is_set, "the end of the opening")
    session.until(lambda: bar_text(session) == "", "no bar")
    assert "short.mp4" in session.app.window.windowTitle()
    assert session.message() == ""
    session.press("Right")
    session.until(lambda: session.on_screen() == 1, "a step in the procedure that stayed open")


def test_esc_leaves_the_opening_and_not_the_mark(
    session: Session, drive: SlowDrive, clip: Path, slow_clip: Path
) -> None:
    ready(session, clip)
    session.press("I")
    session.app.open(slow_clip)
    session.until(lambda: bool(bar_text(session)), "the bar")
    QTest.keyClick(session.app.window.frame_view, Qt.Key.Key_Escape)
    session.until(drive.stopped.is_set, "the end of the opening")
    assert session.app.window.timeline.display.mark == (0, None)


def test_the_button_leaves_the_first_opening_and_the_hint_is_back(
    session: Session, drive: SlowDrive, slow_clip: Path
) -> None:
    session.app.open(slow_clip)
    session.until(lambda: bool(bar_text(session)), "the bar")
    QTest.mouseClick(
        present(session.app.window.opening_bar.findChild(QPushButton)), Qt.MouseButton.LeftButton
    )
    session.until(drive.stopped.is_set, "the end of the opening")
    session.until(lambda: bar_text(session) == "", "no bar")
    assert session.app.window.frame_view._message == EMPTY_HINT


def test_another_file_takes_the_place_of_the_one_that_is_being_opened(
    session: Session, drive: SlowDrive, clip: Path, slow_clip: Path
) -> None:
    session.app.open(slow_clip)
    session.until(drive.begun.is_set, "the slow opening")
    session.open(clip)
    assert drive.stopped.is_set()
    assert bar_text(session) == ""
    assert "short.mp4" in session.app.window.windowTitle()


def test_the_program_closes_while_a_file_is_being_opened(
    qtbot: QtBot, tmp_path: Path, model: Path, drive: SlowDrive, slow_clip: Path
) -> None:
    with running(tmp_path / "data", model) as session:
        session.app.open(slow_clip)
        session.until(drive.begun.is_set, "the slow opening")
        session.press("Ctrl+Q")
        session.until(lambda: not session.app.window.isVisible(), "a closed window")
        assert drive.stopped.is_set()
        assert not session.app.pipeline.playback.isRunning()


def test_the_frame_before_never_stands_under_the_new_name(
    session: Session, clip: Path, tmp_path: Path
) -> None:
    other = make_clip(tmp_path / "other.mp4", 20, size=(160, 96))
    session.open(clip)
    seen: list[tuple[bool, int | None]] = []

    def look(*_: object) -> None:
        window = session.app.window
        image = window.frame_view._image
        seen.append(
            ("other.mp4" in window.windowTitle(), None if image is None else image.shape[1])
        )
        assert window.verdict.text() == "–"

    session.app.player.opened.connect(look)
    session.open(other)
    assert seen == [(True, None)]
    image = session.app.window.frame_view._image
    assert image is not None
    assert image.shape[1] == 160


def stills(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True)
    for number in range(count):
        cv2.imwrite(
            str(folder / f"{number}.png"), np.full((90, 120, 3), 40 * number + count, np.uint8)
        )
    return folder


def choice(session: Session) -> ChoiceDialog:
    session.until(
        lambda: any(widget.isVisible() for widget in session.app.window.findChildren(ChoiceDialog)),
        "the list",
    )
    return next(
        widget for widget in session.app.window.findChildren(ChoiceDialog) if widget.isVisible()
    )


def test_folders_inside_a_folder_are_offered(session: Session, clip: Path, tmp_path: Path) -> None:
    stills(tmp_path / "study" / "first", 3)
    stills(tmp_path / "study" / "second", 5)
    session.open(clip)
    session.app.open(tmp_path / "study")
    dialog = choice(session)
    assert [row.split("/")[-1] for row in dialog.rows()] == ["first", "second"]
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    session.until(lambda: not dialog.isVisible())
    assert "short.mp4" in session.app.window.windowTitle()
    session.app.open(tmp_path / "study")
    listed = choice(session).findChild(QListWidget)
    QTest.keyClick(present(listed), Qt.Key.Key_Down)
    QTest.keyClick(present(listed), Qt.Key.Key_Return)
    session.until(
        lambda: session.app.player.info is not None and session.app.player.info.frame_count == 5,
        "the second folder",
    )
    assert session.app.player.info is not None
    assert session.app.player.info.path == tmp_path / "study" / "second"


def test_the_video_stream_is_chosen_and_its_labels_keep_apart(
    session: Session, clip: Path, shared_cases: Path
) -> None:
    command = session.app.window.action(VIDEO_STREAM)
    ready(session, clip)
    assert not command.isEnabled()
    ready(session, shared_cases / "two_video_streams_preview_first.mkv")
    own = session.app.player.info
    assert own is not None
    assert (own.width, own.height) == (320, 240)
    give(session, {3: "1"})
    assert command.isEnabled()
    command.trigger()
    dialog = choice(session)
    assert dialog.rows() == [
        "1: 160 x 120, 5 frames per second",
        "2: 320 x 240, 25 frames per second (shown now)",
    ]
    listed = dialog.findChild(QListWidget)
    QTest.keyClick(present(listed), Qt.Key.Key_Up)
    QTest.keyClick(present(listed), Qt.Key.Key_Return)
    session.until(
        lambda: session.app.player.info is not None and session.app.player.info.width == 160,
        "the other stream",
    )
    other = session.app.player.info
    assert other is not None
    session.until(lambda: session.app.labels.procedure.fingerprint == other.fingerprint)
    assert other.fingerprint != own.fingerprint
    assert labels(session) == []
    session.until(session.analysed, "the analysis of the other stream")
    timeline = session.app.analysis.timeline
    assert timeline is not None
    assert timeline.frame_count == other.frame_count
    ready(session, shared_cases / "two_video_streams_preview_first.mkv")
    session.until(lambda: session.app.labels.procedure.fingerprint == own.fingerprint)
    assert [label.frame_index for label in labels(session)] == [3]


def test_the_first_frame_is_shown_though_an_older_one_brought_it(
    session: Session, clip: Path, tmp_path: Path
) -> None:
    """The window hears of a frame of the procedure before, takes the newest that there is, which is
    the first of the next procedure, and hears only then that this one is open.
    """
    session.open(clip)
    player, inference = session.app.player, session.app.pipeline.inference
    other = make_clip(tmp_path / "other.mp4", 12)
    session.app.open(other)
    # Nothing is heard meanwhile: no event of Qt is dealt with here
    end = time.monotonic() + WAIT_S
    while not first_of(inference.results._item, player.generation):
        assert time.monotonic() < end
        time.sleep(0.01)
    player._on_frame_classified()
    assert present(player.info).path == clip
    session.until(
        lambda: (
            player.info is not None
            and player.info.path == other
            and session._generation_on_screen() == player.generation
        ),
        "the first frame of the other one",
    )


def first_of(item: ClassifiedFrame | None, generation: int) -> bool:
    return item is not None and item.decoded.generation == generation
