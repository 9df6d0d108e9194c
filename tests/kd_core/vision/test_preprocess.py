"""The one preprocessing path: what is covered, what is cropped, and that no size or content
breaks it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import cv2
import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kd_core.data.augment import Normalise
from kd_core.vision.blanking import BLANK_COLOUR, STD, shown_in, visible_mask
from kd_core.vision.field_of_view import WHOLE_IMAGE, find_field_of_view
from kd_core.vision.preprocess import (
    INPUT_SIZE,
    VERSIONS,
    WORKING_HEIGHT,
    constants,
    crop_of,
    is_known,
    model_crop,
    normalise,
    prepare,
    prepare_bgra,
    shrink,
)

Image = NDArray[np.uint8]
Scene = Callable[..., Image]


def inset_and_text(image: Image) -> Image:
    """The image with a name at its left and a green inset at its lower left."""
    painted = image.copy()
    height, width = image.shape[:2]
    cv2.putText(painted, "SITE 12", (2, 30), cv2.FONT_HERSHEY_PLAIN, 0.8, (255, 255, 255))
    painted[int(0.68 * height) :, : int(0.33 * width)] = (20, 130, 40)
    return painted


def test_what_is_covered_is_exactly_nothing_and_the_rest_is_the_crop(scene: Scene) -> None:
    image = inset_and_text(np.maximum(scene(4), 60))
    crop, _ = model_crop(image)
    tensor, _ = prepare(image)
    hidden = ~shown_in(crop)
    assert 0.05 < hidden.mean() < 0.4
    assert not tensor[:, hidden].any()
    levels = tensor * 255 * np.reshape(STD, (3, 1, 1)) + np.reshape(BLANK_COLOUR, (3, 1, 1))
    assert np.abs(levels - crop.transpose(2, 0, 1)).max() < 0.01


def test_models_of_before_see_the_same_pixels_blank_in_every_image(scene: Scene) -> None:
    blank = visible_mask(INPUT_SIZE) == 0
    for image in (scene(1), scene(3, 500, 400, 60), np.zeros((50, 70, 3), np.uint8)):
        tensor, _ = prepare(image, version=2)
        assert np.array_equal(tensor == 0, np.broadcast_to(blank, tensor.shape))


def test_models_of_before_are_shown_what_the_formula_of_then_says(scene: Scene) -> None:
    """Crop, divided by 255, less ImageNet's mean, over its deviation, times the mask."""
    image = np.maximum(scene(4), 60)
    crop, _ = crop_of(image)
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    wanted = ((crop / 255 - mean) / std * visible_mask(INPUT_SIZE)[:, :, None]).transpose(2, 0, 1)
    assert np.abs(prepare(image, version=2)[0] - wanted).max() < 1e-5


def test_only_known_constants_run(scene: Scene) -> None:
    assert all(is_known(constants(version=version)) for version in VERSIONS)
    assert not is_known(msgspec.structs.replace(constants(), version=4))
    assert not is_known(msgspec.structs.replace(constants(), version=2))
    assert not is_known(msgspec.structs.replace(constants(), std=(1.0, 1.0, 1.0)))


def test_blanked_before_were_the_text_strip_the_inset_and_the_corners() -> None:
    mask = visible_mask(100)
    assert mask[:, :20].sum() == 0
    assert mask[66:, :35].sum() == 0
    assert mask[[0, 0, -1, -1], [0, -1, 0, -1]].sum() == 0
    assert mask[50, 50] == 1
    assert mask[60, 30] == 1
    assert 0.6 < mask.mean() < 0.75
    assert not mask.flags.writeable


def test_what_is_painted_beside_the_tissue_changes_nothing_but_the_cover(scene: Scene) -> None:
    image = np.maximum(scene(4), 60)
    bare, painted = prepare(image)[0], prepare(inset_and_text(image))[0]
    both = (bare != 0).any(axis=0) & (painted != 0).any(axis=0)
    assert both.mean() > 0.5
    # At a rim of a pixel or two the paint has been smoothed into the image by the crop
    inner = cv2.erode(both.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert np.abs(bare - painted)[:, inner].max() < 1e-5


def test_a_screens_bytes_give_what_the_image_gives(scene: Scene) -> None:
    image = inset_and_text(np.maximum(scene(4), 60))
    bgra = cv2.cvtColor(image, cv2.COLOR_RGB2BGRA).astype(np.uint8)
    for version in VERSIONS:
        wanted, _ = prepare(image, version=version)
        assert np.array_equal(wanted, prepare_bgra(bgra, version=version)[0])


def test_the_black_border_is_cropped(scene: Scene) -> None:
    inner = np.maximum(scene(5, 240, 176), 60)
    bordered = np.zeros((256, 320, 3), np.uint8)
    bordered[40:216, 40:280] = inner
    field = find_field_of_view(bordered)
    assert np.allclose(
        [field.left, field.top, field.right, field.bottom],
        [40 / 320, 40 / 256, 280 / 320, 216 / 256],
        atol=1.5 / 128,
    )
    difference = np.abs(prepare(bordered)[0] - prepare(inner)[0])
    assert difference.mean() < 0.1


def test_burnt_in_text_in_the_border_does_not_widen_the_field(scene: Scene) -> None:
    image = np.zeros((576, 720, 3), np.uint8)
    image[20:556, 180:700] = scene(6, 520, 536)
    written = image.copy()
    for row, text in enumerate(("12/05/2011", "Name", "14:32:10", "ID 55", "Gain 3")):
        cv2.putText(
            written, text, (6, 60 + 40 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 2
        )
    found, bare = find_field_of_view(shrink(written)), find_field_of_view(shrink(image))
    # A quarter of a probe pixel
    assert dataclasses.astuple(found) == pytest.approx(dataclasses.astuple(bare), abs=0.002)


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 3000), (3000, 1), (2, 2), (17, 5), (512, 1), (4320, 7680)]
)
def test_every_size_gives_finite_input(size: tuple[int, int]) -> None:
    for value in (0, 130, 255):
        tensor, field = prepare(np.full((*size, 3), value, np.uint8))
        assert tensor.shape == (3, INPUT_SIZE, INPUT_SIZE)
        assert tensor.dtype == np.float32
        assert np.isfinite(tensor).all()
        assert field == WHOLE_IMAGE


@given(height=st.integers(1, 700), width=st.integers(1, 700), seed=st.integers(0, 9))
def test_the_field_lies_inside_every_image(height: int, width: int, seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    crop, field = crop_of(image)
    assert crop.shape == (INPUT_SIZE, INPUT_SIZE, 3)
    assert 0 <= field.left < field.right <= 1
    assert 0 <= field.top < field.bottom <= 1


def test_a_grey_image_stays_grey(scene: Scene) -> None:
    grey = np.repeat(scene(7)[:, :, :1], 3, axis=2)
    crop, _ = crop_of(grey)
    assert np.array_equal(crop[:, :, 0], crop[:, :, 2])


def test_shrinking_keeps_the_mean_and_leaves_small_images_alone(scene: Scene) -> None:
    for width, height in ((1920, 1080), (720, 576), (3840, 2160), (301, 257)):
        image = scene(8, width, height)
        small = shrink(image)
        assert small.shape[0] == WORKING_HEIGHT
        assert abs(small.shape[1] / small.shape[0] - width / height) < 0.01
        assert abs(float(small.mean()) - float(image.mean())) < 0.6
    assert shrink(scene(8)) is not None
    assert np.array_equal(shrink(scene(8, 320, 256)), scene(8, 320, 256))


def test_training_normalises_as_the_live_path_does(scene: Scene) -> None:
    crops = np.stack([crop_of(scene(seed))[0] for seed in range(3)])
    trained = Normalise()(torch.from_numpy(crops).permute(0, 3, 1, 2).float()).numpy()
    assert np.abs(trained - np.stack([normalise(crop) for crop in crops])).max() < 1e-5
