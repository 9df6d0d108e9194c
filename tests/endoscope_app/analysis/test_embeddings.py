"""Embeddings of frames: what the model's head reads, kept beside the predictions, bound to both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.analysis.embeddings import Embeddings
from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.viewing.classifier import Classifier
from tests.endoscope_app.app_session import running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.label_session import in_front, ready
from tests.model_factory import make_model_dir

WHERE = "ab" * 20


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model_dir(tmp_path_factory.mktemp("model") / "m")


def some() -> Embeddings:
    numbers = np.random.default_rng(0)
    vectors = numbers.normal(size=(11, 5)).astype(np.float16)
    known = np.arange(11) % 3 > 0
    return Embeddings(
        vectors, known, np.arange(11, dtype=np.float64) * 40, np.arange(11, dtype=np.int64) * 512
    )


def test_the_head_turns_an_embedding_into_the_logits(model: Path) -> None:
    classifier = Classifier.load(model)
    image = np.random.default_rng(1).integers(0, 255, (90, 120, 3), np.uint8)
    probabilities, embeddings = classifier.looked_at([image, image[::-1].copy()])
    assert embeddings.shape == (2, classifier.embedding_size)
    assert np.array_equal(probabilities, classifier.probabilities([image, image[::-1].copy()]))
    weights = classifier._predictor._class_weights
    # The bias is the same for both images, the calibration divides by one number
    logits = embeddings @ weights.T
    ratio = np.log(probabilities) * classifier.card.temperature
    apart = (logits[0] - logits[1]) - (ratio[0] - ratio[1])
    assert np.allclose(apart, apart[0], atol=1e-2)


def test_what_was_saved_comes_back_and_only_for_its_procedure_and_model(tmp_path: Path) -> None:
    store, kept = EmbeddingStore(tmp_path / "data"), some()
    store.save(WHERE, "model 1", kept)
    found = store.load(WHERE, "model 1")
    assert found is not None
    assert np.array_equal(found.vectors, kept.vectors)
    assert np.array_equal(found.known, kept.known)
    assert np.array_equal(found.times_ms, kept.times_ms)
    assert np.array_equal(found.stamps, kept.stamps)
    assert store.load(WHERE, "model 2") is None
    assert store.load("cd" * 20, "model 1") is None
    store.path(WHERE, "model 1").rename(store.path(WHERE, "model 2"))
    assert store.load(WHERE, "model 2") is None, "another model's are not taken for its own"


@pytest.mark.parametrize("cut", [0, 20, -1])
def test_a_damaged_file_is_nothing_and_moved_aside(tmp_path: Path, cut: int) -> None:
    store = EmbeddingStore(tmp_path)
    store.save(WHERE, "m", some())
    path = store.path(WHERE, "m")
    data = bytearray(path.read_bytes())
    if cut < 0:
        data[-1] ^= 1
    path.write_bytes(bytes(data) if cut < 0 else bytes(data[:cut]))
    assert store.load(WHERE, "m") is None
    assert not path.exists()


def test_an_analysis_in_the_window_leaves_them_with_times_and_stamps(
    qtbot: QtBot, tmp_path: Path, model: Path
) -> None:
    clip, data = make_clip(tmp_path / "clip.mp4", count=40), tmp_path / "data"
    with running(data, model) as session:
        ready(session, clip)
        session.until(session.analysed, "the analysis")
        session.until(lambda: not session.app.analysis.running, "its end")
        info = session.app.player.info
        assert info is not None
        stamps = session.app.player.stamps.copy()
        version = session.app.analysis.classifier.version  # type: ignore[union-attr]
    kept = EmbeddingStore(data / "predictions").load(info.fingerprint, version)
    assert kept is not None
    assert kept.known.all()
    assert np.array_equal(kept.stamps, stamps)
    assert kept.times_ms[1] == pytest.approx(40.0)
    assert np.abs(kept.vectors).max() > 0


def test_an_analysis_from_before_gets_its_embeddings_when_it_is_asked_for(
    qtbot: QtBot, tmp_path: Path, model: Path
) -> None:
    clip, data = make_clip(tmp_path / "clip.mp4", count=40), tmp_path / "data"
    with running(data, model) as session:
        ready(session, clip)
        session.until(session.analysed, "the analysis")
        session.until(lambda: not session.app.analysis.running, "its end")
        info = session.app.player.info
        assert info is not None
        version = session.app.analysis.classifier.version  # type: ignore[union-attr]
    store, predictions = EmbeddingStore(data / "predictions"), PredictionStore(data / "predictions")
    before = predictions.load(info.fingerprint, version, 40, 6)
    store.path(info.fingerprint, version).unlink()
    with running(data, model) as session:
        ready(session, clip)
        session.until(session.analysed, "the kept analysis")
        in_front(session, session.app.window)
        assert not session.app.analysis.running
        session.press("Ctrl+R")
        assert session.app.analysis.running
        session.until(lambda: not session.app.analysis.running, "the end")
    kept = store.load(info.fingerprint, version)
    after = predictions.load(info.fingerprint, version, 40, 6)
    assert kept is not None
    assert kept.known.all()
    assert before is not None
    assert after is not None
    assert np.array_equal(before.raw, after.raw)
