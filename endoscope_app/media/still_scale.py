"""How samples of more than 8 bits become 8: by the range that a camera has used, the same for
every image of a folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from endoscope_app.media.source import Image

# Cameras of 10, 12 or 14 bits are stored in 16; fewer than 10 were stored in 8.
DEPTHS = (10, 12, 14, 16)
# Largest values by convention of images of floating point or 32-bit numbers.
FULL_RANGES = (1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0)
# Logarithmic compression of such images overshoots a little.
OVERSHOOT = 1.02


@dataclass(frozen=True, slots=True)
class StillScale:
    """``deep`` is the largest value of 16-bit images, ``wide`` that of floating-point and
    32-bit images.
    """

    deep: float = 65535.0
    wide: float = 1.0

    @classmethod
    def of(cls, images: Iterable[NDArray[Any]], declared_depth: int) -> StillScale:
        """The scale for all of ``images``.

        ``declared_depth`` are the bits that their files say count, 0 where none says.
        """
        deep = wide = -1.0
        for image in images:
            largest = float(np.nanmax(image, initial=0.0))
            if image.dtype == np.uint16:
                deep = max(deep, largest)
            elif image.dtype != np.uint8:
                wide = max(wide, largest)
        return cls(_deep_range(deep, declared_depth), _wide_range(wide))

    def narrowed(self, image: NDArray[Any]) -> Image:
        """``image`` (H, W, 3) of any depth as uint8."""
        if image.dtype == np.uint8:
            return image
        scale = 255.0 / (self.deep if image.dtype == np.uint16 else self.wide)
        scaled = np.nan_to_num(image.astype(np.float32)) * np.float32(scale)
        narrowed: Image = np.clip(scaled + 0.5, 0, 255).astype(np.uint8)
        return narrowed


def _deep_range(largest: float, declared_depth: int) -> float:
    if largest <= 0:
        return 65535.0
    if 8 < declared_depth <= 16 and largest < 1 << declared_depth:
        return float((1 << declared_depth) - 1)
    return float(next((1 << depth) - 1 for depth in DEPTHS if largest < 1 << depth))


def _wide_range(largest: float) -> float:
    return next((full for full in FULL_RANGES if largest <= full * OVERSHOOT), max(largest, 1.0))
