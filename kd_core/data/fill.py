"""Covered places filled from what is around them, so that an image can be covered anew."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_SMALL = 56  # px; side of the copy that is smoothed
#: Standard deviations in px of the small copy, the widest first: near a covered place the narrow
#: one is believed, deep within it the wide one.
_WIDTHS = (12.0, 4.0, 1.5)
#: Share of shown pixels under the bell from which on it is believed wholly.
_BELIEVED = 0.1


def filled(crop: Image, shown: Mask) -> Image:
    """(S, S, 3) uint8 and (S, S) -> the same where ``shown``, elsewhere smooth from around.

    Normalised convolution (Knutsson and Westin 1993) at three widths: no edge is left where a
    cover ended, and nothing is made up that looks like a finding.
    """
    if shown.all():
        return crop
    size = (_SMALL, _SMALL)
    weight = cv2.resize(shown.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    known = np.where(shown[:, :, None], crop, np.uint8(0))
    small = cv2.resize(known, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    fill = np.broadcast_to(small.sum((0, 1)) / max(float(weight.sum()), 1e-6), small.shape)
    for width in _WIDTHS:
        near = cv2.GaussianBlur(weight, (0, 0), width)
        colour = cv2.GaussianBlur(small, (0, 0), width) / np.maximum(near, 1e-6)[:, :, None]
        trust = np.clip(near / _BELIEVED, 0.0, 1.0)[:, :, None]
        fill = fill + trust * (colour - fill)
    large = cv2.resize(
        np.clip(fill, 0, 255).astype(np.uint8), crop.shape[1::-1], interpolation=cv2.INTER_LINEAR
    )
    return np.where(shown[:, :, None], crop, np.asarray(large, np.uint8))
