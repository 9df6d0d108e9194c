"""A scheme: the student, what is trained along with it, and named losses. Response, feature and relation combine by weights."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from kd_core.contract.config import FEATURE, RELATION, RESPONSE, LossWeights, TrainConfig
from kd_core.datasets.views import TeacherView
from kd_core.losses.silence import silence
from kd_core.models.student import ModelOutput, Student, count_parameters
from kd_core.models.teacher import Teacher
from kd_core.schemes.feature import FeaturePart
from kd_core.schemes.relation import RelationPart
from kd_core.schemes.response import ResponsePart


class Scheme(nn.Module):
    """Holds a learner (student, or a teacher being fine-tuned) and the parts of its scheme.

    Teachers are not in here: their answers come with the batch (kd_core.datasets.views), so that no mode, optimiser or device
    move of this module can touch them.
    """

    def __init__(self, learner: Student | Teacher, config: TrainConfig, teacher_widths: Sequence[int] = ()) -> None:
        """``teacher_widths``: channels of each teacher's map. Raises ValueError for a scheme that needs teachers and has none."""
        super().__init__()
        losses = config.losses
        if losses.any_of(*RESPONSE, *FEATURE, *RELATION) and not teacher_widths:
            raise ValueError("this scheme compares with teachers, and there is none")
        self.learner = learner
        self.config = config
        width, classes = learner.head.in_features, learner.head.out_features
        self.parts = nn.ModuleDict()
        if losses.any_of(*RESPONSE):
            self.parts["response"] = ResponsePart(config)
        if losses.any_of(*FEATURE):
            self.parts["feature"] = FeaturePart(config, width, teacher_widths)
        if losses.any_of(*RELATION):
            self.parts["relation"] = RelationPart(config, width, teacher_widths, classes)

    def forward(self, pictures: Tensor, targets: Tensor, teachers: Sequence[TeacherView]) -> dict[str, Tensor]:
        """(N + M, 3, S, S), labels (N,) int64 or soft targets (N, C), answers of the teachers -> named losses, none weighted yet.

        The last M pictures are outliers, without a label. They go through together, so that batch norms see them in training as
        they are met afterwards: among others.
        """
        whole: ModelOutput = self.learner(pictures)
        output = ModelOutput(*(part[: len(targets)] for part in whole))
        losses: dict[str, Tensor] = {}
        if self.config.losses.cross_entropy:
            smoothing = self.config.label_smoothing
            losses["cross_entropy"] = functional.cross_entropy(output.logits.float(), targets, label_smoothing=smoothing)
        if len(pictures) > len(targets):
            losses["silence"] = silence(whole.logits[len(targets) :])
        for part in self.parts.values():
            losses |= part(output, teachers, targets)
        return losses

    def parameter_counts(self) -> dict[str, int]:
        """"deployed" (the learner) and "training-only" (adapters, fusion, projections)."""
        return {"deployed": count_parameters(self.learner), "training-only": count_parameters(self.parts)}


def weighted_sum(losses: dict[str, Tensor], weights: LossWeights) -> Tensor:
    """What is minimised: named losses times their weights. The sum keeps the graph of every one of them."""
    return torch.stack([losses[name] * getattr(weights, name) for name in losses]).sum()
