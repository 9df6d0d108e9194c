"""The exponential moving average (EMA) of a model's weights.

It is steadier than the weights themselves, and what is validated and kept.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


class Ema:
    """``model`` follows another of the same shape; ``steps`` says how often it has."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        """``decay`` in 0..1 per step, once the average has grown up."""
        self.model = copy.deepcopy(model).requires_grad_(False)
        self.steps = 0
        self._decay = decay

    @torch.no_grad()
    def follow(self, model: nn.Module) -> None:
        """One step towards ``model``'s weights and batch norm statistics."""
        # Young averages forget faster, or the random first weights would rule them for a dozen
        # epochs.
        self.steps += 1
        decay = min(self._decay, (1 + self.steps) / (10 + self.steps))
        for mean, value in zip(
            self.model.state_dict().values(), model.state_dict().values(), strict=True
        ):
            if mean.is_floating_point():
                mean.lerp_(value, 1.0 - decay)
            else:
                mean.copy_(value)

    def copied(self) -> dict[str, Tensor]:
        """A copy of the averaged state on the CPU."""
        return {
            name: tensor.detach().cpu().clone() for name, tensor in self.model.state_dict().items()
        }
