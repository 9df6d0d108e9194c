"""Relation-based distillation: the teachers' fused feature guides the student.

Our reading of arXiv 2308.08731: multi-head attention fuses, by one learned query
(``fusion="attention"``) or as each place of the student asks (``fusion="places"``);
``fusion="mean"`` is the simple aggregation that the paper claims to better. With ``depths=2`` an
attention reads an earlier map of each teacher beside its last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from kd_core.data.views import TeacherView
from kd_core.losses.mixture import mixture_loss
from kd_core.losses.relation import relational
from kd_core.losses.response import softened_kl
from kd_core.models.fusion import AttentionFusion, Fused, FusionLosses, MeanFusion
from kd_core.models.place_fusion import PlaceFused, PlaceFusion
from kd_core.models.student import ModelOutput
from kd_core.schema.config import RELATION
from kd_core.schemes.registry import PartContext, register_part

#: What the fusion is taught comes to this share from its teachers' own probabilities. From labels
#: alone it learnt the images by heart that the teachers were trained on, and its logits and
#: features told a student no more than labels do.
TEACHER_SHARE = 0.5


class Reading(NamedTuple):
    """What was fused, and what of the student follows it.

    ``fused``: of whole images. ``followed`` (N, D) or of P places (N, P, D), and the student's
    ``own`` (N, K) or (N, P, K) beside it. ``shares`` (N, T): how much each teacher was read.
    """

    fused: Fused
    followed: Tensor
    own: Tensor
    shares: Tensor

    def of_rows(self, shown: Tensor, logits: Tensor) -> Reading:
        """Of the (N,) bool ``shown`` images; ``logits`` (N, P) in place of the fusion's own."""
        feature, attention = self.fused.feature[shown], self.fused.attention[shown]
        fused = self.fused._replace(logits=logits[shown], feature=feature, attention=attention)
        return Reading(fused, self.followed[shown], self.own[shown], self.shares[shown])


@register_part("relation", RELATION)
class RelationPart(nn.Module):
    """Losses ``anchor``, ``guide``, ``fused_kl``, ``distance`` and ``angle``.

    The first two are those of kd_core.models.fusion, ``fused_kl`` is to the fusion's own logits,
    the last two are RKD's against the fused feature. Where places of the student ask
    (``fusion="places"``), ``anchor`` is by half the likelihood of the teachers mixed by the
    attention that each gets: it is then read as which teacher is right about an image.
    """

    def __init__(self, context: PartContext) -> None:
        super().__init__()
        config = self._config = context.config
        self._widths, self._deep = context.teacher_widths, bool(context.earlier_widths)
        self.fusion = _fusion(context)
        self.follow = FusionLosses(context.student_width, label_smoothing=config.label_smoothing)

    def forward(
        self, student: ModelOutput, teachers: Sequence[TeacherView], labels: Tensor
    ) -> dict[str, Tensor]:
        """See the class."""
        return self.losses(self.read(student, teachers), student, teachers, labels)

    def losses(
        self,
        reading: Reading,
        student: ModelOutput,
        teachers: Sequence[TeacherView],
        labels: Tensor,
    ) -> dict[str, Tensor]:
        """Of what was read.

        Labels (N,) int64 or soft (N, C). The fusion learns from ``anchor`` alone; the student from
        all others.
        """
        weights, fused = self._config.losses, reading.fused
        targets = anchor_targets(teachers, labels)
        followed = fused._replace(feature=reading.followed)
        losses = self.follow(reading.own, followed, targets)
        if isinstance(self.fusion, PlaceFusion):
            mixture = mixture_loss(reading.shares, [row.logits for row in teachers], labels)
            losses["anchor"] = 0.5 * losses["anchor"] + 0.5 * mixture
        if weights.fused_kl:
            losses["fused_kl"] = softened_kl(
                student.logits, fused.logits, self._config.temperature, self._config.standardise
            )
        if weights.any_of("distance", "angle"):
            losses |= relational(student.embedding, fused.feature)
        return {name: loss for name, loss in losses.items() if getattr(weights, name)}

    def read(self, student: ModelOutput, teachers: Sequence[TeacherView]) -> Reading:
        """Fuse the teachers' maps, as the student asks for it or not."""
        pairs = [
            (teacher.features[:, :width], teacher.features[:, width:])
            for teacher, width in zip(teachers, self._widths, strict=True)
        ]
        maps = [last for last, _ in pairs]
        earlier = [before for _, before in pairs] if self._deep else []
        if isinstance(self.fusion, PlaceFusion):
            made: PlaceFused = self.fusion(maps, student.features, earlier)
            own = student.features.flatten(2).transpose(1, 2)
            return Reading(made.whole, made.places, own, made.shares)
        fused: Fused = self.fusion(maps, earlier) if earlier else self.fusion(maps)
        return Reading(fused, fused.feature, student.embedding, fused.attention.sum((2, 3)))


def _fusion(context: PartContext) -> nn.Module:
    config, widths, classes = context.config, context.teacher_widths, context.class_count
    earlier = context.earlier_widths
    if config.fusion == "places":
        return PlaceFusion(
            widths,
            context.student_width,
            classes,
            dropout=config.teacher_dropout,
            earlier=earlier,
        )
    if config.fusion == "attention":
        return AttentionFusion(widths, classes, earlier=earlier)
    return MeanFusion(widths, classes)


def anchor_targets(teachers: Sequence[TeacherView], labels: Tensor) -> Tensor:
    """T teachers' logits (N, C) and labels (N,) int64 or soft (N, C) -> soft targets (N, C).

    They are labels and the teachers' mean probabilities, TEACHER_SHARE of the latter.
    """
    stacked = torch.stack([teacher.logits.float().softmax(dim=1) for teacher in teachers])
    mean = stacked.mean(dim=0)
    given = functional.one_hot(labels, mean.shape[1]) if labels.ndim == 1 else labels
    return torch.lerp(given.to(mean), mean, TEACHER_SHARE)
