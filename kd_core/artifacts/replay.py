"""Old knowledge for retraining: what the student's frozen front makes of stored pictures, with
labels and the teachers' answers.

Latent replay (Pellegrini et al. 2020): the pictures themselves are not kept and cannot be shown. A
latent is 64 maps of 14 x 14 numbers in eight bits, 12.5 kB a picture. It is of use as long as the
student's front is the one that made it, which retraining never changes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from kd_core.artifacts.checkpoint import writing
from kd_core.models.student import FRONT_STAGES, Student
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.json_text import JsonError, decode_json
from kd_core.schema.model_files import is_pickle

_LEVELS = 255
_TENSORS = ("latents", "scale", "labels", "answers", "held_out")


@dataclass(frozen=True)
class Replay:
    """latents (N, K, h, w) uint8 and scale (K,): multiply to get the front's numbers. labels (N,)
    int64, answers (N, C) float: mean of the teachers' logits, held_out (N,) bool: never trained on,
    only asked whether old classes are still known.
    """

    latents: Tensor
    scale: Tensor
    labels: Tensor
    answers: Tensor
    held_out: Tensor
    classes: tuple[str, ...]
    front: str
    source: str

    def __post_init__(self) -> None:
        """Raises ValueError for parts that do not belong together."""
        count = len(self.latents)
        fits = (
            self.latents.ndim == 4
            and self.scale.shape == self.latents.shape[1:2]
            and self.answers.shape == (count, len(self.classes))
        )
        if not fits or len(self.labels) != count or len(self.held_out) != count:
            raise ValueError("latents, labels and answers of a replay set do not belong together")
        if count and not 0 <= int(self.labels.min()) <= int(self.labels.max()) < len(self.classes):
            raise ValueError("a label of the replay set is of none of its classes")

    def latent(self, places: Tensor) -> Tensor:
        """(n,) places -> (n, K, h, w) float."""
        return self.latents[places].float() * self.scale[:, None, None]


def quantised(latents: Tensor) -> tuple[Tensor, Tensor]:
    """(N, K, h, w) floats, 0 or above -> the same as uint8, and what one step is worth in each
    channel (K,).
    """
    scale = latents.amax(dim=(0, 2, 3)).clamp(min=1e-12) / _LEVELS
    return (latents / scale[:, None, None]).round().clamp(0, _LEVELS).to(torch.uint8), scale


def front_digest(student: Student) -> str:
    """Hex digest of every weight that ``front_of`` uses."""
    digest = hashlib.sha256()
    for name, tensor in student.stages[:FRONT_STAGES].state_dict().items():
        if tensor.is_floating_point():  # a batch norm's count of batches changes nothing
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def write_replay(replay: Replay, path: Path) -> None:
    """Raises DataError where it cannot be written."""
    words = {
        "classes": msgspec.json.encode(replay.classes).decode(),
        "front": replay.front,
        "source": replay.source,
    }
    tensors = {name: getattr(replay, name).contiguous() for name in _TENSORS}
    tensors["answers"] = tensors["answers"].half()
    with writing(path.parent):
        write_atomically(path, safetensors.torch.save(tensors, words))


def read_replay(path: Path, student: Student) -> Replay:
    """Raises ModelError for a pickle or a damaged file; DataError where another front made it
    than ``student``'s.
    """
    if is_pickle(path.name):
        raise ModelError(
            f"{path.name} is a pickle, which can run any program when it is opened, so it is"
            " refused.",
            "Use safetensors.",
        )
    damaged = ModelError(f"The replay set {path.name} is damaged.", "Use another copy of it.")
    try:
        with safe_open(path, "pt") as file:
            words: dict[str, Any] = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in _TENSORS}
        tensors["answers"] = tensors["answers"].float()
        classes = decode_json(words["classes"], tuple[str, ...])
        replay = Replay(**tensors, classes=classes, front=words["front"], source=words["source"])
    except FileNotFoundError:
        raise ModelError(f"There is no replay set at {path}.", "Name an existing one.") from None
    except (SafetensorError, KeyError, ValueError, OSError, JsonError) as error:
        raise damaged from error
    if replay.front != front_digest(student):
        raise DataError(
            "The replay set was made for a student with another front.",
            "Use the one that came with its ancestor.",
        )
    return replay
