"""Where an image shows tissue, found in the image itself.

What a recorder draws (its border, the position inset, burnt-in text) tells the class as well as
tissue does, so no model may see it. Four things are no tissue: dark regions that are joined to the
rim, the inset at the lower left whether black or green, bright, colourless, thin strokes at the
left, and what an export has blanked (kd_core.vision.blanking.BLANK_COLOUR). Which of them an image
has tells its class too: training covers an image by the mask of another one
(kd_core.data.mask_bank), so that nothing is learnt from the mask's own shape.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kd_core.vision.blanking import BLANK_COLOUR, INSET_TOP, INSET_WIDTH

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

#: px; side of the small copy in which all is looked for: a quarter of the time, and no noise.
PROBE = 112
#: Grey levels of the lightest channel: recorders' black with the noise of its compression.
DARK = 26
#: A green inset is greener than red and blue by these factors; tissue, stool and dye never are.
GREENER_THAN_RED, GREENER_THAN_BLUE, LEAST_GREEN = 1.15, 1.1, 40
#: Share of the inset's usual place that must be dark or green before it is taken for an inset.
INSET_SHARE = 0.45
#: Text: strokes thinner than this share of the side, and in every channel lighter than what is
#: around them by LEAST_STROKE grey levels, in the left part of the view. Looked for at full size:
#: in the probe they are too faint.
THICKEST_STROKE, LEAST_STROKE, TEXT_WIDTH = 0.032, 26, 0.30
#: A stroke is nearly colourless: this much of its lightest channel is in its darkest.
LEAST_WHITENESS = 0.6
#: By which text, as a share of the side, and by which all that is no tissue, in px of the probe,
#: is enlarged: blur and JPEG carry it.
TEXT_MARGIN, MARGIN = 0.016, 2
#: Grey levels by which JPEG changes what an export has blanked.
BLANK_NOISE = 4
#: With less tissue than this share nothing is believed, and all of the image is shown.
LEAST_TISSUE = 0.15


def tissue_mask(crop: Image) -> Mask:
    """(S, S, 3) uint8 field of view -> (S, S), True where it shows tissue.

    All True where hardly any would be left: a nearly black frame is shown as it is.
    """
    probe = np.asarray(cv2.resize(crop, (PROBE, PROBE), interpolation=cv2.INTER_AREA), np.uint8)
    hidden = _dark_rim(_extremes(probe)[0])
    _add_inset(hidden, probe)
    _add_blanked(hidden, probe)
    size = crop.shape[0]
    hidden = np.asarray(
        cv2.resize(_grown(hidden, MARGIN), (size, size), interpolation=cv2.INTER_NEAREST), np.uint8
    )
    _add_text(hidden, crop)
    if np.count_nonzero(hidden) > (1 - LEAST_TISSUE) * hidden.size:
        return np.ones((size, size), np.bool_)
    shown: Mask = hidden == 0
    return shown


def _extremes(image: Image) -> tuple[Image, Image]:
    """(H, W, 3) -> its lightest and its darkest channel (H, W) at each pixel."""
    red, green, blue = cv2.split(image)
    lightest, darkest = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return np.asarray(lightest, np.uint8), np.asarray(darkest, np.uint8)


def _dark_rim(lightest: Image) -> Image:
    """(P, P) -> the same with 255 in dark regions that reach the rim."""
    dark = cv2.threshold(lightest, DARK, 255, cv2.THRESH_BINARY_INV)[1]
    padded = cv2.copyMakeBorder(dark, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=255)
    cv2.floodFill(padded, None, (0, 0), 128)
    joined: Image = np.where(padded[1:-1, 1:-1] == 128, np.uint8(255), np.uint8(0))
    return joined


def _add_inset(hidden: Image, probe: Image) -> None:
    """Hide the box around a dark or green inset, with what is drawn in it."""
    top, right = round(INSET_TOP * PROBE), round(INSET_WIDTH * PROBE)
    corner = probe[top:, :right].astype(np.float32)
    red, green, blue = corner[..., 0], corner[..., 1], corner[..., 2]
    is_green = (
        (green > GREENER_THAN_RED * red)
        & (green > GREENER_THAN_BLUE * blue)
        & (green > LEAST_GREEN)
    )
    found = is_green | (hidden[top:, :right] > 0)
    if found.mean() < INSET_SHARE:
        hidden[top:, :right][is_green] = 255
        return
    # The box's upper edge and right edge: the last row and column that are mostly inset.
    rows = np.flatnonzero(found.mean(axis=1) > INSET_SHARE)
    columns = np.flatnonzero(found.mean(axis=0) > INSET_SHARE)
    if len(rows) and len(columns):
        hidden[top + rows[0] :, : columns[-1] + 1] = 255


def _add_blanked(hidden: Image, probe: Image) -> None:
    """Hide plain areas of the very colour that exports blank with."""
    colour = BLANK_COLOUR.astype(np.float64)
    plain = cv2.inRange(probe, colour - BLANK_NOISE, colour + BLANK_NOISE)
    hidden |= np.asarray(cv2.morphologyEx(plain, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)))


def _add_text(hidden: Image, crop: Image) -> None:
    """Hide light colourless strokes at the left, with a margin."""
    side = crop.shape[0]
    width = round(TEXT_WIDTH * side)
    lightest, darkest = _extremes(np.ascontiguousarray(crop[:, :width]))
    thick = max(3, round(THICKEST_STROKE * side))
    raised = cv2.morphologyEx(darkest, cv2.MORPH_TOPHAT, np.ones((thick, thick), np.uint8))
    white = darkest > LEAST_WHITENESS * lightest
    strokes = ((raised > LEAST_STROKE) & white).astype(np.uint8) * 255
    hidden[:, :width] |= _grown(strokes, max(1, round(TEXT_MARGIN * side)))


def _grown(mask: Image, margin: int) -> Image:
    kernel = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
    return np.asarray(cv2.dilate(mask, kernel), np.uint8)
