"""A teacher: a pretrained trunk with the same three outputs as the student.

Frozen it never trains, whatever surrounds it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from kd_core.models.backbones import IMAGENET, make_trunk
from kd_core.models.earlier_map import Earlier, earlier_of, outputs_of
from kd_core.models.network import OutputShape, output_of, output_shape
from kd_core.models.reused_head import TeacherHead
from kd_core.models.student import ModelOutput
from kd_core.schema.errors import DataError
from kd_core.vision.preprocess import INPUT_SIZE

_PROBE_SIZE = 64  # px; enough for the deepest trunk (stride 32) to say how many channels it has
#: Most directions of a teacher's map that are handed to losses and kept in the cache; what it
#: explains is in the teacher's card.
BASIS_WIDTH = 256


class Teacher(nn.Module):
    """(N, 3, S, S) -> logits (N, C), last feature map (N, K, h, w), embedding (N, K)."""

    def __init__(
        self,
        name: str,
        class_count: int,
        *,
        weights: str | Path | None = IMAGENET,
        dropout: float = 0.2,
    ) -> None:
        """See ``backbones.make_trunk`` for ``name``, ``weights`` and the errors raised."""
        super().__init__()
        self.name = name
        self.trunk = make_trunk(name, weights)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(_channels(self.trunk), class_count)

    @property
    def embedding_size(self) -> int:
        """K, the channels of the last feature map."""
        return self.head.in_features

    def forward(self, images: Tensor) -> ModelOutput:
        """See the class."""
        features = self.trunk(images)
        embedding = features.mean(dim=(2, 3))
        return ModelOutput(self.head(self.dropout(embedding)), features, embedding)


class FrozenTeacher(nn.Module):
    """Holds a teacher that cannot learn.

    Eval mode even when the module around it is put into training, no gradients at all. With a
    ``basis`` (R, K) its map and embedding are given along those R directions: see
    ``strongest_directions``. ``with_earlier`` hands out a finer map too.
    """

    basis: Tensor | None

    def __init__(
        self,
        teacher: nn.Module,
        basis: Tensor | None = None,
        *,
        name: str | None = None,
        size: int = INPUT_SIZE,
        order: Sequence[int] | None = None,
    ) -> None:
        """``teacher``: any network that gives logits and features.

        ``name`` is needed for one that is no Teacher. ``size``: of the images that it will see.
        ``order``: of its classes among the logits that are handed out.
        """
        super().__init__()
        self.teacher = teacher.eval().requires_grad_(False)
        self.name = name or str(getattr(teacher, "name", type(teacher).__name__))
        self._order = list(order) if order is not None else None
        self._size = size
        self.register_buffer("basis", basis)
        self._fingerprint = ""
        self._earlier: Earlier | None = None

    def with_earlier(self) -> FrozenTeacher:
        """The same teacher, whose map goes on with the channels of an earlier one.

        That one is pooled to the places of the last and keeps all its channels. Raises ModelError
        where the network has none (see ``earlier_map``).
        """
        made = FrozenTeacher(
            self.teacher, self.basis, name=self.name, size=self._size, order=self._order
        )
        made._earlier = earlier_of(self.teacher, self._size)
        return made

    @cached_property
    def _shape(self) -> OutputShape:
        return output_shape(self.teacher, self._size)

    @property
    def grid(self) -> int:
        """Positions along a side of the map (7 for a stride of 32 at 224 px)."""
        return self._shape.grid

    @property
    def class_count(self) -> int:
        """C."""
        return self._shape.classes

    @property
    def width(self) -> int:
        """The channels of the map that is handed out, an earlier one's too."""
        return self.last_width + self.earlier_width

    @property
    def last_width(self) -> int:
        """R, the channels of the last map as it is handed out."""
        return self._shape.width if self.basis is None else len(self.basis)

    @property
    def earlier_width(self) -> int:
        """The channels of an earlier map behind them; 0: there is none."""
        return self._earlier.width if self._earlier else 0

    @torch.no_grad()
    def head(self) -> TeacherHead:
        """What classifies the mean of its last map as it is handed out.

        Along fewer directions than the map has it is the nearest that they allow: what lies across
        them is not handed out. Raises DataError for a network that is no fine-tuned backbone.
        """
        if not isinstance(self.teacher, Teacher):
            raise DataError(
                f"The head of the teacher {self.name} cannot be reused: it is no backbone of ours.",
                "Take head own, or teachers of kd-core train-teacher.",
            )
        weight, bias = self.teacher.head.weight.float(), self.teacher.head.bias.float()
        if self.basis is not None:
            weight = weight @ torch.linalg.pinv(self.basis.double()).to(weight)
        return TeacherHead(weight, bias)

    @property
    def fingerprint(self) -> str:
        """Hex digest of what logits and map depend on: architecture, weights and basis."""
        if not self._fingerprint:
            digest = hashlib.sha256(self.name.encode())
            if self._order is not None:
                digest.update(repr(self._order).encode())
            if self._earlier:
                digest.update(repr(self._earlier).encode())
            for name, tensor in sorted(self.state_dict().items()):
                digest.update(name.encode())
                plain = tensor.detach().cpu().contiguous().reshape(-1)
                digest.update(plain.view(torch.uint8).numpy().tobytes())
            self._fingerprint = digest.hexdigest()
        return self._fingerprint

    def train(self, mode: bool = True) -> Self:
        """Stays in eval.

        A batch norm in training mode would change the teacher without any gradient.
        """
        return super().train(False)

    @torch.no_grad()
    def forward(self, images: Tensor) -> ModelOutput:
        """As the teacher, the map along the basis if there is one; the outputs carry no graph."""
        output, earlier = (
            outputs_of(self.teacher, self._earlier.block, images)
            if self._earlier
            else (output_of(self.teacher, images), None)
        )
        if self._order is not None:
            output = output._replace(logits=output.logits[:, self._order])
        features = output.features
        if self.basis is not None:
            features = torch.einsum("rk,nkhw->nrhw", self.basis, features.float())
        if earlier is not None:
            features = torch.cat([features, earlier.to(features)], 1)
        if features is output.features:
            return output
        return ModelOutput(output.logits, features, features.mean(dim=(2, 3)))


@torch.no_grad()
def strongest_directions(maps: Tensor, width: int = BASIS_WIDTH) -> tuple[Tensor, float]:
    """Maps (N, K, h, w) -> basis (R, K), and the share of the maps' energy that it keeps.

    R = min(width, K). Principal directions without centring (so that energies, which attention
    transfer compares, stay what they are), scaled so that what comes out has a mean square of 1:
    losses then mean the same for every teacher.
    """
    tokens = maps.double().flatten(2).transpose(1, 2).reshape(-1, maps.shape[1])
    values, vectors = torch.linalg.eigh(tokens.T @ tokens / len(tokens))
    width = min(width, len(values))
    strongest, directions = values[-width:].clamp_min(0), vectors[:, -width:].T
    share = float(strongest.sum() / values.clamp_min(0).sum().clamp_min(1e-30))
    return (directions / (strongest.mean().sqrt() + 1e-12)).float(), share


@torch.no_grad()
def _channels(trunk: nn.Module) -> int:
    was_training = trunk.training
    channels = int(trunk.eval()(torch.zeros(1, 3, _PROBE_SIZE, _PROBE_SIZE)).shape[1])
    trunk.train(was_training)
    return channels
