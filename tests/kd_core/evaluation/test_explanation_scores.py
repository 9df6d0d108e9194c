"""Scores of heat maps: by hand on 4 x 4 images, against plain loops, on a model whose output
is known, and by the command.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from kd_core.__main__ import main
from kd_core.artifacts.checkpoint import load_student
from kd_core.evaluation import explanation_scores as es
from kd_core.evaluation.torch_explain import grad_cam_map
from kd_core.models.student import Student
from kd_core.schema.errors import DataError
from kd_core.schema.explanation_scores import MapScores
from kd_core.vision.blanking import covered
from kd_core.vision.field_of_view import FieldOfView
from kd_core.vision.preprocess import crop_of, prepare

Image = NDArray[np.uint8]
Scene = Callable[..., Image]
Output = pytest.CaptureFixture[str]

#: The lesion is the 2 x 2 at the lower right; 6 of the map's 12 lie in it, its maximum does not.
HEAT = np.array([[4, 0, 0, 0], [0, 0, 0, 0], [0, 2, 3, 1], [0, 0, 2, 0]], np.float32)
LESION = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]], bool)


def test_the_pointing_game_by_hand() -> None:
    """From (0, 0) to the nearest lesion pixel (2, 2) it is sqrt(8) = 2.83 px."""
    assert es.pointing_game(HEAT, LESION, 0.0) == es.pointing_game(HEAT, LESION, 2.8) == 0.0
    assert es.pointing_game(HEAT, LESION, 2.9) == 1.0
    inside = HEAT.copy()
    inside[3, 3] = 5
    assert es.pointing_game(inside, LESION, 0.0) == 1.0


def test_equal_maxima_count_as_often_as_they_hit() -> None:
    two = HEAT.copy()
    two[3, 3] = 4
    assert es.pointing_game(two, LESION, 0.0) == 0.5
    assert es.pointing_game(np.ones((4, 4), np.float32), LESION, 0.0) == 4 / 16
    # Within 1 px: the four of the lesion, two above them, two to their left.
    assert es.pointing_game(np.ones((4, 4), np.float32), LESION, 1.0) == 8 / 16


def test_energy_and_overlap_by_hand() -> None:
    assert es.energy_inside(HEAT, LESION) == pytest.approx(6 / 12)
    # At least 2 of 4: (0,0), (2,1), (2,2), (3,2) are marked; two of them are lesion; together 4 + 4
    # - 2 pixels.
    assert es.marked_iou(HEAT, LESION, 0.5) == pytest.approx(2 / 6)
    # At least 3 of 4: (0,0) and (2,2).
    assert es.marked_iou(HEAT, LESION, 0.75) == pytest.approx(1 / 5)
    assert es.mask_scores(HEAT, LESION, 0.0, 0.75) == pytest.approx((0.0, 0.5, 0.2))


def test_a_map_without_evidence_scores_nothing() -> None:
    assert es.mask_scores(np.zeros((4, 4), np.float32), LESION) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("seed", range(5))
def test_every_mask_score_agrees_with_plain_loops(seed: int) -> None:
    generator = np.random.default_rng(seed)
    heat = generator.random((8, 8)).astype(np.float32)
    lesion = generator.random((8, 8)) < 0.3
    inside = total = 0.0
    both = either = 0
    peak = max(float(value) for row in heat for value in row)
    nearest = math.inf
    for y in range(8):
        for x in range(8):
            value, hit = float(heat[y, x]), bool(lesion[y, x])
            total += value
            inside += value if hit else 0.0
            marked = value >= 0.5 * peak
            both += marked and hit
            either += marked or hit
            if value == peak:
                nearest = min(
                    math.hypot(y - v, x - u) for v in range(8) for u in range(8) if lesion[v, u]
                )
    for tolerance in (0.0, 1.0, 1.5, 3.0):
        assert es.pointing_game(heat, lesion, tolerance) == float(nearest <= tolerance)
    assert es.energy_inside(heat, lesion) == pytest.approx(inside / total, rel=1e-6)
    assert es.marked_iou(heat, lesion) == pytest.approx(both / either)


def test_baselines_know_only_what_is_visible() -> None:
    visible = np.tile(np.array([0, 1, 1, 1], np.float32), (4, 1))
    uniform, bell = (es.baseline_map(name, visible) for name in es.BASELINES)
    assert es.energy_inside(uniform, LESION) == pytest.approx(4 / 12)
    assert es.marked_iou(uniform, LESION) == pytest.approx(4 / 12)
    assert es.pointing_game(uniform, LESION, 0.0) == pytest.approx(4 / 12)
    # Middles of pixels lie at +-1/8 and +-3/8 of the side; sigma is 1/4: exp(-(1/64 + 9/64) * 8)
    # and so on.
    assert bell[1].tolist() == pytest.approx([0, math.exp(-0.25), math.exp(-0.25), math.exp(-1.25)])
    assert bell[0].tolist() == pytest.approx([0, math.exp(-1.25), math.exp(-1.25), math.exp(-2.25)])


def test_an_enlarged_map_is_bilinear_and_ends_where_the_model_is_shown_nothing() -> None:
    visible = np.repeat(np.array([[1], [1], [1], [0]], np.float32), 4, axis=1)
    large = es.enlarge(np.array([[0, 4], [0, 4]], np.float32), visible)
    # Middles of the large pixels lie at -1/4, 1/4, 3/4, 5/4 between the two middles: 0, 1, 3, 4.
    assert large.tolist() == [[0, 1, 3, 4]] * 3 + [[0, 0, 0, 0]]
    assert not es.enlarge(np.full((2, 2), -1, np.float32), visible).any()


def test_the_mask_of_a_bright_lesion_lands_on_the_lesion(scene: Scene) -> None:
    """A grey image with a black border of unequal widths; its lesion alone is white, so the
    crop itself says where it went.
    """
    image = np.zeros((500, 640, 3), np.uint8)
    image[30:470, 110:600] = 90
    mask = np.zeros_like(image)
    cv2.ellipse(mask, (380, 230), (70, 45), 20, 0, 360, (255, 255, 255), -1)
    image[mask[:, :, 0] > 0] = 255
    crop, field = crop_of(image)
    assert field.left > 0.15
    wanted, everything = crop[:, :, 0] > 172, np.ones((224, 224), np.bool_)
    for size in ((640, 500), (1280, 1000), (320, 250)):
        resized = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST).astype(np.uint8)
        lesion = es.lesion_in_crop(resized, image.shape, field, everything)
        assert (lesion & wanted).sum() / (lesion | wanted).sum() > 0.95, size
    # Without the crop the mask would miss: the test can tell.
    naive = cv2.resize(mask, (224, 224), interpolation=cv2.INTER_NEAREST)[:, :, 0] > 0
    assert (naive & wanted).sum() / (naive | wanted).sum() < 0.7


def test_only_the_visible_part_of_a_lesion_counts() -> None:
    whole = FieldOfView(0.0, 0.0, 1.0, 1.0)
    full = np.full((224, 224, 3), 1, np.uint8)
    shown = np.ones((224, 224), np.bool_)
    shown[180:, :60] = False
    assert np.array_equal(es.lesion_in_crop(full, full.shape, whole, shown), shown)
    hidden = np.zeros((224, 224, 3), np.uint8)
    hidden[180:, :60] = 255
    assert not es.lesion_in_crop(hidden, hidden.shape, whole, shown).any()
    assert not es.lesion_in_crop(np.zeros_like(full), full.shape, whole, shown).any()


def test_a_mask_of_another_shape_is_refused() -> None:
    with pytest.raises(DataError, match="320 x 240 px, its image 240 x 240 px"):
        es.lesion_in_crop(
            np.zeros((240, 320, 3), np.uint8),
            (240, 240, 3),
            FieldOfView(0, 0, 1, 1),
            np.ones((224, 224), np.bool_),
        )


def test_pixels_are_ranked_by_the_map_and_only_where_visible() -> None:
    visible = np.tile(np.array([0, 1, 1, 1], np.float32), (4, 1))
    order = es.ranking(HEAT, visible, np.random.default_rng(0))
    assert sorted(order.tolist()) == [1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15]
    assert order[0] == 10
    assert set(order[1:3].tolist()) == {9, 14}
    assert order[3] == 11
    assert np.array_equal(order, es.ranking(HEAT, visible, np.random.default_rng(0)))
    assert not np.array_equal(order, es.ranking(HEAT, visible, np.random.default_rng(1)))


def lit_share(region: NDArray[np.bool_]) -> es.Probability:
    """A model that knows: the share of ``region`` that is lit in the first channel."""
    return lambda batch: batch[:, 0][:, torch.from_numpy(region)].mean(dim=1)


def test_insertion_and_deletion_of_a_model_that_looks_at_four_pixels() -> None:
    """Sixteen pixels in eight steps of two, the four that matter first: 0, 1/2, 1 and on; or
    last: 1 only at the end.
    """
    dark, lit = torch.zeros(3, 4, 4), torch.ones(3, 4, 4)
    best = np.concatenate([np.flatnonzero(LESION), np.flatnonzero(~LESION)])
    worst = np.concatenate([np.flatnonzero(~LESION), np.flatnonzero(LESION)])
    curve = es.replacement_curve(lit_share(LESION), dark, lit, best, 8)
    assert curve.tolist() == pytest.approx([0, 0.5, 1, 1, 1, 1, 1, 1, 1])
    assert es.area_under(curve) == pytest.approx((0 / 2 + 0.5 + 6 + 1 / 2) / 8)
    assert es.replacement_curve(lit_share(LESION), dark, lit, worst, 8).tolist() == pytest.approx(
        [0, 0, 0, 0, 0, 0, 0, 0.5, 1]
    )
    deletion = es.replacement_curve(lit_share(LESION), lit, dark, best, 8)
    assert deletion.tolist() == pytest.approx([1, 0.5, 0, 0, 0, 0, 0, 0, 0])
    assert es.area_under(deletion) == pytest.approx((1 / 2 + 0.5) / 8)


def test_steps_that_do_not_divide_the_pixels_still_end_with_all_of_them() -> None:
    everything, dark, lit = np.ones((4, 4), bool), torch.zeros(3, 4, 4), torch.ones(3, 4, 4)
    curve = es.replacement_curve(lit_share(everything), dark, lit, np.arange(16), 28)
    assert len(curve) == 29
    assert curve.tolist() == pytest.approx([round(step * 16 / 28) / 16 for step in range(29)])
    # Pixels that are in no order stay as they were.
    assert es.replacement_curve(lit_share(everything), dark, lit, np.arange(8), 2)[-1] == 0.5


def test_areas_are_those_of_trapezoids() -> None:
    assert es.area_under(np.array([0.0, 1.0], np.float32)) == 0.5
    assert es.area_under(np.array([0.2, 0.6, 0.4], np.float32)) == pytest.approx(
        (0.1 + 0.6 + 0.2) / 2
    )


def test_a_map_of_what_the_model_looks_at_wins_both_curves() -> None:
    """The model lives on one bright patch of a dark image; a map of it must beat the same map
    turned round.
    """
    crop = np.full((224, 224, 3), 20, np.uint8)
    crop[90:130, 110:150] = 250
    region = np.zeros((224, 224), bool)
    region[90:130, 110:150] = True

    def probability(batch: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(batch[:, 0][:, torch.from_numpy(region)].mean(dim=1))

    visible = np.ones((224, 224), np.float32)
    good, bad = region * visible, (1 - region) * visible
    orders = [
        es.ranking(heat.astype(np.float32), visible, np.random.default_rng(0))
        for heat in (good, bad, visible)
    ]
    scores = [es.curve_scores(probability, crop, order) for order in orders]
    assert scores[0].insertion > scores[2].insertion > scores[1].insertion
    assert scores[0].deletion < scores[2].deletion < scores[1].deletion


def test_the_blurred_image_is_covered_where_the_image_is(scene: Scene) -> None:
    shown = np.ones((224, 224), np.bool_)
    shown[150:, :70] = False
    made = es.blurred(covered(crop_of(scene(0))[0], shown))
    assert made.shape == (3, 224, 224)
    assert not made[:, ~shown].any()
    assert made.std() < prepare(scene(0))[0].std()


@pytest.fixture(scope="module")
def student(model_dir: Path) -> Student:
    return load_student(model_dir)[0]


@pytest.mark.parametrize("class_index", [0, 3, 5])
def test_methods_differ_at_the_last_layer_only_as_theory_says(
    student: Student, scene: Scene, class_index: int
) -> None:
    """The gradient of logit c is w_c / (h w) at every position.

    Grad-CAM averages it, HiResCAM multiplies it in place: the same.

    LayerCAM keeps its positive part: sum of relu(w_ck) A_k, which is nowhere below, and above where
    a channel speaks against c.
    """
    batch = torch.from_numpy(prepare(scene(1))[0])[None]
    with torch.no_grad():
        features = student(batch).features[0].double().numpy()
    weights = student.head.weight[class_index].detach().double().numpy()
    grad, hires, layer = (
        grad_cam_map(student, batch, class_index, name)
        for name in ("gradcam", "hirescam", "layercam")
    )
    assert np.abs(grad - hires).max() < 1e-6
    wanted = sum(
        max(weight, 0.0) * feature for weight, feature in zip(weights, features, strict=True)
    ) / (14 * 14)
    assert np.abs(layer - wanted).max() < 1e-5
    assert (layer >= grad - 1e-6).all()
    assert np.abs(layer - grad).max() > 1e-3


def test_eigencam_knows_no_class_and_is_the_first_principal_component(
    student: Student, scene: Scene
) -> None:
    batch = torch.from_numpy(prepare(scene(1))[0])[None]
    made = [grad_cam_map(student, batch, index, "eigencam") for index in range(6)]
    assert all(np.array_equal(made[0], other) for other in made[1:])
    with torch.no_grad():
        rows = student(batch).features[0].double().numpy().reshape(160, 196).T
    rows -= rows.mean(axis=0)
    _, vectors = np.linalg.eigh(rows.T @ rows)
    component = (rows @ vectors[:, -1]).reshape(14, 14)
    error = min(np.abs(made[0] - np.maximum(sign * component, 0)).max() for sign in (-1, 1))
    assert error < 1e-3 * np.abs(component).max()


@pytest.fixture
def masked_data(tmp_path: Path, scene: Scene) -> Path:
    """Eight polyps: six with a lesion, one whose lesion is hidden by the inset, one without
    mask; and a masked unknown class.
    """
    rows = []
    for number in range(9):
        image = scene(number)
        if number == 6:
            image[165:, :110] = (10, 130, 30)
        cv2.imwrite(str(tmp_path / f"{number}.png"), image[:, :, ::-1])
        mask = np.zeros((256, 320), np.uint8)
        mask[
            (slice(220, None), slice(0, 50)) if number == 6 else (slice(90, 150), slice(140, 220))
        ] = 255
        cv2.imwrite(str(tmp_path / f"m{number}.png"), mask)
        label = "hemorrhoids" if number == 8 else "polyps"
        rows.append(
            {
                "file": f"{number}.png",
                "label": label,
                "group": str(number // 2),
                "mask": "" if number == 7 else f"m{number}.png",
            }
        )
    with (tmp_path / "manifest.csv").open("w", newline="") as text:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


def test_the_command_scores_every_map_beside_the_baselines(
    model_dir: Path, masked_data: Path, capsys: Output
) -> None:
    words = [
        "explain-scores",
        "--model",
        str(model_dir),
        "--data",
        str(masked_data),
        "--methods",
        "gradcam,hirescam",
        "--steps",
        "4",
    ]
    assert main([*words, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["n"], made["groups"], made["not_visible"], made["ignored"]) == (
        6,
        3,
        1,
        {"hemorrhoids": 1},
    )
    assert list(made["scores"]) == ["gradcam", "hirescam", *es.BASELINES]
    for row in made["scores"].values():
        assert (
            list(row)
            == list(es.MaskScores._fields + es.CurveScores._fields)
            == list(MapScores.__struct_fields__)
        )
        assert all(0 <= cell["low"] <= cell["value"] <= cell["high"] <= 1 for cell in row.values())
    # A uniform map's energy is the lesions' share of what is visible: 60 x 80 of 256 x 320 px
    # and a little more, for the dark rim of a scene is covered
    share = 60 * 80 / (256 * 320)
    assert made["scores"]["uniform"]["energy"]["value"] == pytest.approx(share, rel=0.08)
    assert made["means"]["lesion_share"] == pytest.approx(
        made["scores"]["uniform"]["energy"]["value"]
    )
    assert main([*words, "--limit", "2"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert "on 2 images with a lesion mask, 1 groups" in table[0]
    assert [line.split()[0] for line in table[5:9]] == ["gradcam", "hirescam", *es.BASELINES]


def test_scores_that_cannot_be_made_are_refused(
    model_dir: Path, masked_data: Path, data_dir: Path, capsys: Output
) -> None:
    words = ["explain-scores", "--model", str(model_dir), "--data"]
    for more, said in (
        ([str(data_dir)], "has a lesion mask"),
        ([str(masked_data), "--methods", "gradcam,magic"], "no method 'magic'"),
        ([str(masked_data), "--methods", "gradcam,gradcam"], "different methods"),
        ([str(masked_data), "--steps", "0"], "--steps and --limit must be 1 or more"),
    ):
        assert main([*words, *more]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert said in captured.err
    (masked_data / "m0.png").unlink()
    assert main([*words, str(masked_data), "--methods", "gradcam", "--steps", "1"]) == 2
    assert "1 of 7 images or their masks cannot be used" in capsys.readouterr().err
