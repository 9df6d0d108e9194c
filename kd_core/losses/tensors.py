"""What the losses share.

Full precision, teachers without gradient, checks of shape, and division that survives zero.
"""

from __future__ import annotations

import torch
from torch import Tensor

from kd_core.schema.class_heads import NO_LABEL as NO_LABEL

#: Below this no float32 can be divided by without overflow; what is smaller counts as zero.
TINY = 1e-20


def full_precision(values: Tensor) -> Tensor:
    """Half and bfloat16 become float32, float32 and float64 stay.

    Sums of exponentials and of squares overflow a half at 65,504.
    """
    return values.float() if values.dtype in (torch.float16, torch.bfloat16) else values


def no_autocast(values: Tensor) -> torch.autocast:
    """A context in which autocast does not turn the products of a loss back into halves."""
    return torch.autocast(values.device.type, enabled=False)


def prepared(student: Tensor, teacher: Tensor, dimensions: int) -> tuple[Tensor, Tensor]:
    """Both in the student's full precision, the teacher detached.

    ValueError: not ``dimensions`` axes, unequal batches, an empty tensor.
    """
    if student.ndim != dimensions or teacher.ndim != dimensions:
        raise ValueError(
            f"expected {dimensions} axes, got student {tuple(student.shape)} and teacher"
            f" {tuple(teacher.shape)}"
        )
    if len(student) != len(teacher):
        raise ValueError(
            f"unequal batches: student {tuple(student.shape)} and teacher {tuple(teacher.shape)}"
        )
    if student.numel() == 0 or teacher.numel() == 0:
        raise ValueError(
            f"nothing to compare: student {tuple(student.shape)} and teacher {tuple(teacher.shape)}"
        )
    student = full_precision(student)
    return student, teacher.detach().to(student.dtype)


def prepared_logits(student: Tensor, teacher: Tensor) -> tuple[Tensor, Tensor]:
    """``prepared`` for two (N, C) tensors of logits.

    ValueError also for unequal shapes and for fewer than two classes.
    """
    student, teacher = prepared(student, teacher, 2)
    if student.shape != teacher.shape or student.shape[1] < 2:
        raise ValueError(
            f"expected equal shapes (N, C >= 2), got student {tuple(student.shape)} and teacher"
            f" {tuple(teacher.shape)}"
        )
    return student, teacher


def check_labels(labels: Tensor, batch: int) -> None:
    """ValueError unless labels are (batch,) integers.

    A label outside the classes fails in the gather that uses it.
    """
    if labels.shape != (batch,) or labels.is_floating_point() or labels.dtype == torch.bool:
        raise ValueError(
            f"expected {batch} integer labels, got {tuple(labels.shape)} of {labels.dtype}"
        )


def hard_labels(targets: Tensor) -> Tensor:
    """Labels (N,), or the class (N,) that has the largest share of soft targets (N, C)."""
    return targets.argmax(1) if targets.ndim == 2 else targets


def check_temperature(temperature: float) -> None:
    """ValueError unless 0 < temperature < infinity (a NaN is refused too)."""
    if not 0 < temperature < float("inf"):
        raise ValueError(f"the temperature must be a positive number, got {temperature}")


def nothing(student: Tensor) -> Tensor:
    """A zero that still hangs on the student's graph.

    So backward() works where a batch is too small to compare anything.
    """
    return student[:0].sum()


def noise_floor(values: Tensor, dim: int | tuple[int, ...]) -> Tensor:
    """The spread, along dim (kept), that rounding alone can give ``values``.

    A difference below it is no signal.
    """
    return (
        16 * torch.finfo(values.dtype).eps * values.detach().abs().amax(dim, keepdim=True)
    ).clamp_min(TINY)


def safe_divide(numerator: Tensor, denominator: Tensor, floor: Tensor | float = TINY) -> Tensor:
    """numerator / denominator; 0 where the denominator does not exceed the floor.

    There the gradient is 0 too.
    """
    # The inner where comes first: a division by zero that is masked only afterwards still has a NaN
    # gradient.
    usable = denominator > floor
    return torch.where(
        usable,
        numerator / torch.where(usable, denominator, torch.ones_like(denominator)),
        torch.zeros_like(numerator),
    )
