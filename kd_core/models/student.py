"""The student: 51.8k parameters with an 8-class head once its batch norms are folded.

Convolutions, global average pooling and one linear layer, which makes Grad-CAM exact in closed form
(kd_core.vision.cam). Its layers by name: kd_core.models.shapes.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import NamedTuple

import torch
from torch import Tensor, nn

from kd_core.models.branches import fold_branches
from kd_core.models.reused_head import folded_head
from kd_core.models.shapes import shape_of
from kd_core.schema.student_shapes import STUDENTS

#: What is trained unless another shape is named.
ARCHITECTURE = STUDENTS[0]


class ModelOutput(NamedTuple):
    """logits (N, C), last feature map (N, K, h, w), embedding = its mean over positions (N, K)."""

    logits: Tensor
    features: Tensor
    embedding: Tensor


class Student(nn.Module):
    """(N, 3, 224, 224) -> ModelOutput. Any input size that is a multiple of 16 works."""

    def __init__(self, class_count: int, architecture: str = ARCHITECTURE) -> None:
        """``architecture``: one of STUDENTS. Raises ModelError for another."""
        super().__init__()
        shape = shape_of(architecture)
        self.architecture, self._stem_stages = architecture, shape.stem
        self.stages = shape.stages
        self.head = nn.Linear(shape.width, class_count)

    @property
    def stem(self) -> nn.Sequential:
        """The stages that retraining leaves as they are."""
        return nn.Sequential(*list(self.stages)[: self._stem_stages])

    @property
    def tail(self) -> nn.Sequential:
        """The stages after the stem."""
        return nn.Sequential(*list(self.stages)[self._stem_stages :])

    def forward(self, images: Tensor) -> ModelOutput:
        """See the class."""
        return self._output(self.stages(images))

    def _output(self, features: Tensor) -> ModelOutput:
        embedding = features.mean(dim=(2, 3))
        return ModelOutput(self.head(embedding), features, embedding)

    def of_latents(self, latents: Tensor) -> ModelOutput:
        """What ``stem`` made of images -> what ``forward`` gives for them."""
        return self._output(self.tail(latents))


def stem_of(student: Student, images: Tensor) -> Tensor:
    """(N, 3, S, S) model input -> latents (N, 64, S/16, S/16), all 0 or above.

    By the stages that retraining leaves as they are.
    """
    latents: Tensor = student.stem(images)
    return latents


def tail_of(student: Student, latents: Tensor) -> ModelOutput:
    """Latents of ``stem_of`` -> what ``forward`` gives for the images."""
    return student.of_latents(latents)


def count_parameters(module: nn.Module) -> int:
    """Trainable parameters."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def deployed_parameters(network: nn.Module) -> int:
    """Parameters of what a model folder holds of ``network``, frozen ones too."""
    kept = without_branches(network) if isinstance(network, Student) else network
    return sum(parameter.numel() for parameter in kept.parameters())


def without_branches(student: Student) -> Student:
    """A copy whose branches and reused head are folded, in eval mode: what a model folder holds.

    The same function. It can be trained further as it is (retraining does: it changes no batch
    norm statistics anyway); a student without branches, as the plain one, is copied only, since
    replay sets go by its stem's very weights.
    """
    made = copy.deepcopy(student).eval()
    fold_branches(made.stages)
    made.head = folded_head(made.head)
    return made


def fitting(student: Student, names: Collection[str]) -> Student:
    """``student``, without its branches where ``names`` are those of weights that have none."""
    if set(names) == set(student.state_dict()):
        return student
    return without_branches(student)


def folded(student: Student) -> Student:
    """A copy in eval mode whose branches and batch norms are folded into convolutions.

    The same function, fewer steps.
    """
    made = without_branches(student)
    for block in made.stages:
        if not (isinstance(block, nn.Sequential) and isinstance(block[1], nn.BatchNorm2d)):
            continue
        conv, norm = block[0], block[1]
        assert isinstance(conv, nn.Conv2d)
        block[0] = torch.nn.utils.fusion.fuse_conv_bn_eval(conv, norm)
        block[1] = nn.Identity()
    return made
