"""A scheme: the student, what is trained along with it, and named losses.

Response, feature and relation combine by weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from kd_core.data.views import TeacherView
from kd_core.losses.feature import hint_through
from kd_core.losses.outlier_exposure import outlier_exposure
from kd_core.losses.response import softened_kl
from kd_core.losses.teachers import corrected
from kd_core.losses.tensors import NO_LABEL
from kd_core.models.network import output_of, output_shape
from kd_core.models.reused_head import TeacherHead, projections_of, reuse_heads
from kd_core.models.student import (
    ModelOutput,
    Student,
    count_parameters,
    deployed_parameters,
    tail_of,
)
from kd_core.schema.config import RESPONSE, LossWeights, TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schema.model_origin import ParameterCounts
from kd_core.schemes.registry import PartContext, parts_of
from kd_core.schemes.relation import RelationPart

#: Side of the image by which a learner's channels are found.
PROBE_SIZE = 64
#: What labels weigh of what is replayed: the student's own logits say more, also of what lies
#: between two images.
REPLAYED_LABELS = 0.25


class ReplayBatch(NamedTuple):
    """What is replayed in one step.

    ``latents`` (R, K, h, w) float; ``labels`` (R,) int64, NO_LABEL of a row that has none;
    ``logits`` (R, C') for the classes that were known when they were stored.
    """

    latents: Tensor
    labels: Tensor
    logits: Tensor


class Scheme(nn.Module):
    """Holds a learner (student, or a teacher being fine-tuned) and the parts of its scheme.

    Teachers are not in here: their logits come with the batch (kd_core.data.views), so that no
    mode, optimiser or device move of this module can touch them.
    """

    _taught: Tensor

    def __init__(
        self,
        learner: nn.Module,
        config: TrainConfig,
        teacher_widths: Sequence[int] = (),
        untaught: Sequence[int] = (),
        earlier_widths: Sequence[int] = (),
        teacher_heads: Sequence[TeacherHead] = (),
    ) -> None:
        """``learner``: any network that gives logits and features.

        ``teacher_widths``: channels of each teacher's map, ``earlier_widths`` of an earlier one
        behind it, or nothing; ``untaught``: classes of which the teachers know nothing, which are
        learnt from labels alone; ``teacher_heads``: what a reused head goes by. Raises ValueError
        for a scheme that needs teachers and has none, DataError for what cannot be had of this
        learner.
        """
        super().__init__()
        self.learner = learner
        self.config = config
        self._widths, self._earlier_widths = tuple(teacher_widths), tuple(earlier_widths)
        if config.frozen_stem:
            if not isinstance(learner, Student):
                raise DataError(
                    "Only the built-in student has a stem that can be frozen.",
                    "Leave frozen_stem out.",
                )
            learner.stem.requires_grad_(False)
        if config.head == "reused":
            if not isinstance(learner, Student) or untaught or config.losses.replay:
                raise DataError(
                    "Teachers' heads are reused by the built-in student, for classes that they"
                    " know, and not in retraining.",
                    "Take head own.",
                )
            reuse_heads(learner.head, teacher_heads)
        shape = output_shape(learner, PROBE_SIZE)
        self.register_buffer("_taught", _taught(shape.classes, untaught), persistent=False)
        context = PartContext(config, shape.width, teacher_widths, shape.classes, earlier_widths)
        self.parts = nn.ModuleDict(parts_of(context))

    def train(self, mode: bool = True) -> Self:
        """With a frozen stem, batch norms keep the statistics that they have.

        Old latents were made with them, and new images are few.
        """
        super().train(mode)
        if self.config.frozen_stem:
            for module in self.learner.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        return self

    def forward(
        self,
        images: Tensor,
        targets: Tensor,
        teachers: Sequence[TeacherView],
        replayed: ReplayBatch | None = None,
        strong: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Images (N + M, 3, S, S), labels (N,) int64 or soft targets (N, C) -> named losses.

        None is weighted yet. The last M images are outliers, without a label. They go through
        together, so that batch norms see them in training as they are met afterwards: among others.
        ``replayed``: old knowledge, which goes through the tail alone. ``strong`` (N,) bool: images
        that labels say nothing about where a teacher does; hard labels of strong views hurt a small
        network (Cai et al. 2022, "Network Augmentation for Tiny Deep Learning", section 4.3), and
        teachers who have seen the very view do not (Beyer et al. 2022, "Knowledge distillation: A
        good teacher is patient and consistent", section 3.1). None: labels count for all.
        """
        whole = output_of(self.learner, images)
        output = ModelOutput(*(part[: len(targets)] for part in whole))
        losses: dict[str, Tensor] = {}
        if self.config.losses.cross_entropy:
            losses["cross_entropy"] = self._cross_entropy(output.logits, targets, strong)
        if len(images) > len(targets):
            losses["outlier_exposure"] = self._of_nothing(whole.logits[len(targets) :])
        if replayed is not None:
            assert isinstance(self.learner, Student)
            losses["replay"] = self._replayed(self.learner, replayed)
        return losses | self._of_teachers(output, targets, teachers)

    def _of_nothing(self, logits: Tensor) -> Tensor:
        """Of images that show none of the classes."""
        return outlier_exposure(logits)

    def _replayed(self, student: Student, batch: ReplayBatch) -> Tensor:
        return replay_loss(student, batch, self.config)

    def _of_teachers(
        self, output: ModelOutput, targets: Tensor, teachers: Sequence[TeacherView]
    ) -> dict[str, Tensor]:
        """Losses of the parts."""
        losses: dict[str, Tensor] = {}
        if self.config.trust_labels:
            teachers = [view._replace(logits=corrected(view.logits, targets)) for view in teachers]
        relation = [part for part in self.parts.values() if isinstance(part, RelationPart)]
        reading = relation[0].read(output, teachers) if relation else None
        by_attention = reading is not None and self.config.weighting == "attention"
        shares = reading.shares if reading is not None and by_attention else None
        lasts = self._last_maps(teachers)
        for name, part in self.parts.items():
            if name == "response":
                losses |= self._response(part, output, lasts, targets, shares)
            elif reading is not None and isinstance(part, RelationPart):
                losses |= part.losses(reading, output, lasts, targets)
            else:
                losses |= part(output, lasts, targets)
        if self.config.head == "reused":
            losses["hint"] = self._reused_hint(output.features, lasts)
        return losses

    def _reused_hint(self, features: Tensor, teachers: Sequence[TeacherView]) -> Tensor:
        """The distance that SimKD learns, the mean over teachers."""
        assert isinstance(self.learner, Student)
        pairs = zip(projections_of(self.learner.head, self._widths), teachers, strict=True)
        hints = [
            hint_through(one.weight[:, :, None, None], one.bias, features, view.features)
            for one, view in pairs
        ]
        return torch.stack(hints).mean()

    def _last_maps(self, teachers: Sequence[TeacherView]) -> Sequence[TeacherView]:
        """Without what a fusion alone reads."""
        if not self._earlier_widths:
            return teachers
        return [
            view._replace(features=view.features[:, : view.features.shape[1] - width])
            for view, width in zip(teachers, self._earlier_widths, strict=True)
        ]

    def _cross_entropy(self, logits: Tensor, targets: Tensor, strong: Tensor | None) -> Tensor:
        """Mean over the batch, in which a strong view that a teacher answers for counts as 0.

        What the teachers cannot say of a frame of an untaught class, its label says instead.
        """
        smoothing, weights = self.config.label_smoothing, self.config.losses
        taught = bool(self._taught.all())
        led = strong is not None and weights.any_of(*RESPONSE)
        if taught and not led:
            return functional.cross_entropy(logits.float(), targets, label_smoothing=smoothing)
        each = functional.cross_entropy(
            logits.float(), targets, label_smoothing=smoothing, reduction="none"
        )
        known = share_of(self._taught, targets)
        if not taught:
            told = weights.kl + weights.tckd + weights.nckd + weights.inter + weights.intra
            each = each * (1.0 + (1.0 - known) * told / weights.cross_entropy)
        if led and strong is not None:
            each = each * torch.where(strong, 1.0 - known, 1.0)
        return each.mean()

    def _response(
        self,
        part: nn.Module,
        output: ModelOutput,
        teachers: Sequence[TeacherView],
        targets: Tensor,
        shares: Tensor | None,
    ) -> dict[str, Tensor]:
        """Losses with the teachers' logits, of classes that they know and frames that show one."""
        if bool(self._taught.all()):
            whole: dict[str, Tensor] = part(output, teachers, targets, shares)
            return whole
        # A mixed image must show nothing that they do not know
        shown = share_of(self._taught, targets) == 1.0
        if not bool(shown.any()):
            return {}
        place = self._taught.cumsum(0) - 1
        logits = output.logits[shown][:, self._taught]
        rows = [
            TeacherView(view.logits[shown][:, self._taught], view.features[shown])
            for view in teachers
        ]
        known = targets[shown]
        losses: dict[str, Tensor] = part(
            output._replace(logits=logits),
            rows,
            place[known] if targets.ndim == 1 else known[:, self._taught],
            None if shares is None else shares[shown],
        )
        share = shown.float().mean()
        return {name: loss * share for name, loss in losses.items()}

    def parameter_counts(self) -> ParameterCounts:
        """Of the learner as it will be stored; of its branches, adapters, fusion, projections."""
        deployed = deployed_parameters(self.learner)
        whole = sum(parameter.numel() for parameter in self.learner.parameters())
        return ParameterCounts(deployed, whole - deployed + count_parameters(self.parts))


def share_of(classes: Tensor, targets: Tensor) -> Tensor:
    """(C,) bool and labels (N,) or soft targets (N, C) -> (N,) share of those classes, 0..1."""
    if targets.ndim == 1:
        return classes[targets].float()
    # By what is absent: a sum of shares is 1 only to rounding
    return 1.0 - targets[:, ~classes].sum(1)


def _taught(classes: int, untaught: Sequence[int]) -> Tensor:
    """(C,) bool."""
    taught = torch.ones(classes, dtype=torch.bool)
    taught[list(untaught)] = False
    return taught


def replay_loss(student: Student, batch: ReplayBatch, config: TrainConfig) -> Tensor:
    """REPLAYED_LABELS of cross-entropy with the labels, the rest softened KL to the logits.

    The latter over the classes that were known when they were stored. Each is the mean over its
    rows, NO_LABEL has no part in the first; scalar.
    """
    logits = tail_of(student, batch.latents).logits
    known = batch.logits.shape[1]
    by_labels = functional.cross_entropy(
        logits.float(),
        batch.labels,
        ignore_index=NO_LABEL,
        label_smoothing=config.label_smoothing,
    )
    return REPLAYED_LABELS * by_labels + (1 - REPLAYED_LABELS) * softened_kl(
        logits[:, :known], batch.logits, config.temperature, config.standardise
    )


def weighted_sum(losses: dict[str, Tensor], weights: LossWeights) -> Tensor:
    """What is minimised: named losses times their weights.

    The sum keeps the graph of every one of them.
    """
    return torch.stack([losses[name] * weights.weight(name) for name in losses]).sum()
