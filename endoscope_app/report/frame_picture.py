"""The frame on screen as a picture that leaves the program. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.report import wording
from endoscope_app.viewing.heat_colours import colour_table, laid_over
from endoscope_app.viewing.heat_map import HeatMap
from endoscope_app.viewing.identity_mask import without_identity

Image = NDArray[np.uint8]
SUFFIXES = (".png", ".jpg", ".jpeg")
QUALITY = 95


@dataclass(frozen=True)
class FrameOnScreen:
    """``bgra`` (H, W, 4) of the frame ``index`` and its heat map, where the reader may see one."""

    index: int
    bgra: Image = field(repr=False)
    heat_map: HeatMap | None
    colour_map: str
    opacity: float

    def picture(self, *, heat_map: bool, masked: bool) -> Image:
        """(H, W, 3) RGB."""
        rgb = np.asarray(cv2.cvtColor(self.bgra, cv2.COLOR_BGRA2RGB), np.uint8)
        if masked:
            rgb = without_identity(rgb)
        if heat_map and self.heat_map is not None:
            rgb = laid_over(rgb, self.heat_map, colour_table(self.colour_map, self.opacity))
        return rgb


def encoded(rgb: Image, suffix: str) -> bytes:
    """As PNG or JPEG. AppError for another suffix."""
    if suffix.lower() not in SUFFIXES:
        raise AppError(*wording.UNKNOWN_PICTURE)
    quality = [] if suffix.lower() == ".png" else [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    _, data = cv2.imencode(suffix.lower(), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), quality)
    return data.tobytes()
