"""A coarse heat map turned into a small premultiplied image that can be laid over a frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.viewing.heat_map import HeatMap
from kd_core.vision.field_of_view import FieldOfView

COLOUR_MAPS = ("viridis", "cividis", "inferno")
# Big enough that linear scaling to the screen shows no facets of the 7x7 to 14x14 map, small enough
# to cost nothing.
_SIDE = 128
#: Lines need more, or their steps are seen.
_LINE_SIDE = 384
#: Shares of the strongest evidence that a line is drawn around.
CONTOURS = (0.4, 0.6, 0.8)
# Evidence below this share of the peak stays clear, so that the map never veils the whole image.
_CLEAR_BELOW = 0.15


def colour_table(name: str, opacity: float) -> NDArray[np.uint8]:
    """256 premultiplied BGRA entries; ``opacity`` is the strongest evidence's alpha, and alpha
    falls with evidence.
    """
    codes = {
        "inferno": cv2.COLORMAP_INFERNO,
        "viridis": cv2.COLORMAP_VIRIDIS,
        "cividis": cv2.COLORMAP_CIVIDIS,
    }
    level = np.linspace(0.0, 1.0, 256, dtype=np.float32)
    alpha = np.clip((level - _CLEAR_BELOW) / (1.0 - _CLEAR_BELOW), 0.0, 1.0) * np.float32(
        min(1.0, max(0.0, opacity))
    )
    bgr = cv2.applyColorMap(np.arange(256, dtype=np.uint8).reshape(256, 1), codes[name]).reshape(
        256, 3
    )
    table = np.empty((256, 4), np.uint8)
    table[:, :3] = np.rint(bgr * alpha[:, None])
    table[:, 3] = np.rint(alpha * 255)
    return table


def laid_over(
    rgb: NDArray[np.uint8], heat_map: HeatMap, table: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """A copy of (H, W, 3) RGB with the map over it, as the window shows it."""
    part = coloured(heat_map, table)
    if part is None:
        return rgb.copy()
    bgra, region = part
    height, width = rgb.shape[:2]
    left, right = round(region.left * width), round(region.right * width)
    top, bottom = round(region.top * height), round(region.bottom * height)
    if right <= left or bottom <= top:
        return rgb.copy()
    large = cv2.resize(bgra, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    inside = (slice(max(0, top), min(height, bottom)), slice(max(0, left), min(width, right)))
    large = large[inside[0].start - top : inside[0].stop - top, inside[1].start - left :]
    large = large[:, : inside[1].stop - inside[1].start].astype(np.float32)
    under = rgb[inside].astype(np.float32)
    mixed = rgb.copy()
    # Premultiplied: the colour is already weighed by its alpha
    mixed[inside] = np.rint(large[..., 2::-1] + under * (1 - large[..., 3:] / 255)).clip(0, 255)
    return mixed


def coloured(
    heat_map: HeatMap, table: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], FieldOfView] | None:
    """The part of the map that is not clear, as a premultiplied BGRA image, and the part of the
    frame that it covers.

    None when nothing is to be seen. A broken value (NaN) counts as no evidence.
    """
    whole = _whole_map(heat_map.evidence, table)
    seen = whole[..., 3] > 0
    columns, rows = np.flatnonzero(seen.any(axis=0)), np.flatnonzero(seen.any(axis=1))
    if not len(columns):
        return None
    # One clear pixel around it, so that scaling fades out instead of ending at a hard edge. Clear
    # pixels cost as much to scale and blend as others, and most of a map is clear.
    x0, x1 = max(0, int(columns[0]) - 1), min(_SIDE, int(columns[-1]) + 2)
    y0, y1 = max(0, int(rows[0]) - 1), min(_SIDE, int(rows[-1]) + 2)
    region = heat_map.region
    left, top = region.left, region.top
    width, height = (region.right - left) / _SIDE, (region.bottom - top) / _SIDE
    covered = FieldOfView(
        left + x0 * width, top + y0 * height, left + x1 * width, top + y1 * height
    )
    return np.ascontiguousarray(whole[y0:y1, x0:x1]), covered


def contoured(
    heat_map: HeatMap, table: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], FieldOfView] | None:
    """As ``coloured``, but only lines around the evidence that reaches each of ``CONTOURS``."""
    level = _levels(heat_map.evidence, _LINE_SIDE)
    lines = np.zeros((_LINE_SIDE, _LINE_SIDE, 4), np.uint8)
    for share in CONTOURS:
        inside = (level >= round(255 * share)).astype(np.uint8)
        rim = inside - cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=1)
        colour = table[round(255 * share)].astype(np.float32)
        # A line is read by its colour: as strong as it can be, whatever the opacity of areas
        lines[rim > 0] = np.rint(colour * (255 / max(1.0, float(colour[3])))).clip(0, 255)
    return (lines, heat_map.region) if lines[..., 3].any() else None


def _whole_map(evidence: NDArray[np.float32], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return table[_levels(evidence, _SIDE)]


def _levels(evidence: NDArray[np.float32], side: int) -> NDArray[np.uint8]:
    """(side, side) 0..255."""
    clean = np.nan_to_num(evidence.astype(np.float32, copy=False), nan=0.0, posinf=1.0, neginf=0.0)
    smooth = cv2.resize(clean, (side, side), interpolation=cv2.INTER_CUBIC)
    level: NDArray[np.uint8] = np.clip(smooth * 255.0 + 0.5, 0, 255).astype(np.uint8)
    return level
