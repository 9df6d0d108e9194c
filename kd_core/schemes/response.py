"""Response-based distillation: the student's logits follow the teachers'."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from kd_core.data.views import TeacherView
from kd_core.losses.response import decoupled, dist
from kd_core.losses.teachers import Weighting, multi_teacher_kl
from kd_core.losses.tensors import hard_labels
from kd_core.models.student import ModelOutput
from kd_core.schema.config import RESPONSE
from kd_core.schemes.registry import PartContext, register_part


@register_part("response", RESPONSE)
class ResponsePart(nn.Module):
    """Losses ``kl``, ``tckd``, ``nckd``, ``inter`` and ``intra``.

    For the first, teachers are weighted as the config says; the others are means over teachers.
    """

    def __init__(self, context: PartContext) -> None:
        super().__init__()
        self._config = context.config

    def forward(
        self,
        student: ModelOutput,
        teachers: Sequence[TeacherView],
        labels: Tensor,
        shares: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """See the class. ``shares`` (N, T): how much each teacher counts in ``kl`` instead.

        Labels (N,) int64 or soft targets (N, C); DKD, which parts a class from the others, takes
        the one that has the largest share.
        """
        config, weights = self._config, self._config.losses
        logits = [teacher.logits for teacher in teachers]
        losses: dict[str, Tensor] = {}
        if weights.kl:
            how = Weighting.AVERAGE if shares is not None else Weighting(config.weighting)
            losses["kl"] = multi_teacher_kl(
                student.logits,
                logits,
                how,
                labels,
                config.temperature,
                config.standardise,
                shares.T if shares is not None else None,
            )
        if weights.any_of("tckd", "nckd"):
            losses |= _mean(
                [
                    decoupled(student.logits, row, hard_labels(labels), config.temperature)
                    for row in logits
                ]
            )
        if weights.any_of("inter", "intra"):
            losses |= _mean([dist(student.logits, row, config.temperature) for row in logits])
        return {name: loss for name, loss in losses.items() if getattr(weights, name)}


def _mean(losses: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.stack([row[name] for row in losses]).mean() for name in losses[0]}
