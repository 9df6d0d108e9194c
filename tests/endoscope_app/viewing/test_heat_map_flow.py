"""The heat map through the whole application: made where the features are, of the frame on screen
and of the class asked about.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from endoscope_app.viewing.heat_map import HeatMap
from endoscope_app.viewing.inference_thread import ClassifiedFrame
from kd_core.vision.predictor import Prediction, Predictor
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.clips import make_clip
from tests.model_factory import make_model_dir

COUNT = 60


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "a.mp4", count=COUNT)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, model: Path) -> Iterator[Session]:
    with running(tmp_path / "data", model) as session:
        yield session


def shown(session: Session) -> HeatMap | None:
    """What lies over the frame on screen."""
    return session.app.window.frame_view._heat_map


def explained_class(session: Session) -> int:
    heat_map = shown(session)
    return -1 if heat_map is None else heat_map.class_index


def another_class(session: Session) -> int:
    classifier, prediction = session.app.classifier, session.app.prediction_view.prediction
    assert classifier is not None
    assert prediction is not None
    return (prediction.label + 1) % len(classifier.classes)


def test_why_not_another_class(session: Session, clip: Path) -> None:
    """The heat map follows the chosen class, on the frame that is on screen, and back."""
    session.open(clip)
    before, prediction = shown(session), session.app.prediction_view.prediction
    classifier = session.app.classifier
    assert before is not None
    assert prediction is not None
    assert classifier is not None
    assert before.class_index == prediction.label
    other = another_class(session)
    session.app.window.bars.class_clicked.emit(other)
    session.until(lambda: explained_class(session) == other, "the other class's heat map")
    after = shown(session)
    assert after is not None
    np.testing.assert_array_equal(after.evidence, classifier.heat_map(prediction, other).evidence)
    assert not np.allclose(after.evidence, before.evidence)
    assert session.app.prediction_view.prediction is prediction
    session.app.window.bars.class_clicked.emit(other)
    session.until(lambda: explained_class(session) == prediction.label, "the class predicted")


def test_asking_about_a_class_shows_no_frame_twice(session: Session, clip: Path) -> None:
    session.open(clip)
    view = session.app.window.frame_view
    view.repaint()
    shown_before = session.app.prediction_view.shown
    assert shown_before >= 1
    other = another_class(session)
    session.app.window.bars.class_clicked.emit(other)
    session.until(lambda: explained_class(session) == other)
    view.repaint()
    assert (session.app.prediction_view.shown, session.app.prediction_view.dropped) == (
        shown_before,
        0,
    )


def test_every_frame_played_has_its_own_heat_map_of_the_class_asked_about(
    session: Session, clip: Path
) -> None:
    session.open(clip)
    classifier = session.app.classifier
    assert classifier is not None
    other = another_class(session)
    session.app.window.bars.class_clicked.emit(other)
    session.until(lambda: explained_class(session) == other)
    painted: list[tuple[ClassifiedFrame, HeatMap | None]] = []
    session.app.window.frame_view.frame_painted.connect(
        lambda token, _ms: painted.append((token, shown(session)))
    )
    session.press("Space")
    session.until(lambda: session.on_screen() == COUNT - 1, "the end")
    assert len(painted) > 5
    for frame, heat_map in painted:
        assert frame.prediction is not None
        assert heat_map is not None
        expected = classifier.heat_map(classifier.classify(frame.decoded.frame.image), other)
        np.testing.assert_array_equal(heat_map.evidence, expected.evidence)


def test_the_window_s_own_thread_makes_no_heat_map(
    session: Session, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    makers: list[int] = []
    make = Predictor.cam

    def recorded(self: Predictor, prediction: Prediction, class_index: int) -> NDArray[np.float32]:
        makers.append(threading.get_ident())
        return make(self, prediction, class_index)

    monkeypatch.setattr(Predictor, "cam", recorded)
    session.open(clip)
    other = another_class(session)
    session.app.window.bars.class_clicked.emit(other)
    session.until(lambda: explained_class(session) == other)
    session.press("H")
    session.press("H")
    session.press("Right")
    session.until(lambda: session.on_screen() == 1)
    session.press("Space")
    session.until(lambda: session.on_screen() > 5, "playing")
    session.press("Space")
    assert len(makers) >= 4
    assert threading.get_ident() not in makers
    assert len(set(makers)) == 1, "one thread has the features"
