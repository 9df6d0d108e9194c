"""Playback and inference together: every frame with its own prediction, nothing of yesterday's
file, and an end in words.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.media.opening import open_source
from endoscope_app.media.source import Frame
from endoscope_app.media.video import VideoSource
from endoscope_app.viewing import playback_thread
from tests.endoscope_app import clips
from tests.endoscope_app.live_pair import GatedClassifier, LivePair
from tests.model_factory import make_model_dir

COUNT = 50


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", COUNT)


@pytest.fixture
def classifier(model_dir: Path) -> GatedClassifier:
    return GatedClassifier(model_dir)


@pytest.fixture
def pair(qtbot: QtBot, classifier: GatedClassifier) -> Iterator[LivePair]:
    made = LivePair(qtbot, classifier)
    yield made
    classifier.gate.set()
    assert made.stop() == (True, True)
    assert made.faults == []


def test_each_frame_of_playback_carries_its_own_prediction(
    pair: LivePair, clip: Path, classifier: GatedClassifier
) -> None:
    pair.open(1, clip)
    pair.playback.play(1, 2.0)
    pair.until(lambda: bool(pair.ended) and pair.shown()[-1] == COUNT - 1)
    assert pair.shown() == sorted(set(pair.shown()))
    assert len(pair.delivered) > 5
    with open_source(clip) as source:
        for result in pair.delivered:
            frame, prediction = result.decoded.frame, result.prediction
            assert prediction is not None
            assert clips.read_number(frame.image) == frame.index
            assert prediction.model_version == classifier.version
            by_hand = classifier.classify(source.read(frame.index).image)
            np.testing.assert_array_equal(prediction.probabilities, by_hand.probabilities)
            np.testing.assert_array_equal(prediction.features, by_hand.features)
            heat_map = classifier.heat_map(by_hand)
            assert result.heat_map is not None
            assert result.heat_map.class_index == prediction.label
            np.testing.assert_array_equal(result.heat_map.evidence, heat_map.evidence)
    # Without this the comparison would also hold for a model that says the same of everything.
    made = {
        result.prediction.probabilities.tobytes() for result in pair.delivered if result.prediction
    }
    assert len(made) > len(pair.delivered) * 3 // 4


def test_seeks_forwards_and_backwards_show_exactly_the_frame_asked_for(
    pair: LivePair, clip: Path
) -> None:
    pair.open(1, clip)
    for index in (49, 0, 13, 12, 11, 25, 24, 30, 3, -5, 99):
        seen = len(pair.delivered)
        pair.playback.show_frame(1, index)
        pair.until(lambda seen=seen: len(pair.delivered) > seen)  # type: ignore[misc]
        frame = pair.delivered[-1].decoded.frame
        assert frame.index == min(max(index, 0), COUNT - 1)
        assert clips.read_number(frame.image) == frame.index
        assert not pair.delivered[-1].decoded.playing
    assert pair.refused == []


def test_after_a_seek_out_of_playback_nothing_but_the_frame_asked_for_follows(
    pair: LivePair, clip: Path
) -> None:
    pair.open(1, clip)
    pair.playback.play(1, 1.0)
    pair.until(lambda: pair.shown()[-1] >= 3)
    pair.playback.show_frame(1, 40)
    pair.until(lambda: pair.shown()[-1] == 40)
    pair.playback.show_frame(1, 5)
    pair.until(lambda: pair.shown()[-1] == 5)
    at = pair.shown().index(40)
    assert pair.shown()[at:] == [40, 5]
    assert max(pair.shown()[:at]) < 40


def test_backwards_playback_ends_at_the_first_frame(pair: LivePair, clip: Path) -> None:
    pair.open(1, clip)
    pair.playback.play(1, -2.0, COUNT - 1)
    pair.until(lambda: pair.ended == [1] and pair.shown()[-1] == 0)
    assert pair.shown()[1:] == sorted(pair.shown()[1:], reverse=True)


def test_a_new_file_ends_the_playback_of_the_old_one(
    pair: LivePair, clip: Path, tmp_path: Path
) -> None:
    other = clips.make_clip(tmp_path / "b.mp4", 20, size=(160, 96))
    pair.open(1, clip)
    pair.playback.play(1, 1.0)
    pair.until(lambda: pair.shown()[-1] >= 3)
    pair.open(2, other)
    pair.playback.play(1, 1.0, 5)  # late wish of a reader who still saw the old file
    pair.until(lambda: pair.playback._wishes._item is None)
    pair.playback.show_frame(2, 19)
    pair.until(lambda: pair.shown()[-1] == 19)
    assert [index for generation, index in pair.frames.put_in if generation == 2] == [0, 19]
    generations = [result.decoded.generation for result in pair.delivered]
    assert generations == sorted(generations)
    for result in pair.delivered:
        assert (
            result.decoded.frame.image.shape[1]
            == {1: clips.WIDTH, 2: 160}[result.decoded.generation]
        )
    assert [generation for generation, _ in pair.opened] == [1, 2]


def test_frames_overtaken_while_the_model_is_slow_are_counted(
    pair: LivePair, clip: Path, classifier: GatedClassifier
) -> None:
    pair.open(1, clip)
    classifier.gate.clear()
    pair.playback.play(1, 2.0)
    pair.until(lambda: bool(pair.ended))
    classifier.gate.set()
    pair.until(lambda: pair.shown()[-1] == COUNT - 1)
    lost = pair.playback.dropped + pair.frames.replaced + pair.inference.results.replaced
    assert pair.frames.replaced > 0
    assert len(pair.delivered) + lost == COUNT


def test_frames_overtaken_while_the_decoder_is_slow_are_counted(
    pair: LivePair, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SlowSource(VideoSource):
        def read(self, index: int) -> Frame:
            time.sleep(0.1)  # the load under test: two and a half frames' time
            return super().read(index)

    monkeypatch.setattr(playback_thread, "open_source", lambda path, **_: SlowSource(path))
    pair.open(1, clip)
    pair.playback.play(1, 1.0)
    pair.until(lambda: bool(pair.ended) and pair.shown()[-1] == COUNT - 1)
    assert pair.playback.dropped >= COUNT // 4
    assert len(pair.frames.put_in) + pair.playback.dropped == COUNT
    assert len(pair.delivered) + pair.frames.replaced + pair.inference.results.replaced == len(
        pair.frames.put_in
    )


@pytest.mark.parametrize("state", ["idle", "paused", "playing", "classifying"])
def test_stop_ends_both_threads(
    qtbot: QtBot, clip: Path, classifier: GatedClassifier, state: str
) -> None:
    pair = LivePair(qtbot, classifier)
    if state != "idle":
        pair.open(1, clip)
    if state in ("playing", "classifying"):
        pair.playback.play(1, 0.25)
        pair.until(lambda: len(pair.delivered) > 2)
    if state == "classifying":
        classifier.gate.clear()
        classifier.entered.clear()
        pair.until(classifier.entered.is_set)
        pair.inference.stop()
        classifier.gate.set()
    begun = time.monotonic()
    assert pair.stop() == (True, True)
    assert time.monotonic() - begun < 5
    assert not pair.playback.isRunning()
    assert not pair.inference.isRunning()
    assert pair.frames.closed
    assert pair.faults == []


@pytest.mark.skipif(os.name != "posix", reason="an open file cannot be renamed here")
def test_a_file_that_vanishes_while_playing_is_played_to_its_end(
    pair: LivePair, tmp_path: Path
) -> None:
    path = clips.make_clip(tmp_path / "stick.mp4", COUNT)
    pair.open(1, path)
    pair.playback.play(1, 2.0)
    path.unlink()
    pair.until(lambda: bool(pair.ended) and pair.shown()[-1] == COUNT - 1)
    assert pair.refused == []


def test_a_file_cut_off_while_playing_ends_with_one_message(pair: LivePair, tmp_path: Path) -> None:
    # Large pictures, so that the rest of the file is in no buffer.
    path = clips.make_clip(
        tmp_path / "stick.avi", COUNT, codec="rawvideo", pix_fmt="yuv420p", b_frames=0
    )
    pair.open(1, path)
    pair.playback.play(1, 1.0)
    pair.until(lambda: pair.shown()[-1] >= 2)
    os.truncate(path, 10_000)
    pair.until(lambda: bool(pair.refused) or bool(pair.ended))
    (generation, error), *more = pair.refused
    assert (generation, more, pair.ended) == (1, [], [])
    assert error.sentence.startswith("Frame ")
    assert "stick.avi" in error.sentence
    assert error.way_out
    assert "Traceback" not in error.detail
    # It plays no further: what was decoded is delivered and then nothing comes.
    put_in = list(pair.frames.put_in)
    pair.playback.show_frame(1, 40)
    pair.until(lambda: len(pair.refused) == 2)
    assert pair.frames.put_in == put_in
