"""What keeps an image from being judged, estimated from its measures. Levels were chosen on real
labelled frames (``python -m tests.benchmarks.image_quality`` prints what they come to): of those,
which readers had found good enough to label, hardly any may be lost.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.quality.measures import SHARPNESS_STEPS, UNKNOWN, Measure, Rows
from endoscope_app.media.frame_times import SLACK_MS, FrameTimes

Kinds = NDArray[np.int8]
"""(N,) of a procedure's frames, values of Kind."""


class Kind(IntEnum):
    """One for each frame, the first in ``_RULES`` that holds."""

    NOT_MEASURED = -1
    USABLE = 0
    BLURRED = 1
    DARK = 2
    OVER_EXPOSED = 3
    BUBBLES = 4
    OUTSIDE = 5
    TEXT = 6
    STILL = 7


#: What is not usable, in the order in which it is listed.
FAULTS = tuple(kind for kind in Kind if kind > Kind.USABLE)

BLURRED_BELOW = 0.53 * SHARPNESS_STEPS
DARK_BELOW = 50
"""Mean of the lightest channel in the middle of the view."""
BURNT_FROM, BUBBLES_FROM = 64, 64
"""A quarter of the field of view."""
COLOURLESS_FROM, TISSUE_BELOW = 153, 64
"""Outside the body: six tenths of what is lit are grey or white, and less than a quarter reddish.
Mucosa in narrow-band light or under dye is neither.
"""
PLAIN_FROM, BLANK_FROM, TEXT_SPOTS_FROM, TEXT_TISSUE_BELOW = 140, 230, 6, 77
"""A text screen: few levels with small light strokes, or next to nothing but one level."""
STILL_UNTIL, STILL_FOR_MS = 4, 1000.0
"""An eighth of a grey level from frame to frame, for a second."""
GREY_RECORDING_FROM = 242
"""Where half of the frames are as colourless as this, the recording itself has no colour, and
colour tells nothing.
"""


def kinds_of(rows: Rows, measured: NDArray[np.bool_], times: FrameTimes | None) -> Kinds:
    """(N, COUNT) measures, (N,) which frames have any -> (N,).

    ``times``: None for stills, of which none is a picture that stands still.
    """
    kinds = np.full(len(rows), Kind.NOT_MEASURED, np.int8)
    if not measured.any():
        return kinds
    kinds[measured] = Kind.USABLE
    light, burnt, tissue = (
        rows[:, column] for column in (Measure.LIGHT, Measure.BURNT, Measure.TISSUE)
    )
    sharpness = rows[:, Measure.SHARPNESS]
    # The last that holds wins: a text screen is dark, too, and a dark image blurred
    rules = (
        (Kind.BLURRED, (sharpness > 0) & (sharpness < BLURRED_BELOW)),
        (Kind.BUBBLES, rows[:, Measure.SPOTS] >= BUBBLES_FROM),
        (Kind.OUTSIDE, _outside(rows, measured)),
        (Kind.DARK, light < DARK_BELOW),
        (Kind.OVER_EXPOSED, burnt >= BURNT_FROM),
        (Kind.TEXT, _text(rows, tissue, light)),
    )
    if times is not None:
        kinds[_still(rows, measured, times)] = Kind.STILL
    for kind, holds in rules:
        kinds[holds & measured] = kind
    return kinds


def _outside(rows: Rows, measured: NDArray[np.bool_]) -> NDArray[np.bool_]:
    grey = rows[:, Measure.COLOURLESS]
    if float(np.median(grey[measured])) >= GREY_RECORDING_FROM:
        return np.zeros(len(rows), np.bool_)
    outside: NDArray[np.bool_] = (grey >= COLOURLESS_FROM) & (
        rows[:, Measure.TISSUE] < TISSUE_BELOW
    )
    return outside


def _text(rows: Rows, tissue: NDArray[np.uint8], light: NDArray[np.uint8]) -> NDArray[np.bool_]:
    plain, strokes = rows[:, Measure.PLAIN], rows[:, Measure.SPOTS] >= TEXT_SPOTS_FROM
    blank = (plain >= BLANK_FROM) & (light >= DARK_BELOW) & (rows[:, Measure.BURNT] < BURNT_FROM)
    text: NDArray[np.bool_] = (((plain >= PLAIN_FROM) & strokes) | blank) & (
        tissue < TEXT_TISSUE_BELOW
    )
    return text


def _still(rows: Rows, measured: NDArray[np.bool_], times: FrameTimes) -> NDArray[np.bool_]:
    """Runs of frames, each hardly other than the one before, that last long enough; the frame
    that a run repeats is not one of them.
    """
    change = rows[:, Measure.CHANGE].copy()
    # The first frame of a piece was compared with none: it goes with the one after it
    alone = np.flatnonzero(change[:-1] == UNKNOWN)
    change[alone] = change[alone + 1]
    same = measured & (change <= STILL_UNTIL)
    turns = np.flatnonzero(np.diff(np.concatenate(([False], same, [False])).astype(np.int8)))
    starts, stops = turns[::2], turns[1::2]
    lasts = times.times_ms[stops - 1] + times.durations_ms[stops - 1] - times.times_ms[starts]
    still = np.zeros(len(rows), np.bool_)
    for start, stop in np.stack((starts, stops), axis=1)[lasts >= STILL_FOR_MS - SLACK_MS].tolist():
        still[start:stop] = True
    return still
