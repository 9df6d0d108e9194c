"""A frame that the model stumbles over is shown without a prediction, and the next one has its
own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from endoscope_app.viewing import inference_thread, wording
from endoscope_app.viewing.classifier import Classifier, Prediction
from kd_core.vision.predictor import Predictor
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.live_pair import LivePair
from tests.model_factory import make_model_dir


class Stumbling(Classifier):
    """The real model, but ``trouble`` is raised instead while there is one."""

    trouble: Exception | None = None

    def classify(self, bgra: NDArray[np.uint8]) -> Prediction:
        if self.trouble is not None:
            raise self.trouble
        return super().classify(bgra)


@pytest.fixture
def classifier(tmp_path: Path) -> Stumbling:
    return Stumbling(Predictor.load(make_model_dir(tmp_path / "student")))


@pytest.fixture
def pair(qtbot: QtBot, classifier: Stumbling, tmp_path: Path) -> Iterator[LivePair]:
    made = LivePair(qtbot, classifier)
    made.open(1, make_clip(tmp_path / "clip.mp4", count=12))
    yield made
    assert made.stop() == (True, True)


def go(pair: LivePair, index: int) -> Prediction | None:
    pair.playback.show_frame(1, index)
    pair.until(lambda: pair.shown()[-1] == index)
    return pair.delivered[-1].prediction


@pytest.mark.parametrize(
    ("trouble", "words"),
    [(MemoryError(), "not enough memory"), (ValueError("what a bug"), wording.NOT_CLASSIFIED)],
)
def test_a_frame_without_an_answer_is_shown_and_the_next_one_is_classified(
    pair: LivePair, classifier: Stumbling, trouble: Exception, words: str
) -> None:
    classifier.trouble = trouble
    assert [go(pair, index) for index in (3, 4, 5)] == [None, None, None]
    pair.until(lambda: bool(pair.faults))
    classifier.trouble = None
    assert go(pair, 6) is not None
    assert [words in str(fault) for fault in pair.faults] == [True]  # said once


def test_another_model_that_stumbles_is_told_again(pair: LivePair, classifier: Stumbling) -> None:
    classifier.trouble = MemoryError()
    go(pair, 3)
    pair.inference.use(classifier)
    go(pair, 4)
    pair.until(lambda: len(pair.faults) == 2)


def test_what_identifies_the_patient_is_never_shown_for_want_of_memory(
    pair: LivePair, classifier: Stumbling, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(_image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(inference_thread, "without_identity_bgra", no_memory)
        pair.inference.blank(True)
        pair.playback.show_frame(1, 5)
        pair.until(lambda: pair.frames.put_in[-1] == (1, 5) and bool(pair.faults))
        pair.inference.use(classifier)
        pair.inference.blank(True)  # the frame before it once more, after the fifth
        pair.until(lambda: len(pair.faults) == 2)
    assert go(pair, 6) is not None
    assert 5 not in pair.shown()
    assert pair.delivered[-1].blanked is not None
