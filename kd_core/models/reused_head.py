"""A student that classifies by its teachers' own heads, until both are one matrix.

Chen et al. 2022, "Knowledge Distillation with the Reused Teacher Classifier" (SimKD), section 3.2:
the student's feature is projected to the teacher's, only their distance is learnt, and the
teacher's classifier, as it is, answers for the student. Their projector is three convolutions,
which stay in the student; ours is linear, so that it folds into the student's head and nothing is
left of it: a convolution of 1x1 before a mean over places and a linear layer is one linear layer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from kd_core.schema.errors import DataError


class TeacherHead(NamedTuple):
    """What classifies a teacher's map as it is handed out: ``weight`` (C, R) and ``bias`` (C,)."""

    weight: Tensor
    bias: Tensor


class Projection(NamedTuple):
    """From the student's map to one teacher's: ``weight`` (R, K) and ``bias`` (R,)."""

    weight: Tensor
    bias: Tensor


class _Reused(nn.Module):
    """Through the heads of all teachers, each counting alike; learns what stands before them."""

    classifier: Tensor
    offset: Tensor

    def __init__(self, classifier: Tensor, offset: Tensor) -> None:
        super().__init__()
        self.register_buffer("classifier", classifier)
        self.register_buffer("offset", offset)

    def forward(self, projection: Tensor) -> Tensor:
        """(R, K) -> the weight (C, K); (R,) -> the bias (C,)."""
        made = self.classifier @ projection
        return made if projection.ndim == 2 else made + self.offset

    def right_inverse(self, given: Tensor) -> Tensor:
        """What a projection begins with, whatever the head was before."""
        rows = self.classifier.shape[1]
        if given.ndim == 1:
            return given.new_zeros(rows)
        fresh = given.new_empty(rows, given.shape[1])
        return nn.init.kaiming_uniform_(fresh, a=math.sqrt(5))


def reuse_heads(head: nn.Linear, teachers: Sequence[TeacherHead]) -> None:
    """``head`` (K -> C) becomes projections to the teachers' maps and their heads' mean logits.

    The teachers' heads are frozen. Raises DataError where there is none.
    """
    if not teachers:
        raise DataError("A reused head needs teachers.", "Name them with --teachers.")
    weights = [teacher.weight.detach() for teacher in teachers]
    classifier = torch.cat(weights, 1).to(head.weight) / len(teachers)
    offset = torch.stack([teacher.bias.detach() for teacher in teachers]).mean(0).to(head.weight)
    for name in ("weight", "bias"):
        made = _Reused(classifier.clone(), offset.clone())
        parametrize.register_parametrization(head, name, made)


def projections_of(head: nn.Linear, widths: Sequence[int]) -> list[Projection]:
    """What a reused ``head`` learns, of each teacher with a map of so many channels."""
    weight = head.get_parameter("parametrizations.weight.original")
    bias = head.get_parameter("parametrizations.bias.original")
    parts = zip(weight.split(list(widths)), bias.split(list(widths)), strict=True)
    return [Projection(*pair) for pair in parts]


@torch.no_grad()
def folded_head(head: nn.Linear) -> nn.Linear:
    """The one layer that a reused ``head`` amounts to; another is given back as it is.

    Not by torch's own removal: that takes the weight away from copies of the layer too.
    """
    if not parametrize.is_parametrized(head):
        return head
    made = nn.Linear(head.in_features, head.out_features).to(head.weight)
    made.weight.copy_(head.weight)
    made.bias.copy_(head.bias)
    return made.train(head.training)
