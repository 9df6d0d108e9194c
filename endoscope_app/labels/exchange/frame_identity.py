"""Blanking what is burnt into an image.

Names, dates and numbers stand beside and at the edge of the endoscope's view.

Inside the field of view the blanked parts are the mean colour, not black: a black strip would be
taken for border, and a model trained on the export would see another crop than the live view does.
They are parts at which no model looks.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kd_core.vision.blanking import BLANK_COLOUR, TEXT_STRIP
from kd_core.vision.field_of_view import bright_rectangle

Image = NDArray[np.uint8]


def blank_identity(rgb: Image) -> Image:
    """A copy of (H, W, 3) uint8: black outside the field of view, grey where no model looks.

    That is its text strip and the corners outside its ellipse. Where no field of view can be found
    all of it is black, as text could be anywhere. Text inside the view stays: look at an export
    before it leaves the house.
    """
    field = field_of_view(rgb)
    blanked = np.zeros_like(rgb)
    if field is None:
        return blanked
    left, top, right, bottom = field
    view = rgb[top:bottom, left:right]
    blanked[top:bottom, left:right] = np.where(
        _shown(view.shape[0], view.shape[1])[..., None], view, BLANK_COLOUR
    )
    return blanked


def field_of_view(rgb: Image) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom in pixels of the bright rectangle inside the black border.

    None for an image too dark to tell.
    """
    # at full resolution: on the core's small probe an edge is a probe pixel wide, and grey there
    # would move the crop outwards
    edges = bright_rectangle(rgb)
    if edges is None:
        return None
    left, top, right, bottom = (round(edge) for edge in edges)
    return left, top, right, bottom


@lru_cache(maxsize=4)
def _shown(height: int, width: int) -> NDArray[np.bool_]:
    """(height, width) of True where the ellipse in the view shows, right of the text strip."""
    x = ((np.arange(width) + 0.5) / width)[None, :]
    y = ((np.arange(height) + 0.5) / height)[:, None]
    shown: NDArray[np.bool_] = ((x - 0.5) ** 2 + (y - 0.5) ** 2 <= 0.25) & (x >= TEXT_STRIP)
    return shown
