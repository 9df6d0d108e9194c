"""A heat map drawn over the image that it is of."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kd_core.vision.field_of_view import FieldOfView

Image = NDArray[np.uint8]
Array = NDArray[np.float32]
#: Most that the heat map hides of the image below it.
OPACITY = 0.6
_STRIP = 512  # rows blended at a time, so that an 8K image needs no gigabyte of float32


def overlay(rgb: Image, heat: Array, field: FieldOfView) -> Image:
    """(H, W, 3) image with ``heat`` (h, w) in 0..1 drawn over its field of view.

    In inferno, as opaque as it is hot.
    """
    result = rgb.copy()
    height, width = rgb.shape[:2]
    x0, y0 = int(field.left * width), int(field.top * height)
    x1, y1 = max(x0 + 1, round(field.right * width)), max(y0 + 1, round(field.bottom * height))
    levels = np.round(heat * 255.0).astype(np.uint8)
    levels = cv2.resize(levels, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    for top in range(0, y1 - y0, _STRIP):
        part = levels[top : top + _STRIP]
        colour = cv2.applyColorMap(part, cv2.COLORMAP_INFERNO)[:, :, ::-1].astype(np.float32)
        alpha = (part.astype(np.float32) * (OPACITY / 255.0))[:, :, None]
        below = result[y0 + top : y0 + top + len(part), x0:x1]
        below[:] = np.round(below * (1.0 - alpha) + colour * alpha).astype(np.uint8)
    return result
