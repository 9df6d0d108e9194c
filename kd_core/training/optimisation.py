"""The optimiser of a run, and its learning rate over the steps."""

from __future__ import annotations

import math

import torch
from torch import nn

from kd_core.schema.config import TrainConfig
from kd_core.schemes.scheme import Scheme


def optimiser_of(scheme: Scheme, config: TrainConfig) -> torch.optim.Optimizer:
    """As ``config`` names it, over everything in ``scheme`` that learns.

    Two groups: the learner, and what is trained along with it (a fusion, adapters).
    """
    groups = [{"params": list(part)} for part in clipped_apart(scheme) if part]
    # All tensors of a group at once: .35 ms a step where one after the other takes 2.6.
    if config.optimiser == "sgd":
        return torch.optim.SGD(
            groups,
            config.learning_rate,
            config.momentum,
            weight_decay=config.weight_decay,
            fused=True,
        )
    return torch.optim.AdamW(
        groups, config.learning_rate, weight_decay=config.weight_decay, fused=True
    )


def clipped_apart(scheme: Scheme) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """The learner's parameters, and those of the scheme's parts, whose gradients are clipped apart.

    Clipped together a fusion's gradient, which is the larger, shortened the student's step to .38
    of what it would have been.
    """
    return list(scheme.learner.parameters()), list(scheme.parts.parameters())


def clip_gradients(scheme: Scheme, largest: float) -> None:
    """Shorten the gradient of the learner, and that of the parts, to the norm ``largest``."""
    for part in clipped_apart(scheme):
        if part:
            nn.utils.clip_grad_norm_(part, largest)


def warm_up_steps(config: TrainConfig, steps: int) -> int:
    """Steps in which the rate rises, of a run of ``steps`` an epoch."""
    return max(config.warm_up_epochs * steps, int(config.warm_up * config.epochs * steps))


def warm_cosine(step: int, total: int, warm_up: int) -> float:
    """Factor of the learning rate, 0..1.

    Linear up to 1 over ``warm_up`` steps, then half a cosine down to 0.
    """
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, (step - warm_up) / max(1, total - warm_up))))
