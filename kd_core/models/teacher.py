"""A teacher: a pretrained trunk with the same three outputs as the student. Frozen it never trains, whatever surrounds it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from kd_core.models.backbones import IMAGENET, make_trunk
from kd_core.models.student import ModelOutput

_PROBE_SIZE = 64  # px; enough for the deepest trunk (stride 32) to say how many channels it has


class Teacher(nn.Module):
    """(N, 3, S, S) -> ModelOutput: logits (N, C), last feature map (N, K, h, w), embedding (N, K)."""

    def __init__(self, name: str, class_count: int, *, weights: str | Path | None = IMAGENET, dropout: float = 0.2) -> None:
        """See ``backbones.make_trunk`` for ``name``, ``weights`` and the errors raised."""
        super().__init__()
        self.name = name
        self.trunk = make_trunk(name, weights)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(_channels(self.trunk), class_count)

    @property
    def embedding_size(self) -> int:
        """K, the channels of the last feature map."""
        return self.head.in_features

    def forward(self, pictures: Tensor) -> ModelOutput:
        """See the class."""
        features = self.trunk(pictures)
        embedding = features.mean(dim=(2, 3))
        return ModelOutput(self.head(self.dropout(embedding)), features, embedding)


class FrozenTeacher(nn.Module):
    """Holds a teacher that cannot learn: eval mode even when the module around it is put into training, no gradients at all."""

    def __init__(self, teacher: Teacher) -> None:
        super().__init__()
        self.teacher = teacher.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> Self:
        """Stays in eval: a batch norm in training mode would change the teacher without any gradient."""
        return super().train(False)

    @torch.no_grad()
    def forward(self, pictures: Tensor) -> ModelOutput:
        """As Teacher; the outputs carry no graph."""
        output: ModelOutput = self.teacher(pictures)
        return output


@torch.no_grad()
def _channels(trunk: nn.Module) -> int:
    was_training = trunk.training
    channels = int(trunk.eval()(torch.zeros(1, 3, _PROBE_SIZE, _PROBE_SIZE)).shape[1])
    trunk.train(was_training)
    return channels
