"""Losses on a network's logits: softened KL, DKD and DIST.

Softened KL is Hinton's (2015), also in a standardised form; DKD is Zhao's (2022), DIST Huang's
(2022). Several teachers: kd_core.losses.teachers. Logits are finite and (N, C), in any float type;
results are float32, or float64 for float64. Teachers get no gradient. Divergences are built from
log-softmax alone: probabilities underflow and log 0 is -inf.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from kd_core.losses.tensors import (
    check_labels,
    check_temperature,
    no_autocast,
    noise_floor,
    nothing,
    prepared_logits,
    safe_divide,
)

#: Keeps the gradient of a standardised row finite when its logits are equal; far below any spread
#: of real logits.
STANDARD_EPS = 1e-6
#: Rows of probabilities that are longer than this, their mean taken out, correlate without special
#: care.
CLEAR = 1e-3


def standardised(logits: Tensor) -> Tensor:
    """(N, C) -> each row minus its mean, over its population standard deviation.

    Sun 2024, "Logit Standardization", algorithm 1.

    >>> standardised(torch.tensor([[1.0, 3.0], [7.0, 7.0]])).tolist()
    [[-1.0, 1.0], [0.0, 0.0]]

    A row of equal logits becomes zeros. The authors' code divides by the sample deviation instead:
    sqrt(C / (C - 1)) larger.
    """
    # The maximum goes first because it is exact: equal logits then leave zeros, and no rounding for
    # the division to blow up.
    shifted = logits - logits.detach().amax(1, keepdim=True)
    centred = shifted - shifted.mean(1, keepdim=True)
    return centred / (centred.square().mean(1, keepdim=True) + STANDARD_EPS**2).sqrt()


def kl_per_sample(
    student: Tensor, teacher: Tensor, temperature: float = 4.0, standardise: bool = False
) -> Tensor:
    """(N, C) logits twice -> (N,): T^2 * KL(teacher || student) at temperature T, in nats.

    Hinton, Vinyals, Dean 2015, equation 1 and the text after equation 4: T^2 keeps the gradient's
    size when T changes. ``standardise`` applies Sun 2024 first. ValueError: unequal shapes, an
    empty batch, C < 2, temperature not above 0.
    """
    log_student, log_teacher = _softened(student, teacher, temperature, standardise)
    return (
        functional.kl_div(log_student, log_teacher, reduction="none", log_target=True).sum(1)
        * temperature**2
    )


def softened_kl(
    student: Tensor, teacher: Tensor, temperature: float = 4.0, standardise: bool = False
) -> Tensor:
    """(N, C) logits twice -> scalar, the mean over the batch of ``kl_per_sample``, in nats.

    Source and errors are the same. The mean runs over images, not over classes too:
    reduction="mean" of kl_div would be C times too weak.

    >>> import math
    >>> teacher = torch.tensor([[0.0, math.log(3.0)]])  # probabilities 1/4 and 3/4
    >>> student = torch.zeros(1, 2)  # 1/2 and 1/2
    >>> by_hand = 0.25 * math.log(0.5) + 0.75 * math.log(1.5)
    >>> math.isclose(float(softened_kl(student, teacher, temperature=1.0)), by_hand, rel_tol=1e-5)
    True
    """
    log_student, log_teacher = _softened(student, teacher, temperature, standardise)
    return (
        functional.kl_div(log_student, log_teacher, reduction="batchmean", log_target=True)
        * temperature**2
    )


def _softened(
    student: Tensor, teacher: Tensor, temperature: float, standardise: bool
) -> tuple[Tensor, Tensor]:
    check_temperature(temperature)
    student, teacher = prepared_logits(student, teacher)
    if standardise:
        student, teacher = standardised(student), standardised(teacher)
    return functional.log_softmax(student / temperature, 1), functional.log_softmax(
        teacher / temperature, 1
    )


def _target_and_rest(logits: Tensor, label: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (N, C) -> log probabilities (N, 2) of target or not, (N, C - 1) of the others.

    The columns are (N, 1) and (N, C - 1); the latter is among the others alone.
    """
    rest = logits.gather(1, others)
    log_rest = rest.logsumexp(1, keepdim=True)
    two = functional.log_softmax(torch.cat((logits.gather(1, label), log_rest), 1), 1)
    return two, rest - log_rest


def decoupled(
    student: Tensor, teacher: Tensor, labels: Tensor, temperature: float = 4.0
) -> dict[str, Tensor]:
    """Logits (N, C) twice and labels (N,) -> scalars {"tckd", "nckd"}.

    Each is T^2 * KL in nats, mean over the batch; DKD weighs them, usually 1 and 8. Zhao et al.
    2022, "Decoupled Knowledge Distillation", section 3.1: KL = TCKD + (1 - p_t) * NCKD for each
    image, p_t being the teacher's probability of the label; section 3.2 replaces 1 - p_t by a
    constant. With two classes only one class is not the target, so NCKD is 0 and TCKD the whole KL.
    ValueError: as ``kl_per_sample``, or labels that are not (N,) integers.
    """
    check_temperature(temperature)
    student, teacher = prepared_logits(student, teacher)
    check_labels(labels, len(student))
    # By its place and not by a large negative number, as in the authors' code: the target cannot
    # leak back in at logits of 1e4.
    label = labels.long()[:, None]
    places = torch.arange(student.shape[1] - 1, device=student.device)
    others = places + (places >= label)
    target_student, others_student = _target_and_rest(student / temperature, label, others)
    target_teacher, others_teacher = _target_and_rest(teacher / temperature, label, others)
    tckd = functional.kl_div(target_student, target_teacher, reduction="batchmean", log_target=True)
    nckd = functional.kl_div(others_student, others_teacher, reduction="batchmean", log_target=True)
    return {"tckd": tckd * temperature**2, "nckd": nckd * temperature**2}


def _unrelated(student: Tensor, teacher: Tensor) -> Tensor:
    """1 - Pearson correlation of each row, (R, L) twice -> (R,).

    0 where the teacher is constant, 1 where only the student is.
    """
    ours, theirs = (rows - rows.mean(1, keepdim=True) for rows in (student, teacher))
    long, wide = (torch.linalg.vector_norm(rows, dim=1) for rows in (ours, theirs))
    if bool(torch.minimum(long.detach(), wide).min() > CLEAR):
        correlated: Tensor = (ours * theirs).sum(1) / (long * wide)
        return 1 - correlated
    # In float64: the squares of probabilities below 1e-19 would vanish in float32.
    ours, theirs = ours.double(), theirs.double()
    varies, wanted = (
        centred.detach().abs().amax(1) > noise_floor(rows, 1)[:, 0]
        for centred, rows in ((ours, student), (theirs, teacher))
    )
    lengths = torch.linalg.vector_norm(ours, dim=1) * torch.linalg.vector_norm(theirs, dim=1)
    correlation = safe_divide(
        (ours * theirs).sum(1), torch.where(varies & wanted, lengths, 0.0), 0.0
    )
    return torch.where(wanted, 1 - correlation, 0.0).to(student.dtype)


def dist(student: Tensor, teacher: Tensor, temperature: float = 4.0) -> dict[str, Tensor]:
    """Logits (N, C) twice -> scalars {"inter", "intra"}.

    Each is T^2 * (1 - Pearson) of softened probabilities; DIST weighs them, usually 2 and 2. Huang
    et al. 2022, "Knowledge Distillation from A Stronger Teacher", section 4: "inter" correlates the
    classes of each image (rows), "intra" the images of each class (columns); T^2 is the authors'
    code's. A row or column that is constant in the teacher has no relation to teach and counts 0:
    so "intra" is 0 for a batch of one. With two classes any two rows correlate by +-1, so "inter"
    gives no gradient. ValueError: as ``kl_per_sample``.

    >>> logits = torch.tensor([[2.0, 0.0, 1.0], [0.0, 1.0, 3.0]])
    >>> {name: round(float(value), 4) for name, value in dist(logits, logits).items()}
    {'inter': 0.0, 'intra': 0.0}
    """
    check_temperature(temperature)
    student, teacher = prepared_logits(student, teacher)
    with no_autocast(student):
        rows, wanted = (
            functional.softmax(student / temperature, 1),
            functional.softmax(teacher / temperature, 1),
        )
        inter = _unrelated(rows, wanted).mean() * temperature**2
        intra = (
            _unrelated(rows.T, wanted.T).mean() * temperature**2 if len(rows) > 1 else nothing(rows)
        )
    return {"inter": inter, "intra": intra}
