"""A finer map from within a teacher, beside its last one.

The last map says what is there, an earlier one where and of what texture (Romero et al. 2015,
"FitNets", take hints from the middle; Chen et al. 2021, "Distilling Knowledge via Knowledge
Review", equation 4, let a student read several depths at once).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from kd_core.models.fusion import pooled_to
from kd_core.models.network import output_of
from kd_core.models.student import ModelOutput
from kd_core.schema.errors import ModelError


class Earlier(NamedTuple):
    """``block``: the submodule whose map it is, by name; ``width``: its channels."""

    block: str
    width: int


@torch.no_grad()
def earlier_of(network: nn.Module, size: int) -> Earlier:
    """The last block that gives a finer map than the network's own, of the next finer grid.

    A block is a member of an nn.Sequential or nn.ModuleList; one within another block counts only
    where no outer one has such a map. ``size``: of the images, in px. Raises ModelError for a
    network that has none.
    """
    shapes: dict[str, torch.Size] = {}
    hooks = [
        module.register_forward_hook(_noting(shapes, name))
        for name, module in _blocks(network).items()
    ]
    parameter = next(network.parameters(), torch.zeros(1))
    images = torch.zeros(1, 3, size, size, device=parameter.device, dtype=parameter.dtype)
    was_training = network.training
    try:
        last = output_of(network.eval(), images).features.shape[2]
    finally:
        network.train(was_training)
        for hook in hooks:
            hook.remove()
    finer = {name: shape for name, shape in shapes.items() if len(shape) == 4 and shape[2] > last}
    if not finer:
        raise ModelError(
            f"{type(network).__name__} has no block that gives a finer map than its last.",
            "Take depths 1 with this teacher.",
        )
    grid = min(shape[2] for shape in finer.values())
    named = [name for name, shape in finer.items() if shape[2] == grid]
    outermost = min(name.count(".") for name in named)
    # In the order in which they were called
    chosen = [name for name in named if name.count(".") == outermost][-1]
    return Earlier(chosen, finer[chosen][1])


def outputs_of(network: nn.Module, block: str, images: Tensor) -> tuple[ModelOutput, Tensor]:
    """(N, 3, S, S) -> what ``network`` says of it, and the map of its ``block`` on the way.

    The latter is pooled to the grid of the last map.
    """
    kept: list[Tensor] = []
    hook = network.get_submodule(block).register_forward_hook(lambda *given: kept.append(given[2]))
    try:
        output = output_of(network, images)
    finally:
        hook.remove()
    # By plain numbers: ONNX has no pooling to a size that is known only when it runs
    grid, side = int(output.features.shape[2]), int(kept[-1].shape[2])
    if side % grid == 0:
        return output, functional.avg_pool2d(kept[-1], side // grid)
    return output, pooled_to(kept[-1], grid)


def _blocks(network: nn.Module) -> dict[str, nn.Module]:
    holders = {
        name
        for name, module in network.named_modules()
        if isinstance(module, nn.Sequential | nn.ModuleList)
    }
    return {
        name: module
        for name, module in network.named_modules()
        if name.rpartition(".")[0] in holders and name
    }


def _noting(shapes: dict[str, torch.Size], name: str) -> Callable[..., None]:
    def note(module: nn.Module, given: object, made: object) -> None:
        if isinstance(made, Tensor):
            shapes[name] = made.shape

    return note
