"""The optimiser of a run, and its learning rate over the steps."""

from __future__ import annotations

import math

import torch

from kd_core.schema.config import TrainConfig
from kd_core.schemes.scheme import Scheme


def optimiser_of(scheme: Scheme, config: TrainConfig) -> torch.optim.Optimizer:
    """As ``config`` names it, over everything in ``scheme`` that learns."""
    if config.optimiser == "sgd":
        return torch.optim.SGD(
            scheme.parameters(),
            config.learning_rate,
            config.momentum,
            weight_decay=config.weight_decay,
        )
    return torch.optim.AdamW(
        scheme.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )


def warm_cosine(step: int, total: int, warm_up: int) -> float:
    """Factor of the learning rate, 0..1.

    Linear up to 1 over ``warm_up`` steps, then half a cosine down to 0.
    """
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, (step - warm_up) / max(1, total - warm_up))))
