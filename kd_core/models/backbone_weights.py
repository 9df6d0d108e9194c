"""Weights from a file for a backbone: those of its own training, or of another, on endoscopy.

Files of others hold the same tensors under other names: nested beside an optimiser, with the name
of a wrapper before each, with a head for other classes. What is the backbone's is found; what is
missing or of another shape is said.
"""

from __future__ import annotations

from collections.abc import Collection, Set
from pathlib import Path

import torch
from torch import Tensor, nn

from kd_core.schema.errors import ModelError

#: Where training programs put the weights in what they save, the most likely first.
_NESTS = ("state_dict", "model_state_dict", "model", "teacher", "network")
#: What wrappers put before every name.
_WRAPPERS = ("module.", "backbone.", "encoder.", "model.", "net.", "trunk.")
_DEEPEST_WRAPPING = 2


def fill(net: nn.Module, file: Path, name: str, heads: Collection[str]) -> None:
    """Put the weights in ``file`` into ``net``, the backbone called ``name``.

    Layers whose names begin with one of ``heads`` classify, and are left as they are. No code in
    the file is run. Raises ModelError where it cannot be read, or is of another network.
    """
    wanted = {
        key: tensor for key, tensor in net.state_dict().items() if not key.startswith(tuple(heads))
    }
    given = _best_named(_tensors(file, name), wanted.keys())
    # A counter of batch norm's, which files of before 2018 lack and evaluation does not use.
    missing = [key for key in wanted if key not in given and "num_batches_tracked" not in key]
    other = [key for key in wanted if key in given and given[key].shape != wanted[key].shape]
    if missing or other:
        parts = [f"it lacks {len(missing)} (the first is {missing[0]})"] if missing else []
        if other:
            shapes = [tuple(table[other[0]].shape) for table in (given, wanted)]
            parts.append(
                f"{len(other)} have another shape (the first is {other[0]}: {shapes[0]}, not"
                f" {shapes[1]})"
            )
        raise ModelError(
            f"The weights given are not those of {name}: of its {len(wanted)} tensors"
            f" {'; '.join(parts)}.",
            "Name the file that belongs to it, or the backbone that belongs to the file.",
        )
    net.load_state_dict({key: given[key] for key in wanted if key in given}, strict=False)


def _best_named(given: dict[str, Tensor], wanted: Set[str]) -> dict[str, Tensor]:
    """``given`` under the names that the most of ``wanted`` are found by, wrappers taken off."""
    tables = [given]
    for _ in range(_DEEPEST_WRAPPING):
        tables += [
            {key.removeprefix(wrapper): tensor for key, tensor in table.items()}
            for table in tables
            for wrapper in _WRAPPERS
            if any(key.startswith(wrapper) for key in table)
        ]
    return max(tables, key=lambda table: len(table.keys() & wanted))


def _tensors(file: Path, name: str) -> dict[str, Tensor]:
    """A state dict from safetensors or from PyTorch's own format.

    Of the latter only tensors are read and no code is run.
    """
    try:
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(file))
        stored: object = torch.load(file, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise ModelError(
            f"The weights of {name} are not there.", "Name an existing file."
        ) from error
    except Exception as error:  # safetensors and pickle raise classes of their own
        way_out = "Give a safetensors file, or a state dict that holds nothing but tensors."
        raise ModelError(
            f"The weights of {name} in {file.name} cannot be read.", way_out
        ) from error
    while isinstance(stored, dict) and (nest := next((k for k in _NESTS if k in stored), "")):
        stored = stored[nest]
    tensors = stored.items() if isinstance(stored, dict) else ()
    return {str(key): value for key, value in tensors if isinstance(value, Tensor)}
