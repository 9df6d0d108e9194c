"""What `benchmark --parts labels` measures on: a library of the promised size, and key presses
that were really given.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.base.paths import shipped_model
from endoscope_app.cli.benchmark import parts, window_parts
from endoscope_app.cli.benchmark.labels import make_library
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.media.opening import open_source
from kd_core.schema.model_card import read_card
from tests.endoscope_app.clips import make_clip

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

FRAMES, LABELS = 150, 400


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", count=FRAMES)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Path:
    folder = tmp_path_factory.mktemp("data")
    assert make_library(folder, clip, shipped_model(), LABELS) == FRAMES
    return folder


def test_every_frame_of_the_clip_has_a_label_and_the_rest_lies_elsewhere(
    clip: Path, data: Path
) -> None:
    with open_source(clip) as source:
        where = source.info.fingerprint
    card = read_card(shipped_model())
    with LabelStore(data / "labels") as store:
        assert sum(store.read.frame_counts().values()) == LABELS
        arrays = store.read.label_arrays(where)
        names = [store.read.label_class(int(one)).name for one in arrays.class_id]
    assert arrays.frame_index.tolist() == list(range(FRAMES))
    stored = PredictionStore(data / "predictions").load(
        where, card.version, FRAMES, len(card.classes)
    )
    assert stored is not None
    raw, known, damaged = stored
    assert not damaged.any()
    assert known.all()
    assert (raw.max(axis=1) >= max(card.threshold(name) for name in card.classes)).all()
    differing = sum(
        name != card.classes[int(said)]
        for name, said in zip(names, raw.argmax(axis=1), strict=True)
    )
    assert 1 <= differing <= 0.1 * FRAMES


def test_the_window_is_measured_and_the_library_is_as_before(clip: Path, data: Path) -> None:
    with LabelStore(data / "labels") as store:
        before = [store.read.frame_labels(row.fingerprint) for row in store.read.procedures()]
    figures = window_parts._child("labels", clip, shipped_model(), "--data", str(data))
    spent = (
        "label_act_p50_ms",
        "label_act_p95_ms",
        "undo_p95_ms",
        "next_disagreement_p95_ms",
        "review_list_shown_ms",
        "store_opening_ms",
    )
    numbers = [figures[name] for name in spent]
    assert all(isinstance(number, float) and 0 < number < np.inf for number in numbers), numbers
    assert figures["frames"] == FRAMES
    with LabelStore(data / "labels") as store:
        assert [
            store.read.frame_labels(row.fingerprint) for row in store.read.procedures()
        ] == before
        kinds = [row.kind for row in store.read.journal_rows() if row.reader == "benchmark"]
    assert kinds.count("undo") == 120  # every timed act was one, and was taken back


def test_the_part_is_known_and_has_targets() -> None:
    assert "labels" in parts.PARTS
    assert window_parts.TARGETS["labels"] == {
        "timeline_whole_s": 0.5,
        "pause_ms": 50,
        "label_act_p95_ms": 20,
        "next_disagreement_p95_ms": 50,
        "review_list_shown_ms": 300,
    }
