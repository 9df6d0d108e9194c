"""How well teachers, weighed for each image apart, name it together."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor

from kd_core.losses.tensors import full_precision

#: Below this a probability is 0 to a float32, whose logarithm no step could follow.
FAINTEST = 1e-12


def mixture_loss(shares: Tensor, teachers: Sequence[Tensor], targets: Tensor) -> Tensor:
    """Shares (N, T), T teachers' logits (N, C), labels (N,) or soft (N, C) -> scalar in nats.

    The mean over images of -log(sum over t of shares_t p_t(label)), for soft targets the mean over
    classes by their shares: the likelihood of a mixture of experts (Jacobs et al. 1991, "Adaptive
    Mixtures of Local Experts", equation 1.3, with a class's probability in place of the Gaussian).
    Its gradient reaches the shares alone and moves them to the teachers that are right about this
    image. ValueError: another number of teachers than shares.

    >>> halves, knows = torch.tensor([[0.5, 0.5]]), torch.tensor([[100.0, 0.0]])
    >>> round(float(mixture_loss(halves, [knows, -knows], torch.tensor([0]))), 4)  # log 2
    0.6931
    """
    if shares.ndim != 2 or len(teachers) != shares.shape[1]:
        raise ValueError(f"{len(teachers)} teachers for shares of {tuple(shares.shape)}")
    told = torch.stack([full_precision(row.detach()).softmax(1) for row in teachers], 1)
    mixed = (full_precision(shares)[:, :, None] * told).sum(1).clamp_min(FAINTEST).log()
    if targets.ndim == 2:
        return -(targets * mixed).sum(1).mean()
    return functional.nll_loss(mixed, targets)
