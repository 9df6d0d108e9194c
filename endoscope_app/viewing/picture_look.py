"""How a picture is made easier to look at: on the screen only, never for the model or a label."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_BLUR_SIGMA = 1.2
_STRONGEST = 1.5


@dataclass(frozen=True)
class PictureLook:
    """Each -1..1 (``sharpness`` 0..1), 0 as recorded; ``gamma`` above 0 lifts what is dark."""

    brightness: float = 0.0
    contrast: float = 0.0
    gamma: float = 0.0
    sharpness: float = 0.0


AS_RECORDED = PictureLook()


def adjusted(pixels: NDArray[np.uint8], look: PictureLook) -> NDArray[np.uint8]:
    """BGRA (H, W, 4) as ``look`` wants it, in memory of its own; the same where it wants nothing.

    Gamma is a power of the values, contrast a gain around their middle (both a factor of two at
    the ends), brightness an offset of up to half of the range; sharpening is an unsharp mask.
    """
    if look == AS_RECORDED:
        return pixels
    level = np.linspace(0.0, 1.0, 256) ** (2.0**-look.gamma)
    level = (level - 0.5) * 2.0**look.contrast + 0.5 + look.brightness / 2
    curve = np.rint(np.clip(level, 0.0, 1.0) * 255).astype(np.uint8)
    table = np.stack([curve, curve, curve, np.arange(256, dtype=np.uint8)], axis=-1)
    shown = cv2.LUT(pixels, table[None])
    if look.sharpness > 0:
        soft = cv2.GaussianBlur(shown, (0, 0), _BLUR_SIGMA)
        gain = _STRONGEST * look.sharpness
        shown = cv2.addWeighted(shown, 1 + gain, soft, -gain, 0)
    result: NDArray[np.uint8] = shown.astype(np.uint8, copy=False)
    return result
