"""The sentence that a reader decides by."""

from __future__ import annotations

import msgspec
import pytest

from endoscope_app.retraining.recommendation import recommendation
from kd_core.schema.evidence import Evidence
from tests.endoscope_app.comparison_run import evidence, part


def test_the_first_sentence_names_classes_as_the_reader_does() -> None:
    converted = msgspec.convert(
        evidence(not_yet_named={"cecum": "only 2 frames show it"}, verdict="undecided"), Evidence
    )
    sentence = recommendation(converted, {"cecum": "Coecum"})
    assert sentence.startswith(
        "Coecum cannot be named yet: only 2 frames show it. Not proved better:"
    )
    assert sentence.endswith("which may be chance; Coecum lost 4.0 points of sensitivity.")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"held_out": None}, "Not proved better: no procedure is kept for checking yet."),
        (
            {"held_out": None, "seen_by_teachers": ["a.png"]},
            "Not proved better: a reference model has seen every frame that is kept for checking.",
        ),
        (
            {"verdict": "better", "recall_lost": {}},
            "Better: 3 of 5 wrong frames are now right and 1 right one is now wrong, on 4"
            " procedures; no class lost any sensitivity.",
        ),
        ({"verdict": "worse"}, "Worse: 3 of 5 wrong frames are now right"),
        (
            {"held_out": part(procedures=6)},
            "Better on the procedures kept for checking (3 of 5 wrong frames are now right and 1"
            " right one is now wrong, on 6 procedures of 4 patients)",
        ),
    ],
)
def test_the_sentence_says_what_was_found(changed: dict[str, object], sentence: str) -> None:
    converted = msgspec.convert(evidence(**changed), Evidence)
    assert recommendation(converted, {}).startswith(sentence)
