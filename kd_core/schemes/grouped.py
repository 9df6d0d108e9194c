"""A scheme whose student has a softmax for each class group.

Every loss on logits is taken of each group alone, and their sum counts; losses on maps and
embeddings know no classes and stay as they are. Teachers have one softmax
(kd_core.losses.grouped says what it tells of a group). They can call one class an image: where
labels say that it shows classes of several groups, their logits are corrected by them (Wen et al.
2019, "Preparing Lessons", section 3.1), for one softmax cannot say both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from kd_core.data.views import TeacherView
from kd_core.losses.grouped import (
    completed_targets,
    known_labels_loss,
    nothing_shown_loss,
    own_logits,
    told_logits,
)
from kd_core.losses.response import softened_kl
from kd_core.losses.teachers import corrected
from kd_core.losses.tensors import NO_LABEL
from kd_core.models.student import ModelOutput, Student, tail_of
from kd_core.schema.class_heads import ClassHead
from kd_core.schema.config import RESPONSE, TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schemes.relation import RelationPart
from kd_core.schemes.scheme import REPLAYED_LABELS, ReplayBatch, Scheme

#: Losses of the parts that compare logits; those of maps and embeddings are not of a group.
_OF_LOGITS = frozenset({*RESPONSE, "anchor", "fused_kl"})


class _Told(NamedTuple):
    """One group of a batch: logits (n, P) of the student and of each teacher, and targets.

    ``shown`` (N,) bool: the n images of which the teachers can say something in this group.
    """

    student: Tensor
    teachers: list[Tensor]
    targets: Tensor
    columns: list[int]
    shown: Tensor


class GroupedScheme(Scheme):
    """``heads``: the softmaxes of the learner. Targets are (N, G) int64, NO_LABEL where unknown.

    A target is the place of the class in its head, or the place after them for none of the group.
    """

    def __init__(
        self,
        learner: nn.Module,
        config: TrainConfig,
        heads: Sequence[ClassHead],
        classes: Sequence[str],
        teacher_widths: Sequence[int] = (),
        untaught: Sequence[int] = (),
        earlier_widths: Sequence[int] = (),
    ) -> None:
        """See Scheme. Raises DataError for settings that know one softmax alone."""
        if config.mixup:
            raise DataError(
                "Images are not mixed for a student with a softmax for each class group.",
                "Leave --mixup out.",
            )
        if config.head == "reused":
            raise DataError(
                "Teachers' heads have one softmax: a student with one for each class group cannot"
                " reuse them.",
                "Take head own.",
            )
        super().__init__(learner, config, teacher_widths, untaught, earlier_widths)
        self.heads, self._columns = tuple(heads), [head.columns(classes) for head in heads]
        self._class_count = len(classes)

    def _each(self, logits: Tensor) -> list[Tensor]:
        """(N, C) -> (N, P) of each group."""
        return [
            own_logits(logits, columns, none=head.none)
            for head, columns in zip(self.heads, self._columns, strict=True)
        ]

    def _cross_entropy(self, logits: Tensor, targets: Tensor, strong: Tensor | None) -> Tensor:
        """Negative log-likelihood of the labels that are known, as a mean over images."""
        config, weights = self.config, self.config.losses
        told = weights.kl + weights.tckd + weights.nckd + weights.inter + weights.intra
        led = strong is not None and weights.any_of(*RESPONSE)
        whole = logits.new_zeros(len(logits), dtype=torch.float32)
        for place, own in enumerate(self._each(logits)):
            labels = targets[:, place]
            each = known_labels_loss(own, labels, config.label_smoothing)
            known = ~self._is_untaught(place, labels)
            each = each * torch.where(known, 1.0, 1.0 + told / weights.cross_entropy)
            if led and strong is not None:
                each = each * torch.where(strong & known, 0.0, 1.0)
            whole = whole + each
        return whole.mean()

    def _is_untaught(self, place: int, labels: Tensor) -> Tensor:
        """(N,) labels of one group -> (N,) bool: of a class that the teachers do not know."""
        taught = self._taught[self._columns[place]]
        known = torch.cat((taught, taught.new_ones(1)))  # none of the group needs no teaching
        return (labels != NO_LABEL) & ~known[labels.clamp(min=0)]

    def _of_nothing(self, logits: Tensor) -> Tensor:
        rows = zip(self.heads, self._each(logits), strict=True)
        return torch.stack([nothing_shown_loss(own, none=head.none) for head, own in rows]).sum()

    def _replayed(self, student: Student, batch: ReplayBatch) -> Tensor:
        return grouped_replay_loss(student, batch, self.config, self.heads, self._columns)

    def _of_teachers(
        self, output: ModelOutput, targets: Tensor, teachers: Sequence[TeacherView]
    ) -> dict[str, Tensor]:
        losses: dict[str, Tensor] = {}
        if not self.parts:
            return losses
        relation = [part for part in self.parts.values() if isinstance(part, RelationPart)]
        reading = relation[0].read(output, teachers) if relation else None
        by_attention = reading is not None and self.config.weighting == "attention"
        shares = reading.shares if reading is not None and by_attention else None
        groups = self._told(output.logits, targets, teachers)
        for name, part in self.parts.items():
            if name not in ("response", "relation"):
                losses |= part(output, self._last_maps(teachers), targets)
                continue
            for place, told in enumerate(groups):
                its = _rows(output, told.shown)._replace(logits=told.student)
                views = [
                    TeacherView(logits, view.features[told.shown])
                    for logits, view in zip(told.teachers, teachers, strict=True)
                ]
                if reading is not None and isinstance(part, RelationPart):
                    fused = own_logits(
                        reading.fused.logits, told.columns, none=self.heads[place].none
                    )
                    made = part.losses(reading.of_rows(told.shown, fused), its, views, told.targets)
                else:
                    made = part(
                        its,
                        views,
                        told.targets,
                        None if shares is None else shares[told.shown],
                    )
                share = told.shown.float().mean()
                for loss, value in made.items():
                    if loss in _OF_LOGITS:
                        losses[loss] = losses.get(loss, 0.0) + share * value
                    else:
                        losses.setdefault(loss, value)
        return losses

    def _told(
        self, logits: Tensor, targets: Tensor, teachers: Sequence[TeacherView]
    ) -> list[_Told]:
        """What student and teachers say of each group of which the teachers know a class."""
        taught = self._taught.nonzero()[:, 0].tolist()
        several = self._shows_several(targets)
        groups = []
        for place, head in enumerate(self.heads):
            columns = [column for column in self._columns[place] if column in taught]
            others = [column for column in taught if column not in columns]
            shown = ~self._is_untaught(place, targets[:, place])
            if len(columns) + head.none < 2 or not columns or not bool(shown.any()):
                continue
            labels = _narrowed(targets[shown, place], self._columns[place], columns)
            rows = [
                told_logits(view.logits[shown], columns, others, none=head.none)
                for view in teachers
            ]
            whole = completed_targets(labels, rows)
            trusted = several[shown] | self.config.trust_labels
            rows = [torch.where(trusted[:, None], corrected(row, whole), row) for row in rows]
            own = own_logits(logits[shown], columns, none=head.none)
            groups.append(_Told(own, rows, whole, columns, shown))
        return groups

    def _shows_several(self, targets: Tensor) -> Tensor:
        """(N,) bool: images whose labels name classes of more than one group."""
        counts = torch.tensor([len(head.classes) for head in self.heads], device=targets.device)
        return ((targets != NO_LABEL) & (targets < counts)).sum(1) > 1


def grouped_replay_loss(
    student: Student,
    batch: ReplayBatch,
    config: TrainConfig,
    heads: Sequence[ClassHead],
    columns: Sequence[Sequence[int]],
) -> Tensor:
    """As ``replay_loss``, of each group: logits over the classes known when they were stored.

    A row has the label of one class; of the other groups nothing is known. ``columns`` of ``heads``
    among all classes.
    """
    known = batch.logits.shape[1]
    logits = tail_of(student, batch.latents).logits
    labels, kept = logits.new_zeros(()), logits.new_zeros(())
    rows = int((batch.labels != NO_LABEL).sum())
    for head, places in zip(heads, columns, strict=True):
        own = known_labels_loss(
            own_logits(logits, places, none=head.none),
            _places_of(batch.labels, places),
            config.label_smoothing,
        )
        labels = labels + own.sum() / max(1, rows)
        old = [column for column in places if column < known]
        if len(old) + head.none > 1:
            kept = kept + softened_kl(
                own_logits(logits, old, none=head.none),
                own_logits(batch.logits, old, none=head.none),
                config.temperature,
                config.standardise,
            )
    return REPLAYED_LABELS * labels + (1 - REPLAYED_LABELS) * kept


def _rows(output: ModelOutput, shown: Tensor) -> ModelOutput:
    return ModelOutput(*(part[shown] for part in output))


def _places_of(labels: Tensor, columns: Sequence[int]) -> Tensor:
    """(N,) classes -> places among ``columns``, NO_LABEL of all others."""
    places = torch.full_like(labels, NO_LABEL)
    for place, column in enumerate(columns):
        places[labels == column] = place
    return places


def _narrowed(labels: Tensor, columns: Sequence[int], kept: Sequence[int]) -> Tensor:
    """Places in a head of ``columns`` -> places where only ``kept`` are left; none is the last."""
    if len(kept) == len(columns):
        return labels
    moved = torch.tensor(
        [kept.index(column) if column in kept else NO_LABEL for column in columns] + [len(kept)],
        device=labels.device,
    )
    return torch.where(labels == NO_LABEL, labels, moved[labels.clamp(min=0)])
