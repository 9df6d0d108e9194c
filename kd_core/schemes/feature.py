"""Feature-based distillation: the student's last map becomes like the teachers' maps."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from kd_core.data.views import TeacherView
from kd_core.losses.feature import HintLoss, attention_transfer
from kd_core.models.student import ModelOutput
from kd_core.schema.config import FEATURE
from kd_core.schemes.registry import PartContext, register_part


@register_part("feature", FEATURE)
class FeaturePart(nn.Module):
    """Losses ``hint`` (one adapter a teacher) and ``attention``, each the mean over teachers.

    Where the student reuses its teachers' heads, its own projections are the adapters, and the
    scheme tells that hint.
    """

    def __init__(self, context: PartContext) -> None:
        super().__init__()
        self._weights, teacher_widths = context.config.losses, context.teacher_widths
        self.hints = (
            nn.ModuleList(HintLoss() for _ in teacher_widths)
            if self._weights.hint and context.config.head == "own"
            else nn.ModuleList()
        )
        for hint, width in zip(self.hints, teacher_widths, strict=False):
            # Its shape now, so that a resumed run can fill it
            hint(torch.zeros(1, context.student_width, 1, 1), torch.zeros(1, width, 1, 1))

    def forward(
        self, student: ModelOutput, teachers: Sequence[TeacherView], labels: Tensor
    ) -> dict[str, Tensor]:
        """See the class."""
        losses: dict[str, Tensor] = {}
        if self.hints:
            hints = [
                hint(student.features, teacher.features)
                for hint, teacher in zip(self.hints, teachers, strict=True)
            ]
            losses["hint"] = torch.stack(hints).mean()
        if self._weights.attention:
            losses["attention"] = torch.stack(
                [attention_transfer(student.features, teacher.features) for teacher in teachers]
            ).mean()
        return losses
