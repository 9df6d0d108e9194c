"""The quality of a procedure's images as far as they are measured, and what of an analysis it lets
count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.quality.frame_measures import FrameMeasures
from endoscope_app.analysis.quality.kinds import Kind, Kinds, kinds_of
from endoscope_app.analysis.quality.lane_columns import LaneColumns
from endoscope_app.analysis.quality.measures import Measure
from endoscope_app.analysis.quality.tally import QualityTally
from endoscope_app.media.frame_times import FrameTimes
from kd_core.schema.class_groups import ClassGroup, usual_group


@dataclass(frozen=True, eq=False)
class ImageQuality:
    """``kinds`` (N,); ``lanes``: these and each frame's mean colour, as a timeline draws them."""

    kinds: Kinds
    tally: QualityTally
    lanes: LaneColumns

    @classmethod
    def of(cls, measures: FrameMeasures, times: FrameTimes | None) -> ImageQuality:
        """``times``: None for stills."""
        kinds = kinds_of(measures.rows, measures.known, times)
        colours = measures.rows[:, Measure.RED : Measure.BLUE + 1]
        return cls(kinds, QualityTally.of(kinds), LaneColumns(kinds, colours))


def judged(
    probabilities: NDArray[np.float32],
    known: NDArray[np.bool_],
    kinds: Kinds,
    classes: Sequence[str],
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Probabilities (N, C) and which frames (N,) may be part of a finding: those that are usable,
    or were not measured.

    Under bubbles nothing is looked for, but they do tell how clean the bowel is: there only
    classes of preparation keep their probability.
    """
    bubbles = known & (kinds == Kind.BUBBLES)
    counted: NDArray[np.bool_] = known & ((kinds <= Kind.USABLE) | bubbles)
    if bubbles.any():
        probabilities = probabilities.copy()
        hidden = [usual_group(key) is not ClassGroup.PREPARATION for key in classes]
        probabilities[np.ix_(bubbles, np.array(hidden))] = 0
    return probabilities, counted
