"""What retraining replays so that the student keeps what it knew.

That is what its frozen stem makes of stored images, with labels and the teachers' logits. Latent
replay (Pellegrini et al. 2020): the images themselves are not kept and cannot be shown. A latent is
64 maps of 14 x 14 numbers in eight bits, 12.5 kB per image. It is of use as long as the student's
stem is the one that made it, which retraining never changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from kd_core.artifacts.checkpoint import writing
from kd_core.data.mask_bank import MaskBank
from kd_core.models.student import Student
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.json_text import JsonError, decode_json
from kd_core.schema.model_files import is_pickle

_LEVELS = 255
#: Field of ``Replay`` -> its name in the file.
_TENSORS = {
    "latents": "latents",
    "scale": "scale",
    "labels": "labels",
    "logits": "answers",
    "held_out": "held_out",
}
#: Masks of the images and their side, in files since preprocessing 3.
_MASKS, _MASK_SIDE = "masks", "mask_side"
#: The digest of the stem, by its name in the file.
_STEM = "front"


@dataclass(frozen=True)
class ToldLatents:
    """Latents of M images that logits alone say something of.

    ``latents`` (M, K, h, w) uint8, times ``scale`` (K,); ``logits`` (M, C) float.
    """

    latents: Tensor
    scale: Tensor
    logits: Tensor

    @property
    def digest(self) -> str:
        """Hex digest of all of it."""
        digest = hashlib.sha256()
        for part in (self.latents, self.scale, self.logits):
            digest.update(part.contiguous().numpy().tobytes())
        return digest.hexdigest()

    def latent(self, places: Tensor) -> Tensor:
        """(n,) places -> (n, K, h, w) float."""
        return self.latents[places].float() * self.scale[:, None, None]


@dataclass(frozen=True)
class Replay:
    """Latents of N images, with what is known of them.

    ``latents`` (N, K, h, w) uint8, times ``scale`` (K,): the stem's numbers. ``labels`` (N,) int64;
    ``logits`` (N, C) float, mean of the teachers'; ``held_out`` (N,) bool: never trained on, only
    asked whether old classes are still known. ``stem``: digest of the one that made them.
    ``masks``: of those images, to cover others by; None in files of before preprocessing 3.
    ``ask``: (n, K, h, w) latents -> logits (n, C) of the student that is to forget nothing, where
    mixtures of latents are practised too. ``told``: what is practised besides. Both in no file.
    """

    latents: Tensor
    scale: Tensor
    labels: Tensor
    logits: Tensor
    held_out: Tensor
    classes: tuple[str, ...]
    stem: str
    source: str
    masks: MaskBank | None = None
    ask: Callable[[Tensor], Tensor] | None = None
    told: ToldLatents | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for parts that do not belong together."""
        count = len(self.latents)
        fits = (
            self.latents.ndim == 4
            and self.scale.shape == self.latents.shape[1:2]
            and self.logits.shape == (count, len(self.classes))
        )
        if not fits or len(self.labels) != count or len(self.held_out) != count:
            raise ValueError("latents, labels and logits of a replay set do not belong together")
        if count and not 0 <= int(self.labels.min()) <= int(self.labels.max()) < len(self.classes):
            raise ValueError("a label of the replay set is of none of its classes")

    def latent(self, places: Tensor) -> Tensor:
        """(n,) places -> (n, K, h, w) float."""
        return self.latents[places].float() * self.scale[:, None, None]


def quantised(latents: Tensor) -> tuple[Tensor, Tensor]:
    """(N, K, h, w) floats, 0 or above -> the same as uint8, and scales (K,).

    A scale is what one step is worth in a channel.
    """
    scale = latents.amax(dim=(0, 2, 3)).clamp(min=1e-12) / _LEVELS
    return (latents / scale[:, None, None]).round().clamp(0, _LEVELS).to(torch.uint8), scale


def stem_digest(student: Student) -> str:
    """Hex digest of every weight that ``stem_of`` uses."""
    digest = hashlib.sha256()
    for name, tensor in student.stem.state_dict().items():
        if tensor.is_floating_point():  # a batch norm's count of batches changes nothing
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def write_replay(replay: Replay, path: Path) -> None:
    """Raises DataError where it cannot be written."""
    metadata = {
        "classes": msgspec.json.encode(replay.classes).decode(),
        _STEM: replay.stem,
        "source": replay.source,
    }
    tensors = {key: getattr(replay, name).contiguous() for name, key in _TENSORS.items()}
    tensors[_TENSORS["logits"]] = replay.logits.half().contiguous()
    if replay.masks is not None:
        tensors[_MASKS] = torch.from_numpy(replay.masks.packed).contiguous()
        metadata[_MASK_SIDE] = str(replay.masks.size)
    with writing(path.parent):
        write_atomically(path, safetensors.torch.save(tensors, metadata))


def read_replay(path: Path, student: Student) -> Replay:
    """The set in a file.

    Raises ModelError for a pickle or a damaged file; DataError where another stem made it than
    ``student``'s.
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
            metadata: dict[str, str] = file.metadata() or {}
            tensors = {name: file.get_tensor(key) for name, key in _TENSORS.items()}
            stored = file.get_tensor(_MASKS) if _MASKS in file.keys() else None  # noqa: SIM118
        tensors["logits"] = tensors["logits"].float()
        classes = decode_json(metadata["classes"], tuple[str, ...])
        masks = None if stored is None else MaskBank(stored.numpy(), int(metadata[_MASK_SIDE]))
        replay = Replay(
            **tensors,
            classes=classes,
            stem=metadata[_STEM],
            source=metadata["source"],
            masks=masks,
        )
    except FileNotFoundError:
        raise ModelError(f"There is no replay set at {path}.", "Name an existing one.") from None
    except (SafetensorError, KeyError, ValueError, OSError, JsonError) as error:
        raise damaged from error
    if replay.stem != stem_digest(student):
        raise DataError(
            "The replay set was made for a student with another stem.",
            "Use the one that came with its ancestor.",
        )
    return replay
