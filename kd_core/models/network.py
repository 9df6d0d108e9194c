"""What a student or a teacher is: any module that gives logits and a feature map."""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
from torch import Tensor, nn

from kd_core.models.student import ModelOutput
from kd_core.schema.errors import ModelError


class OutputShape(NamedTuple):
    """``classes`` C of the logits, ``width`` K and ``grid`` (rows h) of the map (N, K, h, h)."""

    classes: int
    width: int
    grid: int


def output_of(network: nn.Module, images: Tensor) -> ModelOutput:
    """(N, 3, S, S) -> what ``network`` says of it.

    A network gives a ModelOutput, or a pair of logits (N, C) and features (N, K, h, w), or an
    object with these two attributes; the embedding is then the mean of the map over positions.
    Raises ModelError for anything else.
    """
    given = network(images)
    if isinstance(given, ModelOutput):
        return given
    logits, features = (
        (given.logits, given.features)
        if hasattr(given, "logits") and hasattr(given, "features")
        else given
        if isinstance(given, tuple) and len(given) == 2
        else (None, None)
    )
    if not (
        isinstance(logits, Tensor)
        and isinstance(features, Tensor)
        and logits.ndim == 2
        and features.ndim == 4
    ):
        raise ModelError(
            f"{type(network).__name__} does not give logits (N, C) and features (N, K, h, w).",
            "Return both from its forward.",
        )
    return ModelOutput(logits, features, features.mean(dim=(2, 3)))


@torch.no_grad()
def output_shape(network: nn.Module, size: int) -> OutputShape:
    """The shapes that ``network`` gives for images of ``size`` x ``size``. Raises ModelError."""
    # On a copy: a network may count what it has seen.
    probe = copy.deepcopy(network).eval()
    parameter = next(probe.parameters(), torch.zeros(1))
    images = torch.zeros(1, 3, size, size, device=parameter.device, dtype=parameter.dtype)
    output = output_of(probe, images)
    return OutputShape(output.logits.shape[1], output.features.shape[1], output.features.shape[2])
