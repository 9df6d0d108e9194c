"""Data that any network learns in seconds, and a teacher that already knows it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from kd_core.models.teacher import FrozenTeacher, Teacher
from kd_core.schema.events import RunEvent
from kd_core.training.trainer import Trainer
from kd_core.training.validation import LabelledCrops
from kd_core.vision.preprocess import INPUT_SIZE


def coloured(count: int, seed: int = 0) -> LabelledCrops:
    """Noisy blue (0) and red (1) crops in turn, of any brightness, so that only the colour
    tells them apart.
    """
    generator = np.random.default_rng(seed)
    labels = (np.arange(count) % 2).astype(np.int64)
    crops = generator.integers(0, 90, (count, INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
    for crop, label in zip(crops, labels, strict=True):
        crop[:, :, 2 * (1 - label)] += generator.integers(80, 160, dtype=np.uint8)
    return LabelledCrops(crops, labels)


def events_of(made: Trainer, should_stop: Callable[[], bool] = lambda: False) -> list[RunEvent]:
    """Train, and what it told."""
    events: list[RunEvent] = []
    made.train(events.append, should_stop)
    return events


class _TinyTrunk(nn.Module):
    """Mean colour of each 32 px tile, spread over ``width`` channels by fixed random weights:
    (N, 3, S, S) -> (N, width, S/32, S/32).
    """

    def __init__(self, width: int, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.mix = nn.Parameter(torch.randn(width, 3, generator=generator))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        tiles = nn.functional.avg_pool2d(images, 32)
        return torch.einsum("kc,nchw->nkhw", self.mix, tiles).relu()


def tiny_teacher(class_count: int = 2, width: int = 16, seed: int = 0) -> Teacher:
    """A Teacher whose trunk takes microseconds. Its head is random."""
    teacher = Teacher.__new__(Teacher)
    nn.Module.__init__(teacher)
    teacher.name = f"tiny-{seed}"
    teacher.trunk = _TinyTrunk(width, seed)
    teacher.dropout = nn.Dropout(0.0)
    generator = torch.Generator().manual_seed(seed + 100)
    teacher.head = nn.Linear(width, class_count)
    with torch.no_grad():
        teacher.head.weight.copy_(torch.randn(class_count, width, generator=generator))
        teacher.head.bias.zero_()
    return teacher


@torch.no_grad()
def knowing_teacher(seed: int = 0) -> FrozenTeacher:
    """Tells ``coloured`` crops apart: its head decides by how red minus how blue a tile is."""
    teacher = tiny_teacher(2, 16, seed)
    trunk = teacher.trunk
    assert isinstance(trunk, _TinyTrunk)
    lean = trunk.mix[:, 0] - trunk.mix[:, 2]  # how much a channel likes red better than blue
    teacher.head.weight.copy_(torch.stack([-lean, lean]))
    return FrozenTeacher(teacher)
