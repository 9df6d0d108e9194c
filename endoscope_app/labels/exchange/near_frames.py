"""Whether two frames of one procedure are nearly the same image, by small grey thumbnails.

Left out are the text strip, the corner of the position inset and the corners outside the field's
ellipse: no model looks there. Brightness is divided out, because automatic exposure moves it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.exchange.frame_identity import field_of_view
from kd_core.vision.blanking import visible_mask

Thumbnail = NDArray[np.float32]
SIDE = 16
#: Measured on the 2,307 real stills of Hyper-KVASIR's lower GI part: of 23,902 pairs of different
#: views of one class one in ten thousand differs by less than 5.2 (the median by 43); noise, JPEG
#: and a tenth more or less light make 1.6 (99th percentile), and half a second of slow panning 2.6
#: (median).
THIN_BELOW = 5.0
LEVEL = 128.0
#: (SIDE, SIDE): the cells whose middle a model sees.
COUNTED = visible_mask(SIDE) > 0
# A nearly black image has no brightness to go by, and its noise must not be blown up
DARKEST = 16.0


def thumbnail(rgb: NDArray[np.uint8]) -> Thumbnail:
    """(H, W, 3) uint8 RGB -> (SIDE, SIDE), mean 128 over the cells that count, 0 in all others."""
    left, top, right, bottom = field_of_view(rgb) or (0, 0, rgb.shape[1], rgb.shape[0])
    grey = cv2.cvtColor(np.ascontiguousarray(rgb[top:bottom, left:right]), cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    small *= np.float32(LEVEL / max(DARKEST, float(small[COUNTED].mean())))
    return np.where(COUNTED, small, np.float32(0.0))


def difference(thumbnail: Thumbnail, other: Thumbnail) -> float:
    """Mean absolute difference over the cells that count, in grey levels of 0..255."""
    return float(np.abs(thumbnail - other)[COUNTED].mean())
