"""A ViewSource that costs nothing: no augmentation, and teachers whose logits were drawn once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.data.views import TeacherView
from tests.kd_core.tiny import coloured


class FakeViews:
    """``coloured`` or given crops; view 1 is view 0 in negative.

    Each of ``outputs``: (2, N, C) logits, (2, N, width, 7, 7) maps.
    """

    views = 2

    def __init__(
        self, count: int, widths: Sequence[int] = (), crops: NDArray[np.uint8] | None = None
    ) -> None:
        data = coloured(count)
        self.labels = data.labels
        shown = data.crops if crops is None else crops
        self._crops = np.stack([shown, 255 - shown])
        generator = torch.Generator().manual_seed(count)
        self.outputs = [
            TeacherView(
                torch.randn(2, count, 2, generator=generator),
                torch.randn(2, count, width, 7, 7, generator=generator),
            )
            for width in widths
        ]

    def batch(
        self, places: NDArray[np.int64], views: NDArray[np.int64]
    ) -> tuple[Tensor, list[TeacherView]]:
        """See kd_core.data.views.ViewSource."""
        crops = torch.from_numpy(self._crops[views, places])
        return crops, [
            TeacherView(made.logits[views, places], made.features[views, places])
            for made in self.outputs
        ]
