"""Heat maps: the closed form by hand and against the grad-cam package, every method of the
package, and the overlay.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from kd_core.artifacts.checkpoint import load_student
from kd_core.evaluation.torch_explain import grad_cam_map, layer_names
from kd_core.models.student import Student
from kd_core.schema.errors import ModelError
from kd_core.schema.heat_map_methods import LAST_LAYER, METHODS
from kd_core.vision import cam
from kd_core.vision.field_of_view import FieldOfView
from kd_core.vision.heat_overlay import overlay
from kd_core.vision.predictor import Predictor
from kd_core.vision.preprocess import prepare


@pytest.fixture(scope="module")
def student(model_dir: Path) -> Student:
    return load_student(model_dir)[0]


@pytest.fixture(scope="module")
def image() -> torch.Tensor:
    noise = np.random.default_rng(0).integers(30, 255, (256, 320, 3), np.uint8)
    return torch.from_numpy(prepare(noise)[0])[None]


def test_the_closed_form_by_hand() -> None:
    features = np.array([[[1, 0], [0, 2]], [[0, 3], [0, 1]]], np.float32)
    # 1*A0 - 1*A1 = [[1, -3], [0, 1]]; negative evidence is cut; four positions share the gradient.
    assert cam.grad_cam(features, np.array([1, -1], np.float32)).tolist() == [
        [0.25, 0.0],
        [0.0, 0.25],
    ]


def test_a_map_without_positive_evidence_stays_zero() -> None:
    empty = cam.grad_cam(np.ones((3, 2, 2), np.float32), np.full(3, -1, np.float32))
    assert not empty.any()
    assert not cam.to_unit_range(empty).any()
    assert cam.to_unit_range(np.array([[2.0, 4.0]], np.float32)).tolist() == [[0.5, 1.0]]


def test_the_shown_map_is_zero_where_the_model_is_shown_nothing() -> None:
    image = np.ones((3, 224, 224), np.float32)
    image[:, :, :40] = image[:, 160:, :80] = 0
    shown = cam.visible_unit_range(np.ones((14, 14), np.float32), image)
    assert shown.max() == 1
    assert shown[:, :2].max() == 0
    assert shown[10:, :5].max() == 0
    # Half of the third column is shown
    assert shown[:10, 2].tolist() == [0.5] * 10


@pytest.mark.parametrize("class_index", range(6))
def test_the_package_agrees_with_the_closed_form(
    student: Student, image: torch.Tensor, class_index: int
) -> None:
    with torch.no_grad():
        features = student(image).features[0].numpy()
    ours = cam.grad_cam(features, student.head.weight[class_index].detach().numpy())
    theirs = grad_cam_map(student, image, class_index)
    assert ours.shape == theirs.shape == (14, 14)
    assert np.abs(ours - theirs).max() < 1e-5
    assert np.abs(cam.to_unit_range(ours) - cam.to_unit_range(theirs)).max() < 1e-5


def test_the_live_map_is_the_one_that_the_package_makes(
    model_dir: Path, student: Student, image: torch.Tensor
) -> None:
    noise = np.random.default_rng(0).integers(30, 255, (256, 320, 3), np.uint8)
    predictor = Predictor.load(model_dir)
    live = predictor.cam(predictor.predict([noise])[0], 3)
    wanted = cam.visible_unit_range(grad_cam_map(student, image, 3), image[0].numpy())
    assert np.abs(live - wanted).max() < 1e-5


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_makes_a_map_and_leaves_the_student_as_it_was(
    student: Student, image: torch.Tensor, method: str
) -> None:
    before = {name: tensor.clone() for name, tensor in student.state_dict().items()}
    made = grad_cam_map(student, image, 0, method)
    assert made.shape == (14, 14)
    assert made.dtype == np.float32
    assert np.isfinite(made).all()
    assert made.min() >= 0
    assert all(torch.equal(before[name], tensor) for name, tensor in student.state_dict().items())
    assert not any(module._forward_hooks for module in student.modules())
    assert all(parameter.grad is None for parameter in student.parameters())


def test_earlier_layers_give_larger_maps(student: Student, image: torch.Tensor) -> None:
    assert grad_cam_map(student, image, 0, "layercam", "stages.4").shape == (28, 28)
    # Before its in-place ReLU: the copy's layers keep their outputs.
    assert grad_cam_map(student, image, 0, "gradcam", "stages.10.1").shape == (14, 14)


def test_an_unknown_layer_is_named(student: Student, image: torch.Tensor) -> None:
    with pytest.raises(ModelError, match=r"no layer 'stages\.11'"):
        grad_cam_map(student, image, 0, "gradcam", "stages.11")


def test_the_last_layer_is_the_last_stage(student: Student) -> None:
    assert [name for name in layer_names(student) if name.count(".") == 1][-1] == LAST_LAYER


def test_the_overlay_is_drawn_over_the_field_of_view_alone() -> None:
    rgb = np.full((600, 800, 3), 90, np.uint8)
    heat = np.zeros((14, 14), np.float32)
    heat[5:9, 5:9] = 1
    drawn = overlay(rgb, heat, FieldOfView(0.25, 0.0, 1.0, 0.5))
    changed = np.argwhere((drawn != rgb).any(axis=2))
    assert drawn.shape == rgb.shape
    assert (rgb == 90).all()
    # Rows 5 to 9 of 14 over 300 px and columns over 600 px from 200 on, one cell of interpolation
    # around.
    assert changed.min(axis=0).tolist() >= [80, 370]
    assert changed.max(axis=0)[0] < 220
    assert changed.max(axis=0)[1] < 650
    assert drawn[150, 500].tolist() != [90, 90, 90]
    assert np.array_equal(
        overlay(np.full((1, 1, 3), 7, np.uint8), heat, FieldOfView(0, 0, 1, 1)).shape, (1, 1, 3)
    )
