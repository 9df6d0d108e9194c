"""Maps in closed form: those of the grad-cam package to 1e-5, and what the predictor makes of them.

Torch is on one side of each comparison alone.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from kd_core.artifacts.checkpoint import load_student
from kd_core.evaluation.torch_explain import grad_cam_map
from kd_core.models.student import Student
from kd_core.schema.heat_map_methods import METHODS, SCORE_CAM
from kd_core.vision.cam import to_unit_range, visible_unit_range
from kd_core.vision.closed_forms import CLOSED_FORMS, LastLayer
from kd_core.vision.predictor import Predictor
from kd_core.vision.preprocess import prepare
from kd_core.vision.score_cam import score_cam
from tests.places import SHIPPED_MODELS

Array = NDArray[np.float32]


FOLDER = SHIPPED_MODELS / "student"


@pytest.fixture(scope="module")
def student() -> Student:
    return load_student(FOLDER)[0]


def image() -> NDArray[np.uint8]:
    """Broad blobs of light, so that channels are active here and not there."""
    coarse = np.random.default_rng(3).integers(20, 235, (7, 9, 3), np.uint8)
    return coarse.repeat(40, axis=0).repeat(40, axis=1)


def last_layer(student: Student, model_input: torch.Tensor, index: int) -> LastLayer:
    with torch.no_grad():
        output = student(model_input)
    weights = student.head.weight[index].detach().numpy()
    return LastLayer(output.features[0].numpy(), weights, float(output.logits[0, index]))


def test_every_method_is_made_without_torch() -> None:
    assert {*CLOSED_FORMS, SCORE_CAM} == set(METHODS)


@pytest.mark.parametrize("index", [0, 4])
@pytest.mark.parametrize("method", sorted(CLOSED_FORMS))
def test_the_package_makes_the_same_map(student: Student, method: str, index: int) -> None:
    model_input = torch.from_numpy(prepare(image())[0])[None]
    ours = CLOSED_FORMS[method](last_layer(student, model_input, index))
    theirs = grad_cam_map(student, model_input, index, method)
    assert ours.shape == theirs.shape == (14, 14)
    assert ours.dtype == np.float32
    # The package takes two sums of the same terms from each other, and loses digits
    tolerance = 1e-4 if method == "ablationcam" else 1e-5
    assert np.abs(ours - theirs).max() < tolerance * max(1.0, float(theirs.max()))
    assert np.abs(to_unit_range(ours) - to_unit_range(theirs)).max() < tolerance


def test_score_cam_is_that_of_the_package(student: Student) -> None:
    prepared = prepare(image())[0]
    model_input = torch.from_numpy(prepared)[None]

    def logits_of(batch: Array) -> Array:
        with torch.no_grad():
            logits: Array = student(torch.from_numpy(batch)).logits.numpy()
        return logits

    ours = score_cam(prepared, last_layer(student, model_input, 1).features, logits_of, 1)
    theirs = grad_cam_map(student, model_input, 1, SCORE_CAM)
    assert np.abs(ours - theirs).max() < 1e-5 * max(1.0, float(theirs.max()))


@pytest.mark.parametrize("method", sorted(METHODS))
def test_the_predictor_explains_by_every_method_as_torch_does(
    student: Student, method: str
) -> None:
    predictor = Predictor.load(FOLDER)
    ours = predictor.explain(image(), 2, method)
    model_input, _ = prepare(image(), version=predictor.card.preprocessing.version)
    theirs = grad_cam_map(student, torch.from_numpy(model_input)[None], 2, method)
    assert np.abs(to_unit_range(ours) - to_unit_range(theirs)).max() < 1e-3


def test_grad_cam_by_the_predictor_is_the_live_map() -> None:
    predictor = Predictor.load(FOLDER)
    prediction = predictor.predict([image()])[0]
    model_input, _ = prepare(image(), version=predictor.card.preprocessing.version)
    paused = visible_unit_range(predictor.explain(image(), 3, "gradcam"), model_input)
    np.testing.assert_allclose(paused, predictor.cam(prediction, 3), atol=1e-6)
