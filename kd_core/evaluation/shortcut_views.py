"""What could be cheated on in an image, as small features.

A shortcut is anything but tissue that tells the class: the position inset, burnt-in text, the
border of one endoscope. Four views of an image are made: the places where recorders draw
(``MASKED_OUT``), the border and inset as numbers (``GEOMETRY``), where the finished model input is
covered, with its numbers (``AFTER``), and black at the rim of those places (``RIM``). A cover tells
the class by its shape where a border, inset or text did, so ``AFTER`` reads something; whether a
model does is what frames of other classes tell (kd_core.evaluation.frame_swap).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kd_core.data.image_files import MOST_UNREADABLE, read_rgb
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.vision.blanking import INSET_TOP, INSET_WIDTH, TEXT_STRIP, covered, visible_mask
from kd_core.vision.field_of_view import BORDER_LEVEL, FieldOfView, find_field_of_view
from kd_core.vision.preprocess import INPUT_SIZE, crop_of
from kd_core.vision.tissue_mask import tissue_mask

Image = NDArray[np.uint8]
Numbers = NDArray[np.float64]

MASKED_OUT, GEOMETRY, AFTER, RIM = "masked-out", "geometry", "after preprocessing", "rim"
VIEWS = (MASKED_OUT, GEOMETRY, AFTER, RIM)

GRID = 16  # cells per side, into which the masked-out pixels are averaged
RIM_WIDTH = 6  # px of the model input
RIM_SECTORS = 16


@lru_cache(maxsize=1)
def _blanked_cells() -> tuple[Numbers, Numbers]:
    """The blanked pixels (S, S, 1) as 0 or 1, and their count per cell (GRID, GRID, 1)."""
    blanked = 1.0 - visible_mask(INPUT_SIZE).astype(np.float64)[:, :, None]
    return blanked, _cells(blanked)


def _cells(planes: Numbers) -> Numbers:
    """(S, S, C) -> sums over the cells of the grid, (GRID, GRID, C)."""
    side = INPUT_SIZE // GRID
    summed: Numbers = planes.reshape(GRID, side, GRID, side, -1).sum(axis=(1, 3))
    return summed


def masked_out(crop: NDArray[Any]) -> Numbers:
    """(S, S, 3) -> (D,): mean colour of the blanked pixels of each grid cell that has any.

    No visible pixel enters.
    """
    blanked, counts = _blanked_cells()
    seen = counts[:, :, 0] > 0
    return (_cells(crop * blanked)[seen] / counts[seen]).ravel()


@lru_cache(maxsize=1)
def _regions() -> tuple[NDArray[np.bool_], ...]:
    """Where recorders leave traces, each (S, S).

    Four corners outside the ellipse, the inset, the text strip.
    """
    centre = (np.arange(INPUT_SIZE) + 0.5) / INPUT_SIZE
    x, y = np.broadcast_arrays(centre[None, :], centre[:, None])
    outside = (x - 0.5) ** 2 + (y - 0.5) ** 2 > 0.25
    corners = [
        outside & ((x < 0.5) == left) & ((y < 0.5) == top)
        for top in (True, False)
        for left in (True, False)
    ]
    return (*corners, (x < INSET_WIDTH) & (y > INSET_TOP), x < TEXT_STRIP)


def geometry(image: Image, field: FieldOfView, crop: Image) -> Numbers:
    """Numbers (20,) of border and inset.

    From an image (H, W, 3), its field of view, and the crop (S, S, 3) cut from it. -> (20,): width,
    height, aspect, left, top, right, bottom, aspect of the field, then mean of the brightest
    channel in 0..1 and share darker than BORDER_LEVEL for each of the six regions of the crop.
    """
    height, width = image.shape[:2]
    across, down = (field.right - field.left) * width, (field.bottom - field.top) * height
    brightest = crop.max(axis=2)
    light = [
        (float(brightest[region].mean()) / 255, float((brightest[region] < BORDER_LEVEL).mean()))
        for region in _regions()
    ]
    edges = (field.left, field.top, field.right, field.bottom)
    return np.array(
        [
            width,
            height,
            width / height,
            *edges,
            across / down,
            *(number for pair in light for number in pair),
        ],
        np.float64,
    )


@lru_cache(maxsize=1)
def _rim() -> NDArray[np.int64]:
    """(S, S): the sector of each visible pixel at the rim, else -1.

    Sectors are 0..RIM_SECTORS - 1; at the rim is within RIM_WIDTH of a blanked pixel or the edge.
    """
    visible = visible_mask(INPUT_SIZE)
    width = 2 * RIM_WIDTH + 1
    inner = cv2.erode(
        visible, np.ones((width, width), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    centre = np.arange(INPUT_SIZE) + 0.5 - INPUT_SIZE / 2
    turn = np.arctan2(centre[:, None], centre[None, :]) / (2 * np.pi) + 0.5
    sector = np.minimum((turn * RIM_SECTORS).astype(np.int64), RIM_SECTORS - 1)
    return np.where((visible > 0) & (inner == 0), sector, -1)


def rim(crop: Image) -> Numbers:
    """(S, S, 3) -> (RIM_SECTORS,): share of visible rim pixels as dark as a border.

    That is a border left in view, or a dark lumen.
    """
    place, dark = _rim(), crop.max(axis=2) < BORDER_LEVEL
    counted = np.bincount(place[place >= 0], minlength=RIM_SECTORS)
    shares: NDArray[np.float64] = np.bincount(
        place[place >= 0], dark[place >= 0], RIM_SECTORS
    ) / np.maximum(1, counted)
    return shares


def after(crop: Image) -> Numbers:
    """(S, S, 3) -> (D,): how much of each grid cell of the model input is covered; ``geometry``.

    The latter looked for as in any image.
    """
    shown = tissue_mask(crop)
    share = _cells(1.0 - shown[:, :, None].astype(np.float64)) / (INPUT_SIZE // GRID) ** 2
    seen = covered(crop, shown)
    return np.concatenate([share.ravel(), geometry(seen, find_field_of_view(seen), seen)])


def look(rgb: Image) -> dict[str, Numbers]:
    """(H, W, 3) RGB of any size -> the features of every view."""
    crop, field = crop_of(rgb)
    return {
        MASKED_OUT: masked_out(crop),
        GEOMETRY: geometry(rgb, field, crop),
        AFTER: after(crop),
        RIM: rim(crop),
    }


def look_at_all(
    samples: Sequence[Sample], on_unreadable: Callable[[str], None]
) -> tuple[dict[str, Numbers], list[Sample]]:
    """Samples -> features (N, D) of every view, and the samples that could be read.

    Raises DataError where too many could not.
    """
    rows: dict[str, list[Numbers]] = {name: [] for name in VIEWS}
    kept: list[Sample] = []
    for sample in samples:
        try:
            rgb = read_rgb(Path(sample.path))
        except DataError:
            on_unreadable(sample.path)
            continue
        for name, features in look(rgb).items():
            rows[name].append(features)
        kept.append(sample)
    if not kept or len(samples) - len(kept) > MOST_UNREADABLE * len(samples):
        raise DataError(
            f"{len(samples) - len(kept)} of {len(samples)} images cannot be read.",
            "Copy the data set again.",
        )
    return {name: np.stack(vectors) for name, vectors in rows.items()}, kept
