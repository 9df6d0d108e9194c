"""Blanking what is burnt into a picture: names, dates and numbers beside and at the edge of the
endoscope's view.

The numbers are those of kd_core.vision.preprocess, copied by value, since the application knows the
core only by its contract; a test holds the two together. Inside the field of view the blanked parts
are mean grey, not black: a black strip would be taken for border, and a model trained on the export
would see another crop than the live view does. They are parts at which no model looks.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Array = NDArray[np.float32]

# kd_core.vision.preprocess
TEXT_STRIP = 0.20
BORDER_LEVEL = 24
BORDER_SOFTNESS = 16
PROFILE_SHARE = 0.25
SMALLEST_SIDE = 0.35
MEAN_GREY = (124, 116, 104)
"""MEAN there, in 0..255."""


def blank_identity(rgb: Image) -> Image:
    """A copy of (H, W, 3) uint8: black outside the field of view, grey in its text strip and in the
    corners outside its ellipse.

    Where no field of view can be found all of it is black, as text could be anywhere. Text inside
    the view stays: look at an export before it leaves the house.
    """
    found = field_of_view(rgb)
    blanked = np.zeros_like(rgb)
    if found is None:
        return blanked
    left, top, right, bottom = found
    view = rgb[top:bottom, left:right]
    blanked[top:bottom, left:right] = np.where(
        _shown(view.shape[0], view.shape[1])[..., None], view, np.array(MEAN_GREY, np.uint8)
    )
    return blanked


def field_of_view(rgb: Image) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom in pixels of the bright rectangle inside the black border;
    None for a picture too dark to tell.
    """
    # at full resolution: on the core's small probe an edge is a probe pixel wide, and grey there
    # would move the crop outwards
    red, green, blue = cv2.split(rgb)
    brightest = cv2.max(cv2.max(red, green), blue).astype(np.float32)
    bright: Array = np.clip((brightest - BORDER_LEVEL) / BORDER_SOFTNESS + 0.5, 0.0, 1.0)
    spans: list[int] = []
    for profile in (bright.sum(axis=0), bright.sum(axis=1)):
        side = len(profile)
        first, last = _edge(profile), side - _edge(profile[::-1])
        if last - first < SMALLEST_SIDE * side:
            return None
        spans += [round(first), round(last)]
    return spans[0], spans[2], spans[1], spans[3]


def _edge(profile: Array) -> float:
    level = PROFILE_SHARE * float(profile.max())
    if level <= 0:
        return float(len(profile))
    at = int(np.argmax(profile >= level))
    if at == 0:
        return 0.0
    before, here = float(profile[at - 1]), float(profile[at])
    return at - 0.5 + (level - before) / (here - before)


@lru_cache(maxsize=4)
def _shown(height: int, width: int) -> NDArray[np.bool_]:
    """(height, width) of True where the ellipse in the view shows, right of the text strip."""
    x = ((np.arange(width) + 0.5) / width)[None, :]
    y = ((np.arange(height) + 0.5) / height)[:, None]
    shown: NDArray[np.bool_] = ((x - 0.5) ** 2 + (y - 0.5) ** 2 <= 0.25) & (x >= TEXT_STRIP)
    return shown
