"""What of a frame may show who the patient is: everything outside the endoscope's view, the
position inset, and burnt-in text that reaches into the view. No Qt.

Safe rather than tight: a highlight that looks like a letter is hidden too, and so is a glare at the
left in which white letters could not be told from their ground. Text in the middle of the view that
is neither bright nor colourless is not looked for: look at an image before it leaves the house.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

#: Frames are looked at with this many columns, so that letters are of one size on all recorders.
WIDTH = 640
#: A pixel of the border is darker than this in every channel.
DARK = 28
#: Wider than the strokes and blocks that recorders write: what is thinner is no part of the view.
STROKE = 17
#: Burnt-in text reaches into this share of the view from its left edge, and of its height from the
#: top and from the bottom.
TEXT_COLUMNS = 0.26
TEXT_ROWS = 0.05
#: A stroke is so much brighter than its ground in its weakest channel: tissue is red, letters are
#: not.
CONTRAST = 30
#: Letters of one line on a bright ground stand out by this at least.
FAINT = 8
#: No letter is darker than this in its weakest channel.
LETTER = 100
#: From this level on, in the weakest channel, white letters may not stand out of their ground.
GLARE = 190
#: Hidden around every stroke.
MARGIN = 11
#: Rows and columns between letters of one line, and between its parts.
GAP = (5, 35)
#: Of the view's lower left part: the position inset is green where it is not black.
INSET_COLUMNS, INSET_ROWS = 0.40, 0.45
INSET_SHARE = 0.02
#: What is hidden inside the view: not black, so that nobody takes it for a dark lumen.
BLANK = (58, 58, 62)


def without_identity(rgb: Image, like: Image | None = None) -> Image:
    """A copy of (H, W, 3) uint8 RGB: black outside the view, grey where text or the inset was
    inside it. ``like``: the image of the same size in which they are looked for, ``rgb`` itself
    where it is not given.
    """
    view, text = _view_and_text(rgb if like is None else like)
    shown = np.where(text[..., None], np.array(BLANK, np.uint8), rgb)
    shown[~view] = 0
    return shown


def without_identity_bgra(bgra: Image, like: Image | None = None) -> Image:
    """The same for a frame as a screen holds it, (H, W, 4) uint8 BGRA."""
    rgb = np.asarray(cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGB), np.uint8)
    looked_at = (
        rgb if like is None else np.asarray(cv2.cvtColor(like, cv2.COLOR_BGRA2RGB), np.uint8)
    )
    return np.asarray(cv2.cvtColor(without_identity(rgb, looked_at), cv2.COLOR_RGB2BGRA), np.uint8)


def _view_and_text(rgb: Image) -> tuple[Mask, Mask]:
    height, width = rgb.shape[:2]
    scale = WIDTH / width
    size = (WIDTH, max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small: Image = np.asarray(cv2.resize(rgb, size, interpolation=way), np.uint8)
    view = _view(small)
    text = _text(small, view) | _inset(small, view)
    return _enlarged(view, width, height), _enlarged(text, width, height)


def _enlarged(mask: Mask, width: int, height: int) -> Mask:
    large = cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    enlarged: Mask = large.astype(np.bool_)
    return enlarged


def _ellipse(size: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _view(small: Image) -> Mask:
    """The largest bright part that is wider than any stroke, its dark inside included; none of a
    frame that is dark all over.
    """
    bright = (small.max(axis=2) > DARK).astype(np.uint8)
    # What stands at the rim of the frame is not worn away from outside
    padded = cv2.copyMakeBorder(bright, *(STROKE,) * 4, cv2.BORDER_REPLICATE)
    opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, _ellipse(STROKE))
    opened = opened[STROKE:-STROKE, STROKE:-STROKE]
    count, parts, figures, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    if count < 2:
        return np.zeros(bright.shape, np.bool_)
    largest = 1 + int(figures[1:, cv2.CC_STAT_AREA].argmax())
    rest = (parts != largest).astype(np.uint8)
    # Dark parts that are joined to the rim are border; the others are the lumen
    count, parts = cv2.connectedComponents(rest, connectivity=8)
    rim = np.unique(np.concatenate((parts[0], parts[-1], parts[:, 0], parts[:, -1])))
    outside = np.isin(parts, rim[rim > 0])
    view: Mask = ~outside
    return view


def _text(small: Image, view: Mask) -> Mask:
    """Bright colourless strokes where recorders write, with what is around and between them.

    A line is found by its clear letters; those that hardly stand out of a bright ground belong to
    it too, where they are joined to it.
    """
    weakest = small.min(axis=2)
    ground = cv2.morphologyEx(weakest, cv2.MORPH_OPEN, _ellipse(9))
    above = weakest.astype(np.int16) - ground
    zone = _where_text_is(view)
    clear = zone & (((above > CONTRAST) & (weakest > LETTER)) | (ground > GLARE))
    faint = zone & ((above > FAINT) & (weakest > LETTER) | clear)
    lines = cv2.morphologyEx(faint.astype(np.uint8), cv2.MORPH_CLOSE, np.ones(GAP, np.uint8))
    _, parts = cv2.connectedComponents(lines, connectivity=8)
    found = np.isin(parts, np.unique(parts[clear]))
    text = cv2.dilate(found.astype(np.uint8), np.ones((MARGIN, MARGIN), np.uint8))
    return np.asarray(text, np.bool_)


def _where_text_is(view: Mask) -> Mask:
    zone = np.zeros(view.shape, np.bool_)
    box = _box(view)
    if box is not None:
        left, top, right, bottom = box
        rows = round(TEXT_ROWS * (bottom - top))
        zone[:, : left + round(TEXT_COLUMNS * (right - left))] = True
        zone[: top + rows] = True
        zone[bottom - rows :] = True
    return zone & view


def _inset(small: Image, view: Mask) -> Mask:
    """The green position inset at the lower left, from its outermost green to the corner."""
    hidden = np.zeros(view.shape, np.bool_)
    box = _box(view)
    if box is None:
        return hidden
    left, top, right, bottom = box
    upper, inner = (
        bottom - round(INSET_ROWS * (bottom - top)),
        left + round(INSET_COLUMNS * (right - left)),
    )
    part = small[upper:bottom, left:inner].astype(np.int16)
    green = (part[..., 1] > part[..., 0] + 20) & (part[..., 1] > 60)
    if green.mean() < INSET_SHARE:
        return hidden
    rows, columns = np.flatnonzero(green.any(axis=1)), np.flatnonzero(green.any(axis=0))
    hidden[max(0, upper + int(rows[0]) - MARGIN) :, : left + int(columns[-1]) + MARGIN] = True
    return hidden


def _box(view: Mask) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of what is seen; None where nothing is."""
    columns, rows = np.flatnonzero(view.any(axis=0)), np.flatnonzero(view.any(axis=1))
    if not len(columns):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
