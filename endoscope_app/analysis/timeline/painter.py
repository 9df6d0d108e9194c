"""Columns of the timeline to pixels, for whole strips at once in numpy; the widget only copies
the finished image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPalette

from endoscope_app.analysis.timeline_data import Columns

HATCH_FROM = 0.5
"""Share of uncertain frames around a column from which it is hatched; below that it is only
greyed a little.
"""
QUICK_BODY = 0.3
"""Strength of the colour of a quick look, pale beneath a bright edge until all is analysed."""


@dataclass(frozen=True)
class Look:
    """Colours and sizes of one strip; sizes in device pixels. classes (C, 3) float32, the
    others (3,) float32, 0..255.
    """

    classes: NDArray[np.float32]
    background: NDArray[np.float32]
    faint: NDArray[np.float32]
    scale: float
    floor: float
    """Height share of a bar of confidence 0: the overview is too low to show confidence by
    height alone.
    """
    grid: bool


def rgb(colour: QColor) -> NDArray[np.float32]:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float32)


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """Opaque mixture with ``share`` of the other colour."""
    pairs = (
        (first.red(), second.red()),
        (first.green(), second.green()),
        (first.blue(), second.blue()),
    )
    red, green, blue = (round(a + (b - a) * share) for a, b in pairs)
    return QColor(red, green, blue)


def look(
    colours: Sequence[QColor], palette: QPalette, scale: float, floor: float, grid: bool
) -> Look:
    background, text = (
        palette.color(QPalette.ColorRole.Base),
        palette.color(QPalette.ColorRole.Text),
    )
    classes = (
        np.stack([rgb(colour) for colour in colours]) if colours else np.zeros((1, 3), np.float32)
    )
    return Look(classes, rgb(background), rgb(mixed(background, text, 0.35)), scale, floor, grid)


def pack(colours: NDArray[np.float32]) -> NDArray[np.uint32]:
    """(..., 3) 0..255 to 0xffRRGGBB."""
    whole = np.clip(colours + 0.5, 0, 255).astype(np.uint32)
    packed: NDArray[np.uint32] = (
        np.uint32(0xFF000000)
        | (whole[..., 0] << np.uint32(16))
        | (whole[..., 1] << np.uint32(8))
        | whole[..., 2]
    )
    return packed


def strip_pixels(columns: Columns, height: int, look: Look) -> NDArray[np.uint32]:
    """(height, n) 0xffRRGGBB: bars as high as the confidence, uncertain ones greyed and
    hatched, dots where unknown.
    """
    width = len(columns)
    known = columns.label >= 0
    unsure = columns.uncertain[:, None]
    colour = look.classes[np.maximum(columns.label, 0)]
    grey = colour.mean(axis=1, keepdims=True)
    colour = colour + (grey - colour) * (0.45 * unsure)
    share = look.floor + (1 - look.floor) * columns.confidence
    tall = np.where(known, np.maximum(np.rint(share * height), 2 * look.scale), 0).astype(np.int16)

    up = np.arange(height, dtype=np.int16)[::-1, None]
    pixels = np.empty((height, width), np.uint32)
    pixels[:] = pack(look.background)
    if look.grid:
        _grid(pixels, look)
    body = up < tall
    strength = np.where(columns.quick, QUICK_BODY, 0.88).astype(np.float32)[:, None]
    np.copyto(pixels, pack(look.background + (colour - look.background) * strength), where=body)
    _quick_edge(pixels, up, np.where(columns.quick, tall, 0), colour, look)
    hatched(
        pixels,
        body,
        _doubtful(columns, look) & ~columns.quick,
        pack(look.background + (colour - look.background) * 0.42),
        look,
    )
    _peaks(pixels, columns, look)
    _unknown(pixels, known, look)
    return pixels


def _quick_edge(
    pixels: NDArray[np.uint32],
    up: NDArray[np.int16],
    tall: NDArray[np.integer[Any]],
    colour: NDArray[np.float32],
    look: Look,
) -> None:
    """The upper edge of what only a quick look saw; ``tall`` (n,): its height, 0 elsewhere."""
    edge = max(1, round(look.scale))
    bright = pack(look.background + (colour - look.background) * 0.88)
    np.copyto(pixels, bright, where=(up < tall) & (up >= tall - edge))


def _grid(pixels: NDArray[np.uint32], look: Look) -> None:
    """A hairline at confidence one half, so that heights can be read."""
    height = pixels.shape[0]
    pixels[height - 1 - round(height / 2)] = pack(
        look.background + (look.faint - look.background) * 0.4
    )


def _doubtful(columns: Columns, look: Look) -> NDArray[np.bool_]:
    """(n,) which columns to hatch: judged over a few pixels, because stripes cannot be read on
    a single column.
    """
    reach = max(3, round(5 * look.scale))
    near: NDArray[np.float64] = np.convolve(
        columns.uncertain.astype(np.float64), np.full(reach, 1 / reach)
    )
    start = reach // 2
    doubtful: NDArray[np.bool_] = near[start : start + len(columns)] >= HATCH_FROM
    return doubtful


def hatched(
    pixels: NDArray[np.uint32],
    body: NDArray[np.bool_],
    where: NDArray[np.bool_],
    colour: NDArray[np.uint32],
    look: Look,
) -> None:
    """Diagonal stripes: every row takes each period-th column, shifted by one a row."""
    if not where.any():
        return
    period = max(4, round(6 * look.scale))
    phase = np.arange(pixels.shape[1]) % period
    # the stripes repeat every ``period`` rows, so all rows of one phase share one mask
    for shift in range(period):
        rows = slice(shift, None, period)
        stripe = where & ((phase + shift) % period < period // 2)
        np.copyto(pixels[rows], colour, where=body[rows] & stripe)


def _peaks(pixels: NDArray[np.uint32], columns: Columns, look: Look) -> None:
    """A class that was the prediction for only some frames of a column stands at its foot, never
    thinner than two pixels.
    """
    height, width = pixels.shape
    shown = (columns.peak_label >= 0) & (columns.peak_label != columns.label)
    if not shown.any():
        return
    tall = np.where(
        shown, np.clip(columns.peak_share * height, max(4 * look.scale, 0.16 * height), height), 0
    ).astype(np.int16)
    label = columns.peak_label.copy()
    rim = max(1, round(look.scale))
    for shift in range(1, max(2, round(2 * look.scale))):
        spread = np.zeros(width, np.int16)
        spread[shift:] = np.where(shown, tall, 0)[:-shift]
        wider = spread > tall
        label[shift:][wider[shift:]] = columns.peak_label[:-shift][wider[shift:]]
        tall = np.where(wider, spread, tall)
    # the foot is low: only the rows it reaches are touched
    foot = pixels[-min(height, int(tall.max()) + rim) :]
    up = np.arange(len(foot), dtype=np.int16)[::-1, None]
    np.copyto(foot, pack(look.background), where=up < np.where(tall > 0, tall + rim, 0))
    np.copyto(foot, pack(look.classes[np.maximum(label, 0)]), where=up < tall)


def _unknown(pixels: NDArray[np.uint32], known: NDArray[np.bool_], look: Look) -> None:
    """A thin dotted baseline."""
    dot = max(1, round(look.scale))
    dotted = ~known & (np.arange(len(known)) // dot % 4 == 0)
    pixels[-2 * dot : -dot, dotted] = pack(look.faint)


def strip_image(columns: Columns, height: int, look: Look) -> QImage:
    """The strip as an image in device pixels, its device pixel ratio set."""
    return image_of(strip_pixels(columns, height, look), look.scale)


def image_of(pixels: NDArray[np.uint32], ratio: float) -> QImage:
    """(height, width) 0xffRRGGBB as an image in device pixels, its device pixel ratio set."""
    height, width = pixels.shape
    image = QImage(
        np.ascontiguousarray(pixels).tobytes(), width, height, width * 4, QImage.Format.Format_RGB32
    ).copy()
    image.setDevicePixelRatio(ratio)
    return image
