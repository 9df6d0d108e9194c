"""The tissue mask: what a recorder draws is hidden, tissue is not."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kd_core.data.image_files import read_rgb, recompressed
from kd_core.vision.blanking import BLANK_COLOUR
from kd_core.vision.preprocess import crop_of
from kd_core.vision.tissue_mask import tissue_mask

Image = NDArray[np.uint8]
SIDE = 224


def mucosa() -> Image:
    noise = np.random.default_rng(0).integers(-6, 7, (SIDE, SIDE, 1))
    return np.clip(np.array([190, 100, 80]) + noise, 0, 255).astype(np.uint8)


def octagon(image: Image) -> NDArray[np.bool_]:
    y, x = np.mgrid[:SIDE, :SIDE]
    outside: NDArray[np.bool_] = (
        np.abs(x - SIDE / 2 + 0.5) + np.abs(y - SIDE / 2 + 0.5) > 0.75 * SIDE
    )
    image[outside] = 3
    return outside


def test_bare_tissue_is_shown_whole() -> None:
    assert tissue_mask(mucosa()).all()


def test_a_border_is_hidden_and_no_more_than_a_rim_beside_it() -> None:
    image = mucosa()
    outside = octagon(image)
    shown = tissue_mask(image)
    assert not shown[outside].any()
    near = cv2.dilate(outside.astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    assert shown[~near].all()


@pytest.mark.parametrize("colour", [(2, 2, 2), (10, 120, 30)], ids=["black", "green"])
def test_an_inset_is_hidden_with_what_is_drawn_in_it(colour: tuple[int, int, int]) -> None:
    image = mucosa()
    image[150:, :74] = colour
    cv2.polylines(image, [np.array([[10, 215], [40, 170], [60, 200]], np.int32)], False, (250,) * 3)
    shown = tissue_mask(image)
    assert not shown[150:, :74].any()
    assert shown[:140, 90:].all()


def test_text_at_the_left_is_hidden_and_a_reflection_in_the_middle_is_not() -> None:
    image = mucosa()
    bare = image.copy()
    for row, line in enumerate(("25/05/2019", "Name:", "WAT")):
        cv2.putText(image, line, (3, 60 + 14 * row), cv2.FONT_HERSHEY_PLAIN, 0.8, (230,) * 3, 1)
    text = np.abs(image.astype(int) - bare).max(axis=2) > 60
    text[:, 67:] = False  # farther to the right nothing is looked for
    cv2.circle(image, (130, 90), 2, (250, 250, 250), -1)
    shown = tissue_mask(image)
    assert text.sum() > 100
    assert not shown[text].any()
    assert shown[80:100, 100:].all()


def test_a_dark_lumen_in_the_middle_is_tissue_and_a_black_frame_is_shown_as_it_is() -> None:
    image = mucosa()
    cv2.circle(image, (112, 112), 40, (8, 6, 5), -1)
    assert tissue_mask(image).all()
    assert tissue_mask(np.zeros((SIDE, SIDE, 3), np.uint8)).all()


def test_what_an_export_has_blanked_is_hidden_also_after_jpeg() -> None:
    image = mucosa()
    image[:, :45] = BLANK_COLOUR
    shown = tissue_mask(recompressed(image, 90))
    assert shown[:, :40].mean() < 0.02
    assert shown[:, 60:].all()


@pytest.mark.parametrize("side", [64, 112, 224, 300])
def test_any_size_of_crop_has_a_mask_of_its_size(side: int) -> None:
    shown = tissue_mask(np.full((side, side, 3), 120, np.uint8))
    assert shown.shape == (side, side)
    assert shown.dtype == np.bool_


def native_frames() -> list[Path]:
    folder = Path(os.environ.get("ENDOSCOPE_TEST_DATA", "")) / "hyperkvasir-lower-gi" / "native"
    return sorted(folder.glob("*.jpg"))


@pytest.mark.skipif(not native_frames(), reason="the native frames of the data are not here")
def test_every_inset_of_the_native_frames_is_hidden_and_most_tissue_is_not() -> None:
    shares = []
    for path in native_frames():
        crop = crop_of(read_rgb(path))[0]
        shown = tissue_mask(crop)
        shares.append(shown.mean())
        if "inset-green" in path.name:
            red, green, blue = crop[-40:, :40].astype(int).transpose(2, 0, 1)
            greenish = (green > 1.3 * red) & (green > 1.2 * blue) & (green > 60)
            assert shown[-40:, :40][greenish].mean() < 0.02 if greenish.any() else True
    assert np.median(shares) > 0.7
    assert min(shares) > 0.3
