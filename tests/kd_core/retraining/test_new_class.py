"""A class that the model was never told of: thirty real frames of it are learnt, named, and
found in a recording.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from endoscope_app.analysis.findings import findings
from endoscope_app.media.frame_times import FrameTimes
from kd_core.__main__ import main
from kd_core.data.image_files import read_rgb
from kd_core.vision.predictor import Predictor
from tests.kd_core.left_out import left_out

ASKED = 80


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_thirty_real_frames_of_a_class_left_out_are_learnt_named_and_found(
    shared_data: Path, tmp_path: Path
) -> None:
    made = left_out(tmp_path, shared_data, "polyps")
    out = tmp_path / "run" / "candidate"
    words = [
        "retrain",
        "--labels",
        made.labels,
        "--base",
        made.base,
        "--replay",
        made.replay,
        "--out",
        out,
        "--threads",
        "2",
    ]
    for teacher in made.teachers:
        words += ["--teachers", teacher]
    assert main([str(word) for word in words]) == 0
    evidence = json.loads((out / "evidence.json").read_bytes())
    assert evidence["not_yet_named"] == {}
    assert sum(evidence["recall_lost"].values()) / len(evidence["recall_lost"]) < 5
    predictor = Predictor.load(out)
    card = predictor.card
    place = card.classes.index("left-out")
    images = [read_rgb(Path(sample.path)) for sample in made.unseen[:ASKED]]
    outputs = np.stack(
        [
            said.probabilities
            for start in range(0, ASKED, 16)
            for said in predictor.predict(images[start : start + 16])
        ]
    )
    called = outputs.argmax(axis=1) == place
    named = called & (outputs[:, place] >= card.threshold("left-out"))
    assert called.mean() > 0.65
    assert named.mean() > 0.5
    # As a recording holds a lesion in view: one of these frames for three seconds.
    thresholds = np.array([card.threshold(name) for name in card.classes])
    shown = np.repeat(outputs[np.flatnonzero(named)[:1]], 75, axis=0)
    times = FrameTimes.of(np.arange(75) * 40.0, np.zeros(0, np.int64))
    assert [
        finding.label
        for finding in findings(shown, np.ones(75, np.bool_), times, 1000.0, thresholds)
    ] == [place]
