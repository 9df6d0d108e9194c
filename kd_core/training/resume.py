"""The state of a run on disk after every epoch, from which it resumes bit by bit.

One safetensors file, replaced in one step.

Order and augmentation of an epoch are drawn from (seed, epoch), so the generators need no saving:
weights, optimiser and the best so far are all there is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor

from kd_core.data.augment import POLICY_VERSION
from kd_core.data.view_policy import ViewPolicy, is_usual
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.config import TrainConfig, stored_form
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.json_text import JsonError, decode_json
from kd_core.vision import preprocess

State = dict[str, dict[str, Tensor]]


@dataclass(frozen=True)
class Resumable:
    """Where the state of a run lies and the fingerprint that it must have."""

    path: Path
    fingerprint: str

    def read(self) -> tuple[State, Progress] | None:
        """The state of this very run, or None; see read_state."""
        return read_state(self.path, self.fingerprint)


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What is not a tensor.

    ``run`` is the fingerprint of settings and data, ``epoch`` the last one completed, ``seconds``
    spent. ``risen_epoch``: the last that was better than all before, in states of before 2026-12
    the best one.
    """

    run: str
    epoch: int
    steps: int
    best_epoch: int
    best_scores: dict[str, float]
    seconds: float = 0.0
    risen_epoch: int | None = None


def fingerprint_of(*parts: msgspec.Struct | str | NDArray[Any]) -> str:
    """Hex digest of everything that decides a run's weights.

    Settings, data, teachers, and how images are prepared and augmented. A run never resumes from
    the state or result of another one.
    """
    digest = hashlib.sha256(f"{preprocess.VERSION} {POLICY_VERSION}".encode())
    for part in parts:
        content = (
            np.ascontiguousarray(part).reshape(-1).view(np.uint8).data
            if isinstance(part, np.ndarray)
            else msgspec.json.encode(stored_form(part) if isinstance(part, TrainConfig) else part)
        )
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def run_fingerprint(
    config: TrainConfig,
    policy: ViewPolicy,
    arrays: Sequence[NDArray[Any]],
    names: Sequence[str],
) -> str:
    """Of a run: settings, data, ``names`` of learner and teachers, and how views are made."""
    own = () if is_usual(policy) else (policy.version,)
    return fingerprint_of(config, *arrays, *names, *own)


def save_state(path: Path, tensors: State, progress: Progress) -> None:
    """Write all tensors by "part/name".

    Raises DataError on a full disk; the previous state then stays.
    """
    flat = {
        f"{part}/{name}": tensor.detach().cpu().contiguous()
        for part, named in tensors.items()
        for name, tensor in named.items()
    }
    content = safetensors.torch.save(flat, {"progress": msgspec.json.encode(progress).decode()})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError as error:
        way_out = (
            "Free some space and start the same command again: it resumes after the last epoch that"
            " was saved."
        )
        raise DataError(
            f"The state of the run cannot be written to {path}: {error.strerror}.", way_out
        ) from error


def read_state(path: Path, fingerprint: str) -> tuple[State, Progress] | None:
    """The state of this very run, or None where there is none or it belongs to another.

    Raises ModelError for a damaged file.
    """
    if not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            progress = decode_json(file.metadata()["progress"], Progress)
            if progress.run != fingerprint:
                return None
            tensors: State = {}
            for key in file.keys():  # noqa: SIM118  (it is no dict)
                part, _, name = key.partition("/")
                tensors.setdefault(part, {})[name] = file.get_tensor(key)
    except (SafetensorError, JsonError, KeyError, TypeError, OSError) as error:
        raise ModelError(
            f"The state of the run in {path} is damaged.",
            "Delete the file; the run then starts again.",
        ) from error
    return tensors, progress


@contextmanager
def resumed_state(path: Path) -> Iterator[None]:
    """Around what takes a state up: tensors of other shapes are a ModelError."""
    try:
        yield
    except (KeyError, RuntimeError, ValueError) as error:
        raise ModelError(
            "The state of the run was written by another version of this program.",
            f"Delete {path}; the run then starts again.",
        ) from error


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Its state by "number.name", all as tensors."""
    state: dict[int, dict[str, object]] = optimiser.state_dict()["state"]
    return {
        f"{number}.{name}": torch.as_tensor(value)
        for number, row in state.items()
        for name, value in row.items()
        if value is not None
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put ``optimiser_tensors`` back."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        number, _, name = key.partition(".")
        state.setdefault(int(number), {})[name] = tensor
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
    for parameter, row in optimiser.state.items():
        for name, tensor in row.items():
            if isinstance(tensor, Tensor) and tensor.shape == parameter.shape:
                # In the parameter's own layout: a fused step goes through memory, not through
                # indices, and what was read from a file is in the usual layout
                row[name] = torch.empty_like(parameter).copy_(tensor)
