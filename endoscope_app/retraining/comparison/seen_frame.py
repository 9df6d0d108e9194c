"""One frame of a comparison for looking at, as plain values. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from endoscope_app.viewing.heat_map import HeatMap


@dataclass(frozen=True, eq=False)
class SeenFrame:
    """One frame for looking at.

    ``picture`` (H, W, 4) BGRA, None where there is none; a heat map is None where its model has
    none.

    ``trouble``: why something is missing, empty where nothing is.
    """

    path: str
    picture: NDArray[np.uint8] | None
    active: HeatMap | None = None
    candidate: HeatMap | None = None
    trouble: str = ""
