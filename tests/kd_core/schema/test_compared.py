"""The file of held-out frames as two models see them: what a retraining writes is what another
may read, and nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from kd_core.data.labelled import Part
from kd_core.retraining.comparison import compare_with_base
from kd_core.schema.compared import ComparedFrame, ComparedFrames, read_compared
from kd_core.schema.errors import DataError
from kd_core.schema.evidence import read_evidence
from kd_core.schema.model_card import read_card
from kd_core.schema.run_files import COMPARED_NAME
from kd_core.vision.predictor import Predictor
from tests.kd_core.retrained import HELD_OUT, KNOWN, NEW_CLASS, Retrained, retrained


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Retrained:
    """A run whose candidate was compared."""
    made = retrained(tmp_path_factory.mktemp("compared"))
    compare_with_base(made.base, made.out, made.replay, made.labels, made.data)
    return made


def test_every_held_out_frame_is_listed_with_its_path_below_the_labels(run: Retrained) -> None:
    made = read_compared(run.out)
    assert (made.active, made.candidate) == (
        read_card(run.base).version,
        read_card(run.out).version,
    )
    assert made.classes == (*KNOWN, NEW_CLASS)
    assert [frame.truth for frame in made.frames] == [
        made.classes[label] for label in run.data.test.labels
    ]
    assert {frame.procedure for frame in made.frames} == {"q"}
    assert sorted(frame.path for frame in made.frames) == sorted(
        f"{'abc'[n % 3]}/f{100 - n:06d}-p{100 - n}.png" for n in range(1, 24, 2)
    )
    assert len(made.frames) == HELD_OUT


def test_probabilities_are_those_that_each_model_shows_of_the_image(run: Retrained) -> None:
    made = read_compared(run.out)
    for folder, name in ((run.base, "active"), (run.out, "candidate")):
        predictor = Predictor.load(folder)
        known = len(predictor.card.classes)
        for frame in made.frames[:4]:
            image = cv2.imread(str(run.labels / frame.path))
            assert image is not None
            wanted = predictor.predict([np.ascontiguousarray(image[:, :, ::-1], np.uint8)])[
                0
            ].probabilities
            said = getattr(frame, name)
            assert said[:known] == pytest.approx(wanted.tolist(), abs=1e-3)
            assert said[known:] == (0.0,) * (len(made.classes) - known)


def test_what_is_listed_gives_the_numbers_of_the_evidence(run: Retrained) -> None:
    made = read_compared(run.out)
    evidence = read_evidence(run.out)
    assert read_card(run.out).checks.comparison == evidence
    assert evidence.held_out is not None
    for name in ("active", "candidate"):
        called = [made.classes[int(np.argmax(getattr(frame, name)))] for frame in made.frames]
        right = [one == frame.truth for one, frame in zip(called, made.frames, strict=True)]
        assert getattr(evidence.held_out.accuracy, name) == pytest.approx(sum(right) / len(right))


def test_without_a_held_out_procedure_the_list_is_empty(tmp_path: Path) -> None:
    made = retrained(tmp_path)
    none = Part(made.data.test.crops[:0], made.data.test.labels[:0], made.data.test.groups[:0])
    data = replace(made.data, test=none, test_paths=(), test_procedures=())
    assert (
        compare_with_base(made.base, made.out, made.replay, made.labels, data).evidence.held_out
        is None
    )
    assert read_compared(made.out).frames == ()


def test_a_table_elsewhere_keeps_paths_from_its_folder_on_and_others_as_they_are(
    tmp_path: Path,
) -> None:
    made = retrained(tmp_path)
    compare_with_base(made.base, made.out, made.replay, made.labels / "manifest.csv", made.data)
    assert all(not Path(frame.path).is_absolute() for frame in read_compared(made.out).frames)
    compare_with_base(made.base, made.out, made.replay, made.base, made.data)
    paths = [frame.path for frame in read_compared(made.out).frames]
    assert paths == list(made.data.test_paths)


def test_a_missing_a_damaged_and_a_list_that_does_not_fit_its_classes_are_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_compared(tmp_path)
    (tmp_path / COMPARED_NAME).write_bytes(b'{"active": "a"')
    with pytest.raises(DataError, match="cannot be read"):
        read_compared(tmp_path)
    frame = ComparedFrame("a.png", "p", "cecum", (0.5, 0.5), (1.0,))
    (tmp_path / COMPARED_NAME).write_bytes(
        msgspec.json.encode(ComparedFrames("a", "b", KNOWN, (frame,)))
    )
    with pytest.raises(DataError, match="does not fit its own classes"):
        read_compared(tmp_path)
