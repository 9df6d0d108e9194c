"""The first image of a procedure, small: by it a reader, and the program, know whether this is
the procedure of before.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.media.source import FrameSource

WIDEST = 320
_CELLS = 8
#: Mean difference of the cells' brightness, of 255. Another decoder or deinterlacing stays far
#: below it.
_SAME_BELOW = 10.0


@dataclass(frozen=True)
class FirstImage:
    """``thumbnail``: (h, w, 3) uint8 RGB, at most WIDEST wide; ``cells``: the mean colours of 8
    x 8 cells, as hexadecimal digits.
    """

    thumbnail: NDArray[np.uint8]
    cells: str


def first_image(source: FrameSource) -> FirstImage | None:
    """None where the first image cannot be decoded."""
    try:
        rgb = cv2.cvtColor(source.read(0).image, cv2.COLOR_BGRA2RGB)
    except AppError:
        return None
    height, width = rgb.shape[:2]
    scale = min(1.0, WIDEST / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    cells = np.asarray(cv2.resize(rgb, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA), np.uint8)
    return FirstImage(small, cells.tobytes().hex())


def is_same_image(first: str, other: str) -> bool:
    """Whether two ``cells`` are of the same image; True where one of them was never noted."""
    if not first or not other:
        return True
    left, right = (
        np.frombuffer(bytes.fromhex(text), np.uint8).astype(np.float64) for text in (first, other)
    )
    return len(left) == len(right) and float(np.abs(left - right).mean()) < _SAME_BELOW
