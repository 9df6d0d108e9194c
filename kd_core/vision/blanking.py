"""What no model may look at, because it could be cheated on, and what is put there instead.

``covered`` hides what an image itself shows to be no tissue (kd_core.vision.tissue_mask).
``visible_mask`` is what models of preprocessing 2 were shown of every image alike: nothing outside
the ellipse inscribed in the field of view (its corners tell the endoscope), of the strip at the
left where recorders burn in text, and of the lower-left corner where the position inset
(ScopeGuide) is shown or has been painted over.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Array = NDArray[np.float32]

#: Mean and standard deviation of RGB in 0..1, those of ImageNet, so that teachers and student share
#: one input.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
#: The mean colour in whole grey levels.
BLANK_COLOUR: Image = (255 * np.array(MEAN)).round().astype(np.uint8)
#: The same in 0..1, taken off by preprocessing 3: what is covered becomes exactly 0.
BLANK_MEAN = (124 / 255, 116 / 255, 104 / 255)
#: Fractions of the cropped field of view, measured on Hyper-KVASIR: text reaches .20 from the left,
#: the inset .34 and up from .66.
TEXT_STRIP = 0.20
INSET_WIDTH, INSET_TOP = 0.35, 0.65


@lru_cache(maxsize=4)
def visible_mask(size: int) -> Array:
    """(size, size) of 1 where the model may look and 0 where every image is blanked."""
    centre = (np.arange(size, dtype=np.float32) + 0.5) / size
    x, y = centre[None, :], centre[:, None]
    inside = (x - 0.5) ** 2 + (y - 0.5) ** 2 <= 0.25
    inset = (x < INSET_WIDTH) & (y > INSET_TOP)
    mask: Array = (inside & ~inset & (x >= TEXT_STRIP)).astype(np.float32)
    mask.setflags(write=False)
    return mask


def covered(crop: Image, shown: NDArray[np.bool_]) -> Image:
    """(S, S, 3) uint8 and (S, S) -> a copy with BLANK_COLOUR where it is not ``shown``."""
    return np.where(shown[:, :, None], crop, BLANK_COLOUR)


def shown_in(crop: Image) -> NDArray[np.bool_]:
    """(S, S, 3) covered crop -> (S, S), False where it was covered.

    A pixel of tissue that happens to have just that colour counts as covered: one in ten thousand.
    """
    shown: NDArray[np.bool_] = (crop != BLANK_COLOUR).any(axis=2)
    return shown
