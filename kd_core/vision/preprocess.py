"""The ONE path from an RGB image to model input, for training, evaluation, live view and analysis.

All call ``prepare``: shrink to a working height, find the field of view, crop the black border
away, resize to a square, cover what is no tissue (kd_core.vision.tissue_mask) and normalise. Models
of preprocessing 2 still run with theirs: one region is blanked in every image instead.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kd_core.schema.model_card import Preprocessing
from kd_core.vision.blanking import BLANK_COLOUR, BLANK_MEAN, MEAN, STD, covered, visible_mask
from kd_core.vision.field_of_view import FieldOfView, find_field_of_view
from kd_core.vision.tissue_mask import tissue_mask

Image = NDArray[np.uint8]
Array = NDArray[np.float32]

#: Raise when a step or constant of preprocessing changes: a model refuses to run with constants it
#: was not trained with.
VERSION = 3
#: What models run with, oldest first; only the last is trained with.
VERSIONS = (2, 3)
WORKING_HEIGHT = 256
INPUT_SIZE = 224


def constants(input_size: int = INPUT_SIZE, version: int = VERSION) -> Preprocessing:
    """The constants as they are stored in a model's card."""
    mean = MEAN if version == 2 else BLANK_MEAN
    return Preprocessing(version=version, input_size=input_size, mean=mean, std=STD)


def is_known(preprocessing: Preprocessing) -> bool:
    """Whether this program can run a model with these constants."""
    known = preprocessing.version in VERSIONS
    return known and preprocessing == constants(preprocessing.input_size, preprocessing.version)


def decoding_height(height: int) -> int:
    """Rows to which a decoder may scale by area without changing the model input.

    ``shrink``'s own halvings but the last. Video holds colour at half its size. With the last
    halving left to ``shrink``, that colour is averaged here as it is for a full-size image;
    without, the class of one real 1080p frame in seventy changed.
    """
    while height >= 4 * WORKING_HEIGHT:
        height //= 2
    return height


def shrink(image: Image) -> Image:
    """(H, W, C) -> at most WORKING_HEIGHT rows, same aspect.

    Halving by area first is exact, and four times as fast as one area resize.
    """
    height, width = image.shape[:2]
    while height >= 2 * WORKING_HEIGHT and width >= 2:
        image = cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        height, width = image.shape[:2]
    if height > WORKING_HEIGHT:
        size = (max(1, round(width * WORKING_HEIGHT / height)), WORKING_HEIGHT)
        # Less than twice too large: linear reads every pixel, and takes a tenth of what an area
        # resize by a broken factor does.
        image = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    return image


def crop_of(rgb: Image, size: int = INPUT_SIZE) -> tuple[Image, FieldOfView]:
    """(H, W, 3) uint8 of any size -> the field of view as (size, size, 3) uint8.

    And where it was.
    """
    return _crop_shrunk(shrink(rgb), size)


def _crop_shrunk(small: Image, size: int) -> tuple[Image, FieldOfView]:
    field = find_field_of_view(small)
    height, width = small.shape[:2]
    x_step = (field.right - field.left) * width / size
    y_step = (field.bottom - field.top) * height / size
    # Output pixel (u, v) has its middle at left + (u + .5) * step; cv2 counts from the middle of
    # the first pixel.
    place = np.array(
        [
            [x_step, 0, field.left * width + x_step / 2 - 0.5],
            [0, y_step, field.top * height + y_step / 2 - 0.5],
        ],
        np.float64,
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(small, place, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return crop.astype(np.uint8, copy=False), field


def model_crop(rgb: Image, size: int = INPUT_SIZE) -> tuple[Image, FieldOfView]:
    """(H, W, 3) uint8 of any size -> the field of view with all but tissue covered.

    As (size, size, 3) uint8: what training, evaluation and replay keep of an image.
    """
    crop, field = crop_of(rgb, size)
    return covered(crop, tissue_mask(crop)), field


@lru_cache(maxsize=4)
def _blanked_scale_and_offset(size: int) -> tuple[Array, Array]:
    """Of preprocessing 2: per pixel and channel factors (3, S, S) each, for one multiply-add."""
    mask = visible_mask(size)[None]
    std = np.asarray(STD, np.float32)[:, None, None]
    mean = np.asarray(MEAN, np.float32)[:, None, None]
    return (mask / (255.0 * std)).astype(np.float32), (-mask * mean / std).astype(np.float32)


_LEVEL = BLANK_COLOUR.astype(np.float32)[:, None, None]
_SCALE: Array = (1.0 / (255.0 * np.asarray(STD, np.float32)))[:, None, None]


def normalise(crop: Image) -> Array:
    """(S, S, 3) uint8 covered crop -> (3, S, S) float32, exactly 0 where it is covered."""
    planes = np.ascontiguousarray(crop.transpose(2, 0, 1)).astype(np.float32)
    planes -= _LEVEL
    planes *= _SCALE
    return planes


def _normalised_and_blanked(crop: Image) -> Array:
    scale, offset = _blanked_scale_and_offset(crop.shape[0])
    result: Array = np.ascontiguousarray(crop.transpose(2, 0, 1)) * scale
    result += offset
    return result


def _model_input(crop: Image, version: int) -> Array:
    if version == 2:
        return _normalised_and_blanked(crop)
    return normalise(covered(crop, tissue_mask(crop)))


def prepare(
    rgb: Image, size: int = INPUT_SIZE, version: int = VERSION
) -> tuple[Array, FieldOfView]:
    """(H, W, 3) uint8 RGB -> model input (3, size, size) float32.

    And the field of view it was cut from.
    """
    crop, field = crop_of(rgb, size)
    return _model_input(crop, version), field


def prepare_bgra(
    bgra: Image, size: int = INPUT_SIZE, version: int = VERSION
) -> tuple[Array, FieldOfView]:
    """(H, W, 4) uint8 BGRA, as a screen holds it -> what ``prepare`` makes of it.

    Channels are put in order after shrinking: of a full-HD image that alone would cost as much
    as the network.
    """
    small: Image = cv2.cvtColor(shrink(bgra), cv2.COLOR_BGRA2RGB).astype(np.uint8, copy=False)
    crop, field = _crop_shrunk(small, size)
    return _model_input(crop, version), field
