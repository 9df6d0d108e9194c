"""Where the endoscopic image lies in a frame, inside the black border that recorders put round it.

Edges are found between pixels and no threshold is hard, so that a little noise moves the crop a
little: a jump by one pixel of the probe changed a probability by .13.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Array = NDArray[np.float32]

#: A border pixel is darker than this in every channel (video black plus compression noise stays
#: below 20 of 255).
BORDER_LEVEL = 24
#: Over this many grey levels around BORDER_LEVEL a pixel turns from border to image.
BORDER_SOFTNESS = 16
#: A row or column belongs to the field of view when it holds this share of the fullest one's bright
#: pixels; burnt-in text holds less.
PROFILE_SHARE = 0.25
#: A field of view smaller than this share of a side is not believed (a nearly black frame).
SMALLEST_SIDE = 0.35
_PROBE = 128  # px; side of the image on which the field of view is looked for


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """Where the endoscopic image lies in the frame, as fractions of its width and height."""

    left: float
    top: float
    right: float
    bottom: float


WHOLE_IMAGE = FieldOfView(0.0, 0.0, 1.0, 1.0)


def find_field_of_view(rgb: Image) -> FieldOfView:
    """The field of view of an (H, W, 3) image; the whole image where none can be believed."""
    probe = np.asarray(
        cv2.resize(rgb, (_PROBE, _PROBE), interpolation=cv2.INTER_AREA), dtype=np.uint8
    )
    rectangle = bright_rectangle(probe)
    return WHOLE_IMAGE if rectangle is None else FieldOfView(*(edge / _PROBE for edge in rectangle))


def bright_rectangle(rgb: Image) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of the bright part of an (H, W, 3) image, in its pixels.

    None where it is smaller than SMALLEST_SIDE: the image is too dark to tell.
    """
    red, green, blue = cv2.split(rgb)
    brightest = cv2.max(cv2.max(red, green), blue).astype(np.float32)
    bright: Array = np.clip((brightest - BORDER_LEVEL) / BORDER_SOFTNESS + 0.5, 0.0, 1.0)
    spans = []
    for profile in (bright.sum(axis=0), bright.sum(axis=1)):
        side = len(profile)
        first, last = _rising_edge(profile), side - _rising_edge(profile[::-1])
        if last - first < SMALLEST_SIDE * side:
            return None
        spans.append((first, last))
    (left, right), (top, bottom) = spans
    return left, top, right, bottom


def _rising_edge(profile: Array) -> float:
    """Where ``profile`` (N,) first rises to PROFILE_SHARE of its peak.

    In pixels from its start and between two of them; N if it never does.
    """
    level = PROFILE_SHARE * float(profile.max())
    if level <= 0:
        return float(len(profile))
    at = int(np.argmax(profile >= level))
    if at == 0:
        return 0.0
    before, here = float(profile[at - 1]), float(profile[at])
    return at - 0.5 + (level - before) / (here - before)
