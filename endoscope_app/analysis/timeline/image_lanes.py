"""What the images themselves are like, beneath the strips: their quality, and their mean colour."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from PySide6.QtGui import QColor, QImage, QPalette

from endoscope_app.analysis.quality.kinds import FAULTS, Kind
from endoscope_app.analysis.quality.lane_columns import LaneColumns
from endoscope_app.analysis.timeline.geometry import Scale
from endoscope_app.analysis.timeline.label_lanes import spread
from endoscope_app.analysis.timeline.painter import image_of, pack, rgb
from endoscope_app.analysis.timeline.scene import Canvas

#: Told apart by lightness, too; none is as strong as a class's colour.
FAULT_COLOURS: Mapping[Kind, QColor] = MappingProxyType(
    {
        Kind.BLURRED: QColor("#5b9bd5"),
        Kind.DARK: QColor("#8a6fc4"),
        Kind.OVER_EXPOSED: QColor("#f2cf4a"),
        Kind.BUBBLES: QColor("#4fc3a8"),
        Kind.OUTSIDE: QColor("#d9774f"),
        Kind.TEXT: QColor("#a9adb5"),
        Kind.STILL: QColor("#7fb35a"),
    }
)
LEAST_FAULT = 2.0
"""Pixels; a short fault in a long procedure must stay visible."""
FAINTEST = 0.55
"""Strength of a colour where few frames of a column have a fault."""
USABLE_STRENGTH = 0.16
COLOUR_STRENGTH = 0.8
"""Of the images' own colours: the image on screen is the brightest of the window."""


def quality_image(
    lanes: LaneColumns, scale: Scale, columns: int, height: int, *, canvas: Canvas
) -> QImage:
    """A quiet line where images are usable, the most frequent fault's colour where some are not,
    nothing where they are not measured.
    """
    found = lanes.faults(scale.edges(columns))
    window = rgb(canvas.palette.color(QPalette.ColorRole.Window))
    tones = np.zeros((max(FAULTS) + 1, 3), np.float32)
    tones[Kind.USABLE] = rgb(canvas.shade(1.0))
    for fault, colour in FAULT_COLOURS.items():
        tones[fault] = rgb(colour)
    source = spread(found.kind > Kind.USABLE, max(1, round(LEAST_FAULT * canvas.ratio)))
    source = np.where((source < 0) | (found.kind > Kind.USABLE), np.arange(columns), source)
    kind, share = found.kind[source], found.share[source]
    strength = np.where(kind > Kind.USABLE, FAINTEST + (1 - FAINTEST) * share, USABLE_STRENGTH)
    strength[kind == Kind.NOT_MEASURED] = 0
    line = window + (tones[np.maximum(kind, 0)] - window) * strength[:, None]
    return image_of(np.repeat(pack(line.astype(np.float32))[None, :], height, axis=0), canvas.ratio)


def colour_image(
    lanes: LaneColumns, scale: Scale, columns: int, height: int, *, canvas: Canvas
) -> QImage:
    """Each column in the mean colour of its images."""
    mean, known = lanes.colours(scale.edges(columns))
    window = rgb(canvas.palette.color(QPalette.ColorRole.Window))
    line = window + np.where(known[:, None], mean - window, 0) * COLOUR_STRENGTH
    return image_of(np.repeat(pack(line.astype(np.float32))[None, :], height, axis=0), canvas.ratio)
