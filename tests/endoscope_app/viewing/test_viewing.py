"""What reaches the screen around the opening of another procedure: only the current one's
frames, and never a dead player.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.settings import Settings
from endoscope_app.media.opening import open_source
from endoscope_app.media.source import FrameSource
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing import playback_thread
from endoscope_app.viewing.inference_thread import ClassifiedFrame
from endoscope_app.viewing.player_controls import connect_controls
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.viewing.recent import RecentFiles
from tests.endoscope_app import clips
from tests.endoscope_app.live_pair import WAIT_MS, GatedClassifier, LivePair
from tests.model_factory import make_model_dir


class Screen:
    """The window with its player; ``arrived`` is what was shown, as (generation, width, number
    read from the picture).
    """

    def __init__(self, qtbot: QtBot, classifier: GatedClassifier, recent: Path) -> None:
        self.pair = LivePair(qtbot, classifier)
        # The window takes the results itself.
        self.pair.inference.frame_classified.disconnect(self.pair._on_frame)
        self.window = MainWindow()
        qtbot.addWidget(self.window)
        self.player = ProcedurePlayer(
            self.window,
            self.pair.playback,
            self.pair.inference,
            RecentFiles(recent),
            CurrentSettings(Settings()),
            frame_view=self.window.frame_view,
            transport=self.window.transport,
            opening_bar=self.window.opening_bar,
        )
        connect_controls(
            self.window,
            self.player,
            frame_view=self.window.frame_view,
            transport=self.window.transport,
        )
        self.arrived: list[tuple[int, int, int]] = []
        self.messages: list[str] = []
        self.player.frame_arrived.connect(self._on_frame)

    def _on_frame(self, result: ClassifiedFrame) -> None:
        image = result.decoded.frame.image
        assert result.prediction is not None
        self.arrived.append((result.decoded.generation, image.shape[1], clips.read_number(image)))

    def open(self, path: Path) -> None:
        before = len(self.arrived)
        self.player.open(path)
        self.pair.until(lambda: len(self.arrived) > before)


@pytest.fixture
def classifier(tmp_path: Path) -> GatedClassifier:
    return GatedClassifier(make_model_dir(tmp_path / "model"))


@pytest.fixture
def screen(qtbot: QtBot, classifier: GatedClassifier, tmp_path: Path) -> Iterator[Screen]:
    made = Screen(qtbot, classifier, tmp_path / "recent.json")
    yield made
    classifier.gate.set()
    assert made.pair.stop() == (True, True)
    assert made.pair.faults == []


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return clips.make_clip(tmp_path / "first.mp4", 50)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return clips.make_clip(tmp_path / "second.mp4", 20, size=(160, 96))


def test_a_frame_of_the_old_file_that_is_still_classified_is_never_shown(
    screen: Screen, classifier: GatedClassifier, first: Path, second: Path
) -> None:
    screen.open(first)
    screen.player.toggle_play()
    screen.pair.until(lambda: screen.arrived[-1][2] >= 3)
    classifier.gate.clear()
    classifier.entered.clear()
    screen.pair.until(classifier.entered.is_set)  # a frame of the first file sits in the model
    shown = len(screen.arrived)
    screen.player.open(second)
    screen.pair.until(lambda: len(screen.pair.opened) == 2)
    classifier.gate.set()
    screen.pair.until(lambda: len(screen.arrived) > shown)
    screen.player.go_to(7)
    screen.pair.until(lambda: screen.arrived[-1][2] == 7)
    assert screen.arrived[shown:] == [(2, 160, 0), (2, 160, 7)]
    assert not screen.player.playing


def test_a_file_that_cannot_be_opened_leaves_the_current_one_usable(
    screen: Screen, first: Path, tmp_path: Path
) -> None:
    screen.open(first)
    (tmp_path / "notes.mp4").write_bytes(b"no video at all\n" * 100)
    screen.player.open(tmp_path / "notes.mp4")
    screen.pair.until(lambda: len(screen.pair.refused) == 1)
    assert "notes.mp4" in screen.pair.refused[0][1].sentence
    screen.player.step(1)
    screen.pair.until(lambda: screen.arrived[-1][2] == 1)
    screen.player.toggle_play()
    screen.pair.until(lambda: screen.arrived[-1][2] >= 4)


def test_a_first_file_that_cannot_be_opened_is_followed_by_one_that_can(
    screen: Screen, first: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.mp4").touch()
    screen.player.open(tmp_path / "empty.mp4")
    screen.pair.until(lambda: len(screen.pair.refused) == 1)
    screen.player.step(1)
    screen.open(first)
    assert screen.arrived == [(2, clips.WIDTH, 0)]
    assert len(screen.pair.refused) == 1


def test_a_key_pressed_while_a_file_opens_does_not_move_the_new_file(
    screen: Screen, first: Path, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen.open(first)
    screen.player.go_to(10)
    screen.pair.until(lambda: screen.arrived[-1][2] == 10)
    begun, go_on = threading.Event(), threading.Event()

    def slow(path: Path, **how: Any) -> FrameSource:
        begun.set()
        assert go_on.wait(WAIT_MS / 1000)
        return open_source(path, **how)

    monkeypatch.setattr(playback_thread, "open_source", slow)
    screen.player.open(second)
    screen.pair.until(begun.is_set)
    screen.player.step(1)  # still the first file on screen
    go_on.set()
    screen.pair.until(lambda: screen.arrived[-1][0] == 2)
    screen.player.step(2)
    screen.pair.until(lambda: screen.arrived[-1] == (2, 160, 2))
    assert [number for generation, _, number in screen.arrived if generation == 2] == [0, 2]


def test_a_reopened_file_starts_where_it_was_left(
    screen: Screen, first: Path, second: Path
) -> None:
    screen.open(first)
    screen.player.go_to(33)
    screen.pair.until(lambda: screen.arrived[-1][2] == 33)
    screen.open(second)
    screen.player.open(first)
    screen.pair.until(lambda: screen.arrived[-1] == (3, clips.WIDTH, 33))
    assert screen.player.index == 33
