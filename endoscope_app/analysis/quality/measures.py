"""What is measured of every frame while it is decoded: classical, light (a third of a
millisecond), on the small image that the model gets too. What it means is decided in ``kinds``.
"""

from __future__ import annotations

from enum import IntEnum
from math import sqrt
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Row = NDArray[np.uint8]
"""(COUNT,) measures of one frame."""
Rows = NDArray[np.uint8]
"""(n, COUNT) of several."""


class Measure(IntEnum):
    """The columns of a row; each says how 0..255 is to be read."""

    RED = 0
    """Mean colour of the field of view, with the two that follow."""
    GREEN = 1
    BLUE = 2
    LIGHT = 3
    """Mean of the lightest channel in the middle of the field of view."""
    SHARPNESS = 4
    """Fine detail beside coarse, in 200ths, along the direction that has least of it: a blur, also
    one of movement, takes the fine away. Away from border and text.
    """
    BURNT = 5
    """Share that is burnt out; this and the shares below in 255ths."""
    COLOURLESS = 6
    """Share of what is lit that is grey or white."""
    TISSUE = 7
    """Share of what is lit that is redder than green and blue."""
    PLAIN = 8
    """Share of the two most frequent of 32 levels of green."""
    SPOTS = 9
    """Share of small, colourless, light spots and rings."""
    CHANGE = 10
    """Mean change since the frame before, in 32nds of a grey level; UNKNOWN without one."""


COUNT = len(Measure)
UNKNOWN = 255
SHARPNESS_STEPS, CHANGE_STEPS = 200, 32
LEAST_ROWS = 96
"""Images are halved as long as so many rows are left: fine is what a height of about 128 shows."""
BORDER = 26
"""Grey levels of the lightest channel up to which a pixel is a recorder's border."""
_PROBE, _LEAST_BOX, _BOX_SHARE = 64, 0.35, 0.25
_CORE = 1 / 8
"""Share of each side that is left out where the light is measured."""
#: Where sharpness is measured: burnt-in text and the position inset lie at the left.
_TOP, _BOTTOM, _LEFT, _RIGHT = 0.1, 0.9, 0.3, 0.94
_MARGIN = np.ones((7, 7), np.uint8)
_ACROSS = [
    np.array(kernel, np.float32) / np.float32(2)
    for kernel in (
        ((0, 0, 0), (2, -4, 2), (0, 0, 0)),
        ((0, 2, 0), (0, -4, 0), (0, 2, 0)),
        ((1, 0, 0), (0, -2, 0), (0, 0, 1)),
        ((0, 0, 1), (0, -2, 0), (1, 0, 0)),
    )
]
"""Second derivatives in four directions."""
_NO_DETAIL = 0.5
_SPOT, _SPOT_LEVELS = np.ones((7, 7), np.uint8), 40
_BURNT_RED, _BURNT_GREEN = 249, 200
_LIT = 60
_COLOURLESS = 0.85
"""Of its lightest channel a colourless pixel has this share in its darkest."""
_REDDER = 12
_LEVELS = 32
_CHANGE_SIDE = 32


class _View(NamedTuple):
    """The field of view as planes (h, w), the lightest of the three beside them."""

    red: Image
    green: Image
    blue: Image
    light: Image


class FrameMeter:
    """Measures frames in order, each against the one before; one for each run of frames."""

    def __init__(self) -> None:
        self._before: Image | None = None

    def measure(self, image: Image) -> Row:
        """(h, w, 3) RGB -> (COUNT,)."""
        view = _field_of_view(_halved(image))
        row = np.empty(COUNT, np.uint8)
        _look(view, row)
        row[Measure.CHANGE] = self._change(view.green)
        return row

    def _change(self, green: Image) -> int:
        # First by exactly two, which is fast
        rows, columns = green.shape[0] // 2, green.shape[1] // 2
        if min(rows, columns) >= _CHANGE_SIDE:
            even = green[: 2 * rows, : 2 * columns]
            green = np.asarray(
                cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8
            )
        side = (_CHANGE_SIDE, _CHANGE_SIDE)
        now = np.asarray(cv2.resize(green, side, interpolation=cv2.INTER_AREA), np.uint8)
        before, self._before = self._before, now
        if before is None:
            return UNKNOWN
        mean = float(cv2.norm(now, before, cv2.NORM_L1)) / now.size
        return int(min(round(mean * CHANGE_STEPS), UNKNOWN - 1))


def _halved(image: Image) -> Image:
    while image.shape[0] >= 2 * LEAST_ROWS and image.shape[1] >= 2:
        rows, columns = image.shape[0] // 2, image.shape[1] // 2
        # Of an even size: by exactly two is five times as fast
        even = image[: 2 * rows, : 2 * columns]
        image = np.asarray(
            cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8
        )
    return image


def _field_of_view(image: Image) -> _View:
    """The part inside the black border; all of it where hardly anything is light. Coarser than the
    model's own crop, which costs more than all measures together.
    """
    red, green, blue = cv2.split(image)
    light = cv2.max(cv2.max(red, green), blue)
    rows, columns = light.shape
    every = max(1, rows // _PROBE)
    probe = np.ascontiguousarray(light[::every, ::every])
    lit = cv2.threshold(probe, BORDER, 1, cv2.THRESH_BINARY)[1]
    spans = []
    for axis, side in ((1, rows), (0, columns)):
        profile = cv2.reduce(lit, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel()
        inside = np.flatnonzero(profile >= max(_BOX_SHARE * int(profile.max()), 1))
        if len(inside) == 0 or inside[-1] - inside[0] + 1 < _LEAST_BOX * len(profile):
            spans = [slice(0, rows), slice(0, columns)]
            break
        spans.append(slice(int(inside[0]) * every, min(int(inside[-1] + 1) * every, side)))
    box = spans[0], spans[1]
    return _View(*(np.asarray(plane[box], np.uint8) for plane in (red, green, blue, light)))


def _part(image: Image, top: float, bottom: float, left: float, right: float) -> Image:
    """Of an (H, W) image, by shares of its sides."""
    rows, columns = image.shape
    return image[
        round(top * rows) : max(round(bottom * rows), 1),
        round(left * columns) : max(round(right * columns), 1),
    ]


def _look(view: _View, row: Row) -> None:
    """All that one frame says by itself, into ``row``."""
    red, green, blue, light = view
    dark = np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)
    field = _above(light, BORDER)
    seen = cv2.countNonZero(field)
    row[: Measure.LIGHT] = [_mean(plane, field, seen) for plane in (red, green, blue)]
    row[Measure.LIGHT] = round(cv2.mean(_part(light, _CORE, 1 - _CORE, _CORE, 1 - _CORE))[0])
    row[Measure.SHARPNESS] = _sharpness(green, field)
    burnt = cv2.bitwise_and(_above(red, _BURNT_RED), _above(green, _BURNT_GREEN))
    row[Measure.BURNT] = _share(cv2.countNonZero(burnt), seen)
    lit = _above(light, _LIT)
    grey = cv2.bitwise_and(
        lit, cv2.compare(dark, cv2.convertScaleAbs(light, alpha=_COLOURLESS), cv2.CMP_GT)
    )
    row[Measure.COLOURLESS] = _share(cv2.countNonZero(grey), cv2.countNonZero(lit))
    redder = _above(np.asarray(cv2.subtract(red, cv2.max(green, blue)), np.uint8), _REDDER)
    row[Measure.TISSUE] = _share(cv2.countNonZero(cv2.bitwise_and(redder, field)), seen)
    levels = np.sort(cv2.calcHist([green], [0], None, [_LEVELS], [0, 256]).ravel())
    row[Measure.PLAIN] = _share(int(levels[-2:].sum()), green.size)
    raised = np.asarray(cv2.morphologyEx(dark, cv2.MORPH_TOPHAT, _SPOT), np.uint8)
    row[Measure.SPOTS] = _share(cv2.countNonZero(_above(raised, _SPOT_LEVELS)), green.size)


def _above(plane: Image, level: int) -> Image:
    """255 where it is lighter than ``level``, else 0."""
    return np.asarray(cv2.threshold(plane, level, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _sharpness(green: Image, field: Image) -> int:
    """The border is always sharp: only what lies well inside the field of view counts."""
    fine = _part(green, _TOP, _BOTTOM, _LEFT, _RIGHT)
    inside = np.asarray(cv2.erode(_part(field, _TOP, _BOTTOM, _LEFT, _RIGHT), _MARGIN), np.uint8)
    size = (fine.shape[1] // 2, fine.shape[0] // 2)
    if min(size) < 2 or cv2.countNonZero(inside) < inside.size // 8:
        return 0
    coarse = np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.uint8)
    within = np.asarray(cv2.resize(inside, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    shares = [
        _detail(fine, kernel, inside) / (_detail(coarse, kernel, within) + _NO_DETAIL)
        for kernel in _ACROSS
    ]
    return min(round(min(shares) * SHARPNESS_STEPS), 255)


def _detail(plane: Image, kernel: NDArray[np.float32], inside: Image) -> float:
    """Root of the mean square, (h, w) ``inside`` not all 0; without OpenCV's own masks, which cost
    five times as much.
    """
    across = cv2.copyTo(cv2.filter2D(plane, cv2.CV_16S, kernel), inside)
    return float(cv2.norm(across, cv2.NORM_L2)) / sqrt(max(cv2.countNonZero(inside), 1))


def _mean(plane: Image, field: Image, seen: int) -> int:
    """Inside the ``field`` of ``seen`` pixels; of all where it is empty."""
    if not seen:
        return round(cv2.mean(plane)[0])
    return round(cv2.sumElems(cv2.bitwise_and(plane, field))[0] / seen)


def _share(part: int, whole: int) -> int:
    return min(255 * part // whole, 255) if whole else 0
