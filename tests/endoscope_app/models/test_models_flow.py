"""Models in the running application: exchanged while playing, and taken back bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from endoscope_app.base.paths import DataDir
from endoscope_app.base.settings import Settings, save_settings
from endoscope_app.models.model_registry import ModelRegistry
from kd_core.schema.taxonomy import LOWER_GI
from tests.endoscope_app.app_session import Session, running, spin
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.held_analysis import analysis_held
from tests.endoscope_app.models_stage import opened, press, version
from tests.model_factory import make_model_dir
from tests.present import present

COUNT = 60


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "shipped")


@pytest.fixture(scope="module")
def better(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a class more than the shipped one."""
    return make_model_dir(
        tmp_path_factory.mktemp("model") / "better", classes=(*LOWER_GI, "retroflexion"), seed=1
    )


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "procedure.mp4", count=COUNT)


@pytest.fixture
def data(tmp_path: Path, shipped: Path, better: Path) -> Path:
    ModelRegistry(tmp_path / "data" / "models", shipped).adopt(better)
    return tmp_path / "data"


@pytest.fixture
def session(qtbot: QtBot, data: Path, shipped: Path) -> Iterator[Session]:
    with running(data, shipped) as session:
        yield session


def verdict(session: Session) -> str:
    return " ".join(label.text() for label in session.app.window.verdict.findChildren(QLabel))


def probabilities(session: Session, by: str) -> NDArray[Any]:
    """Of the paused frame, once the model ``by`` has answered."""

    def answered() -> bool:
        found = session.app.prediction_view.prediction
        return found is not None and found.model_version == by and by in verdict(session)

    session.until(answered, f"an answer of {by}")
    found = session.app.prediction_view.prediction
    assert found is not None
    return found.probabilities.copy()


def test_promoted_while_playing_then_taken_back_bit_for_bit(
    session: Session, clip: Path, shipped: Path, better: Path
) -> None:
    old, new = version(shipped), version(better)
    session.open(clip)
    session.until(session.analysed, "the analysis")
    session.app.player.go_to(7)
    session.until(lambda: session.on_screen() == 7)
    before = probabilities(session, old)
    kept = session.app.analysis.timeline
    assert kept is not None
    raw = kept.raw.copy()
    session.app.player.set_speed(0.25)
    session.press("Space")
    dialog = opened(session)
    press(dialog, "Use this model", new)
    session.until(lambda: new in verdict(session), "the new version in the verdict")
    assert session.app.player.playing
    assert session.app.window.bars.accessibleName()  # alive with a class more
    session.until(lambda: "Ctrl+R analyses it again" in session.message(), "the offer")
    assert f"analysed by model {old}" in session.message()
    spin(300)
    fresh = session.app.analysis.timeline
    assert fresh is not None
    assert fresh.known_count == 0
    assert not session.app.analysis.running
    session.press("K")
    session.app.player.go_to(7)
    session.until(lambda: session.on_screen() == 7)
    assert probabilities(session, new).shape == (7,)
    press(dialog, "Go back", new)
    np.testing.assert_array_equal(probabilities(session, old), before)
    session.until(session.analysed, "the kept analysis")
    restored = session.app.analysis.timeline
    assert restored is not None
    np.testing.assert_array_equal(restored.raw, raw)
    assert dialog.problem() == ""


def test_promoted_in_the_middle_of_an_analysis_each_version_keeps_its_own(
    qtbot: QtBot, tmp_path: Path, data: Path, shipped: Path, better: Path
) -> None:
    old, new = version(shipped), version(better)
    long = make_clip(tmp_path / "long.mp4", count=400)
    with analysis_held(long) as released, running(data, shipped) as session:
        session.app.open(long)
        session.until(
            lambda: (
                session.app.analysis.running
                and bool(present(session.app.analysis.timeline).known_count)
            ),
            "a part",
        )
        failed: list[object] = []
        session.app.models.exchange.promote(new, "", failed.append)
        session.until(
            lambda: session.app.classifier is not None and session.app.classifier.version == new,
            "the new model",
        )
        session.until(lambda: session.app.analysis.timeline is not None, "its timeline")
        released.set()
        session.press("Ctrl+R")
        session.until(session.analysed, "the analysis by the new model")
        assert failed == []
        timeline, classifier = session.app.analysis.timeline, session.app.classifier
        assert timeline is not None
        assert classifier is not None
        frame = session.app.prediction_view.frame
        assert frame is not None
        expected = classifier.classify(frame.image).probabilities
        np.testing.assert_allclose(
            timeline.raw[frame.index].astype(np.float32), expected, atol=0.02
        )
    stored = sorted(
        path.name.split("-", 1)[1].rsplit("-", 1)[0]
        for path in (data / "predictions").glob("*.predictions")
    )
    assert stored == sorted([old, new])


def test_the_promoted_model_is_used_at_the_next_start(
    qtbot: QtBot, data: Path, shipped: Path, better: Path
) -> None:
    new = version(better)
    with running(data, shipped) as session:
        session.until(lambda: session.app.classifier is not None, "the shipped model")
        press(opened(session), "Use this model", new)
        session.until(lambda: session.app.classifier.version == new, "the exchange")  # type: ignore[union-attr]
        assert session.message() == ""
    with running(data, shipped) as session:
        session.until(lambda: session.app.classifier is not None, "the active model")
        assert session.app.classifier.version == new  # type: ignore[union-attr]
        (made,) = session.app.models.registry.history()
        assert made.reader == "Dr. Test"


@pytest.mark.parametrize(
    ("spoil", "words"), [("onnx", "hash differs"), ("card.json", "is missing")]
)
def test_a_spoilt_active_model_is_replaced_by_the_shipped_one(
    qtbot: QtBot, data: Path, shipped: Path, better: Path, spoil: str, words: str
) -> None:
    new = version(better)
    ModelRegistry(data / "models", shipped).promote(new, "")
    next((data / "models" / new).glob(f"*{spoil}")).write_bytes(b"spoilt")
    with running(data, shipped) as session:
        session.until(lambda: session.app.classifier is not None, "the shipped model")
        assert session.app.classifier.version == version(shipped)  # type: ignore[union-attr]
        assert words in session.message()
        assert "model that came with the program is used" in session.message()


def test_a_procedure_that_was_never_analysed_is_offered_without_an_earlier_model(
    qtbot: QtBot, data: Path, shipped: Path, better: Path, clip: Path
) -> None:
    folder = DataDir.open(str(data))
    save_settings(folder.settings_file, Settings(analyse_on_open=False))
    with running(data, shipped) as session:
        session.open(clip)
        press(opened(session), "Use this model", version(better))
        session.until(
            lambda: session.message().startswith("Ctrl+R analyses this procedure with model"),
            "the offer",
        )
        probabilities(session, version(better))


def test_an_answer_of_the_model_before_that_comes_late_is_not_shown_as_the_new_ones(
    session: Session, clip: Path, shipped: Path, better: Path
) -> None:
    old, new = version(shipped), version(better)
    session.open(clip)
    probabilities(session, old)
    late = session.app.prediction_view._current
    assert late is not None
    press(opened(session), "Use this model", new)
    probabilities(session, new)
    session.app._on_frame_arrived(late)  # six probabilities where seven bars are
    assert session.app.prediction_view.prediction is None
    assert "model" not in verdict(session)
    probabilities(session, new)
