"""Relation-based distillation: the teachers' fused feature guides the student.

Our reading of arXiv 2308.08731: multi-head attention fuses (``fusion="attention"``);
``fusion="mean"`` is the simple aggregation that the paper claims to better.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from kd_core.data.views import TeacherView
from kd_core.losses.relation import relational
from kd_core.losses.response import softened_kl
from kd_core.models.fusion import AttentionFusion, Fused, FusionLosses, MeanFusion
from kd_core.models.student import ModelOutput
from kd_core.schema.config import RELATION
from kd_core.schemes.registry import PartContext, register_part

#: What the fusion is taught comes to this share from its teachers' own probabilities. From labels
#: alone it learnt the images by heart that the teachers were trained on, and its logits and
#: features told a student no more than labels do.
TEACHER_SHARE = 0.5


@register_part("relation", RELATION)
class RelationPart(nn.Module):
    """Losses ``anchor``, ``guide``, ``fused_kl``, ``distance`` and ``angle``.

    The first two are those of kd_core.models.fusion, ``fused_kl`` is to the fusion's own logits,
    the last two are RKD's against the fused feature.
    """

    def __init__(self, context: PartContext) -> None:
        super().__init__()
        config = self._config = context.config
        make = AttentionFusion if config.fusion == "attention" else MeanFusion
        self.fusion: nn.Module = make(context.teacher_widths, context.class_count)
        self.follow = FusionLosses(context.student_width, label_smoothing=config.label_smoothing)

    def forward(
        self, student: ModelOutput, teachers: Sequence[TeacherView], labels: Tensor
    ) -> dict[str, Tensor]:
        """See the class.

        Labels (N,) int64 or soft (N, C). The fusion learns from ``anchor`` alone; the student from
        all others.
        """
        weights = self._config.losses
        fused = self.fuse(teachers)
        losses = self.follow(student.embedding, fused, anchor_targets(teachers, labels))
        if weights.fused_kl:
            losses["fused_kl"] = softened_kl(
                student.logits, fused.logits, self._config.temperature, self._config.standardise
            )
        if weights.any_of("distance", "angle"):
            losses |= relational(student.embedding, fused.feature)
        return {name: loss for name, loss in losses.items() if getattr(weights, name)}

    def fuse(self, teachers: Sequence[TeacherView]) -> Fused:
        """The fused feature with its attention: which teacher was read, and where."""
        fused: Fused = self.fusion([teacher.features for teacher in teachers])
        return fused


def anchor_targets(teachers: Sequence[TeacherView], labels: Tensor) -> Tensor:
    """T teachers' logits (N, C) and labels (N,) int64 or soft (N, C) -> soft targets (N, C).

    They are labels and the teachers' mean probabilities, TEACHER_SHARE of the latter.
    """
    stacked = torch.stack([teacher.logits.float().softmax(dim=1) for teacher in teachers])
    mean = stacked.mean(dim=0)
    given = functional.one_hot(labels, mean.shape[1]) if labels.ndim == 1 else labels
    return torch.lerp(given.to(mean), mean, TEACHER_SHARE)
