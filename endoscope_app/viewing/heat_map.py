"""What a heat map is: evidence for one class, and the part of the frame that it covers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kd_core.vision.field_of_view import FieldOfView


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """``evidence`` (h, w) in 0..1 for the class ``class_index`` (in the model's order), over
    ``region``.
    """

    evidence: NDArray[np.float32] = field(repr=False)
    region: FieldOfView
    class_index: int
