"""The ONE path from an RGB picture to model input: training, evaluation, the live view and analysis
all call ``prepare``.

Steps: shrink to a working height, find the field of view, crop the black border away, resize to a
    square, normalise, and
blank what could be cheated on. The blanked region is a constant of this file and the same for every
picture: outside the ellipse inscribed in the field of view (its corners tell the endoscope), the
strip at the left where recorders burn in text, and the lower-left corner where the position inset
(ScopeGuide) is shown or has been painted over. Blanked pixels are 0 after normalisation, i.e. the
mean colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kd_core.schema.model_card import Preprocessing

Image = NDArray[np.uint8]
Array = NDArray[np.float32]

#: Raise when a step or constant below changes: a model refuses to run with constants it was not
#: trained with.
VERSION = 2
WORKING_HEIGHT = 256
INPUT_SIZE = 224

#: Mean and standard deviation of RGB in 0..1, those of ImageNet, so that teachers and student share
#: one input.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)

#: A border pixel is darker than this in every channel (video black plus compression noise stays
#: below 20 of 255).
BORDER_LEVEL = 24
#: Over this many grey levels around BORDER_LEVEL a pixel turns from border to picture.
BORDER_SOFTNESS = 16
#: A row or column belongs to the field of view when it holds this share of the fullest one's bright
#: pixels; burnt-in text holds less.
PROFILE_SHARE = 0.25
#: A field of view smaller than this share of a side is not believed (a nearly black picture): the
#: whole picture is used.
SMALLEST_SIDE = 0.35
#: The mean colour in whole grey levels.
BLANK_COLOUR: Image = (255 * np.array(MEAN)).round().astype(np.uint8)
_PROBE = 128  # px; side of the picture on which the field of view is looked for

#: Fractions of the cropped field of view, measured on Hyper-KVASIR: text reaches .20 from the left,
#: the inset .34 and up from .66.
TEXT_STRIP = 0.20
INSET_WIDTH, INSET_TOP = 0.35, 0.65


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """Where the endoscopic picture lies in the frame, as fractions of its width and height."""

    left: float
    top: float
    right: float
    bottom: float


WHOLE_PICTURE = FieldOfView(0.0, 0.0, 1.0, 1.0)


def constants() -> Preprocessing:
    """The constants as they are stored in a model's card."""
    return Preprocessing(version=VERSION, input_size=INPUT_SIZE, mean=MEAN, std=STD)


def decoding_height(height: int) -> int:
    """Rows to which a decoder may scale by area without changing the model input: ``shrink``'s own
    halvings but the last.

    Video holds colour at half its size. With the last halving left to ``shrink``, that colour is
    averaged here as it is for a full-size picture; without, the class of one real 1080p frame in
    seventy changed.
    """
    while height >= 4 * WORKING_HEIGHT:
        height //= 2
    return height


def shrink(picture: Image) -> Image:
    """(H, W, C) -> at most WORKING_HEIGHT rows, same aspect.

    Halving by area first is exact, and four times as fast as one area resize.
    """
    height, width = picture.shape[:2]
    while height >= 2 * WORKING_HEIGHT and width >= 2:
        picture = cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        height, width = picture.shape[:2]
    if height > WORKING_HEIGHT:
        size = (max(1, round(width * WORKING_HEIGHT / height)), WORKING_HEIGHT)
        # Less than twice too large: linear reads every pixel, and takes a tenth of what an area
        # resize by a broken factor does.
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    return picture


def find_field_of_view(rgb: Image) -> FieldOfView:
    """The bright rectangle inside the black border of an (H, W, 3) picture; the whole picture when
    none can be believed.

    Edges are found between pixels and no threshold is hard, so that a little noise moves the crop a
    little: a jump by one probe pixel changed a probability by .13.
    """
    red, green, blue = cv2.split(cv2.resize(rgb, (_PROBE, _PROBE), interpolation=cv2.INTER_AREA))
    probe = cv2.max(cv2.max(red, green), blue).astype(np.float32)
    bright = np.clip((probe - BORDER_LEVEL) / BORDER_SOFTNESS + 0.5, 0.0, 1.0)
    spans = []
    for profile in (bright.sum(axis=0), bright.sum(axis=1)):
        first, last = _edge(profile), _PROBE - _edge(profile[::-1])
        if last - first < SMALLEST_SIDE * _PROBE:
            return WHOLE_PICTURE
        spans.append((first / _PROBE, last / _PROBE))
    (left, right), (top, bottom) = spans
    return FieldOfView(left, top, right, bottom)


def _edge(profile: Array) -> float:
    """Where ``profile`` (N,) first rises to PROFILE_SHARE of its peak, in pixels from its start
    and between two of them; N if never.
    """
    level = PROFILE_SHARE * float(profile.max())
    if level <= 0:
        return float(len(profile))
    at = int(np.argmax(profile >= level))
    if at == 0:
        return 0.0
    before, here = float(profile[at - 1]), float(profile[at])
    return at - 0.5 + (level - before) / (here - before)


@lru_cache(maxsize=4)
def visible_mask(size: int) -> Array:
    """(size, size) of 1 where the model may look and 0 where every picture is blanked."""
    centre = (np.arange(size, dtype=np.float32) + 0.5) / size
    x, y = centre[None, :], centre[:, None]
    inside = (x - 0.5) ** 2 + (y - 0.5) ** 2 <= 0.25
    inset = (x < INSET_WIDTH) & (y > INSET_TOP)
    mask: Array = (inside & ~inset & (x >= TEXT_STRIP)).astype(np.float32)
    mask.setflags(write=False)
    return mask


def blanked(square: Image) -> Image:
    """(S, S, 3) uint8 -> the same with the mean colour where the model may not look: a copy
    that is safe to blur, move or compress.
    """
    hidden = visible_mask(square.shape[0])[:, :, None] == 0
    return np.where(hidden, BLANK_COLOUR, square)


def crop_square(rgb: Image) -> tuple[Image, FieldOfView]:
    """(H, W, 3) uint8 of any size -> the field of view as (INPUT_SIZE, INPUT_SIZE, 3) uint8,
    and where it was.
    """
    small = shrink(rgb)
    field = find_field_of_view(small)
    height, width = small.shape[:2]
    x_step = (field.right - field.left) * width / INPUT_SIZE
    y_step = (field.bottom - field.top) * height / INPUT_SIZE
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
    square = cv2.warpAffine(
        small, place, (INPUT_SIZE, INPUT_SIZE), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return square.astype(np.uint8, copy=False), field


@lru_cache(maxsize=1)
def _scale_and_offset() -> tuple[Array, Array]:
    """Per pixel and channel factors that do division by 255, normalisation and blanking in one
    multiply-add: (3, S, S) each.
    """
    mask = visible_mask(INPUT_SIZE)[None]
    std = np.asarray(STD, np.float32)[:, None, None]
    mean = np.asarray(MEAN, np.float32)[:, None, None]
    return (mask / (255.0 * std)).astype(np.float32), (-mask * mean / std).astype(np.float32)


def normalise(square: Image) -> Array:
    """(INPUT_SIZE, INPUT_SIZE, 3) uint8 RGB -> (3, INPUT_SIZE, INPUT_SIZE) float32, blanked
    region exactly 0.
    """
    scale, offset = _scale_and_offset()
    planes = np.ascontiguousarray(square.transpose(2, 0, 1))
    result: Array = planes * scale
    result += offset
    return result


def prepare(rgb: Image) -> tuple[Array, FieldOfView]:
    """(H, W, 3) uint8 RGB -> model input (3, INPUT_SIZE, INPUT_SIZE) float32, and the field of
    view it was cut from.
    """
    square, field = crop_square(rgb)
    return normalise(square), field
