"""Softened KL to several teachers, and correcting them.

Teachers are averaged, or weighted by their certainty or by how right they are (CA-MKD).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import torch
from torch import Tensor
from torch.nn import functional

from kd_core.losses.response import kl_per_sample
from kd_core.losses.tensors import check_labels, full_precision, hard_labels, safe_divide


class Weighting(StrEnum):
    """How much each teacher counts, for each image apart."""

    AVERAGE = "average"
    ENTROPY = "entropy"
    CONFIDENCE = "confidence"


def _stacked(teachers: Sequence[Tensor]) -> Tensor:
    shapes = {tuple(logits.shape) for logits in teachers}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2:
        raise ValueError(
            f"expected one or more teachers with logits of one shape (N, C), got {sorted(shapes)}"
        )
    return torch.stack([full_precision(logits.detach()) for logits in teachers])


def teacher_weights(
    teachers: Sequence[Tensor], weighting: Weighting, labels: Tensor | None = None
) -> Tensor:
    """K tensors of (N, C) logits -> (K, N) weights without gradient.

    Each image's weights lie in 0..1 and sum to 1.

    - average: 1 / K.
    - entropy: (1 - H_k / sum of H) / (K - 1), H_k the entropy of teacher k's probabilities at
      T = 1, in nats. Kwon et al. 2020, "Adaptive Knowledge Distillation Based on Entropy", in the
      form of the CA-MKD authors' code, divided by K - 1 so that the sum is 1.
    - confidence: (1 - softmax over k of CE_k) / (K - 1), CE_k teacher k's cross-entropy with the
      label, or with soft targets (N, C), at T = 1, in nats. Zhang et al. 2022, "Confidence-Aware
      Multi-Teacher Knowledge Distillation", equations 1 and 2.

    One teacher has weight 1. No weight of the last two exceeds 1 / (K - 1), so with two teachers
    one may count alone. ValueError: no teacher, unequal shapes, no labels for confidence, labels
    that are not (N,) integers.
    """
    logits = _stacked(teachers)
    count = len(logits)
    even = torch.full_like(logits[:, :, 0], 1 / count)
    if weighting is Weighting.CONFIDENCE:
        if labels is None:
            raise ValueError("confidence weights compare the teachers with the labels: give labels")
        if labels.ndim == 1:
            check_labels(labels, logits.shape[1])
        elif labels.shape != logits.shape[1:]:
            raise ValueError(f"expected soft targets {logits.shape[1:]}, got {tuple(labels.shape)}")
    if count == 1 or weighting is Weighting.AVERAGE:
        return even
    log_probabilities = functional.log_softmax(logits, 2)
    if labels is not None and weighting is Weighting.CONFIDENCE:
        wrongness = (
            -(log_probabilities * labels).sum(2)
            if labels.ndim == 2
            else -log_probabilities.gather(2, labels.long().expand(count, -1)[:, :, None]).squeeze(
                2
            )
        )
        return (1 - wrongness.softmax(0)) / (count - 1)
    entropy = (log_probabilities.exp() * log_probabilities).sum(2).neg().clamp_min(0)
    total = entropy.sum(0)
    # Teachers that are all entirely sure (a sum of 0) are equally sure.
    return torch.where(total > 0, (1 - safe_divide(entropy, total, 0.0)) / (count - 1), even)


def corrected(logits: Tensor, targets: Tensor) -> Tensor:
    """Logits (N, C) of a teacher, labels (N,) or soft targets (N, C) -> the same where it is right.

    Elsewhere the label's logit and the largest change places. Wen et al. 2019, "Preparing Lessons:
    Improve Knowledge Distillation with Better Supervision", section 3.1 (probability shift): the
    confidence and the order of the other classes stay; the label is no longer contradicted. A mixed
    image has no single label: a teacher that calls either of its two is right.
    """
    labels = hard_labels(targets)
    check_labels(labels, len(logits))
    called = logits.argmax(dim=1, keepdim=True)
    place = labels.long()[:, None]
    if targets.ndim == 2:
        place = torch.where(targets.gather(1, called) > 0, called, place)
    swapped = logits.clone()
    swapped.scatter_(1, called, logits.gather(1, place))
    return swapped.scatter_(1, place, logits.gather(1, called))


def multi_teacher_kl(
    student: Tensor,
    teachers: Sequence[Tensor],
    weighting: Weighting = Weighting.AVERAGE,
    labels: Tensor | None = None,
    temperature: float = 4.0,
    standardise: bool = False,
    weights: Tensor | None = None,
) -> Tensor:
    """Student logits (N, C), K tensors of (N, C) -> scalar.

    Mean over images of the sum over k of weight_kn * T^2 * KL(teacher k || student), in nats.
    CA-MKD (Zhang 2022), equation 3, as KL instead of cross-entropy: they differ by the teachers'
    entropy, a constant for the student. For the same reason the gradient is that of one KL to the
    weighted mean of the teachers' probabilities. Weights are judged on the logits as they are;
    ``standardise`` touches only the KL. ``weights`` (K, N), where given, stand for those of
    ``weighting``; they get no gradient. ValueError: ``teacher_weights`` and ``kl_per_sample``.
    """
    if weights is None:
        weights = teacher_weights(teachers, weighting, labels)
    divergences = torch.stack(
        [kl_per_sample(student, teacher, temperature, standardise) for teacher in teachers]
    )
    return (weights.detach() * divergences).sum(0).mean()
