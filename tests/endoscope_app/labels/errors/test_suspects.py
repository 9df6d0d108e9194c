"""Contradicted labels as the review list shows them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from endoscope_app.labels.errors.contradictions import Contradiction
from endoscope_app.labels.errors.suspects import suspects_of
from endoscope_app.labels.exchange.training_set import TrainingSample


def test_the_surest_contradiction_comes_first_and_procedures_stay_apart() -> None:
    classes, models = ("a", "b", "c"), ("Model", "T")

    def contradiction(where: str, frame: int, model: float, reference: float) -> Contradiction:
        both = tuple(np.array([1 - sure, sure, 0.0]) for sure in (model, reference))
        return Contradiction(TrainingSample(where, frame * 40, frame, "a"), 0, Path("x"), both)

    contradictions = [
        contradiction("x", 1, 0.85, 0.9),
        contradiction("y", 2, 0.8, 0.8),
        contradiction("x", 3, 0.99, 0.95),
        contradiction("x", 4, 0.9, 0.7),
    ]
    suspects = suspects_of(contradictions, classes, models)
    assert {where: those.frames.tolist() for where, those in suspects.items()} == {
        "x": [3, 1],
        "y": [2],
    }
    assert suspects["x"].sentence(1) == "Frame 1 was labelled a. Model: b 85\xa0%; T: b 90\xa0%."
    assert suspects["x"].sentence(4) == ""
    assert suspects_of([], classes, models) == {}
