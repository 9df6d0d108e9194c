"""What the tests of the teacher cache share: a teacher that counts what it is shown, and caches
of a few small crops.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.data.teacher_cache import CachedViews
from kd_core.data.views import TeacherView
from kd_core.models.student import ModelOutput
from kd_core.models.teacher import FrozenTeacher
from kd_core.vision.preprocess import INPUT_SIZE
from tests.kd_core.tiny import tiny_teacher

Image = NDArray[np.uint8]
VIEWS = 2
VIEW_BYTES = 4 + INPUT_SIZE * INPUT_SIZE * 3  # a checksum of four bytes, then a view
# Then three logits and eight channels of 7 x 7, two bytes each
ANSWER_BYTES = 4 + 2 * (3 + 8 * 7 * 7)


class Counting(FrozenTeacher):
    """A frozen teacher of three classes and eight channels that counts the views it was shown."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(tiny_teacher(3, 8, seed))
        self.seen = 0
        self.modes: set[bool] = set()

    def forward(self, images: Tensor) -> ModelOutput:
        """As FrozenTeacher."""
        self.seen += len(images)
        self.modes.add(any(module.training for module in self.modules()))
        output: ModelOutput = super().forward(images)
        return output


def cached(
    folder: Path,
    crops: Image,
    teachers: Sequence[FrozenTeacher] = (),
    *,
    count: int = VIEWS,
    limit: int = 10**9,
) -> CachedViews:
    return CachedViews(folder, crops, np.arange(len(crops)), count, teachers, limit)


def filled(
    folder: Path, crops: Image, teachers: Sequence[FrozenTeacher] = (), **options: int
) -> CachedViews:
    source = cached(folder, crops, teachers, **options)
    assert list(source.fill())[-1:] == [(len(crops), len(crops))]
    return source


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("??/*"))


def same(first: tuple[Tensor, list[TeacherView]], second: tuple[Tensor, list[TeacherView]]) -> bool:
    outputs = zip(first[1], second[1], strict=True)
    return torch.equal(first[0], second[0]) and all(
        torch.equal(a, b) for one, other in outputs for a, b in zip(one, other, strict=True)
    )
