"""The student: 51.8k trainable parameters with an 8-class head.

Convolutions, global average pooling and one linear layer. The paper (arXiv 2308.08731) gives the
parameter count and not the layers; these are our reading. Early strides keep a frame cheap (nearly
all cost of a textbook stack lies in its first full-size layers), the last map stays at stride 16
(14 x 14) so that a heat map can point at a small lesion, and GAP + linear makes Grad-CAM exact in
closed form (kd_core.vision.cam).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

#: (channels, stride) of each depthwise-separable block after the stem.
BLOCKS = ((48, 2), (64, 2), (64, 1), (160, 2), (160, 1))
STEM_CHANNELS = 32
ARCHITECTURE = "student-dws-32-48-64-64-160-160-s16"
#: Stages that retraining leaves as they are: after the last stride, where an image is 64 maps of
#: 14 x 14 (see ``stem_of``).
STEM_STAGES = 8


class ModelOutput(NamedTuple):
    """logits (N, C), last feature map (N, K, h, w), embedding = its mean over positions (N, K)."""

    logits: Tensor
    features: Tensor
    embedding: Tensor


def _conv(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Student(nn.Module):
    """(N, 3, 224, 224) -> ModelOutput. Any input size that is a multiple of 16 works."""

    def __init__(self, class_count: int) -> None:
        super().__init__()
        stages: list[nn.Module] = [_conv(3, STEM_CHANNELS, 3, 2)]
        channels = STEM_CHANNELS
        for outputs, stride in BLOCKS:
            stages += [
                _conv(channels, channels, 3, stride, groups=channels),
                _conv(channels, outputs, 1),
            ]
            channels = outputs
        self.stages = nn.Sequential(*stages)
        self.head = nn.Linear(channels, class_count)

    def forward(self, images: Tensor) -> ModelOutput:
        """See the class."""
        features = self.stages(images)
        embedding = features.mean(dim=(2, 3))
        return ModelOutput(self.head(embedding), features, embedding)


def stem_of(student: Student, images: Tensor) -> Tensor:
    """(N, 3, S, S) model input -> latents (N, 64, S/16, S/16), all 0 or above.

    By the stages that retraining leaves as they are.
    """
    latents: Tensor = student.stages[:STEM_STAGES](images)
    return latents


def tail_of(student: Student, latents: Tensor) -> ModelOutput:
    """Latents of ``stem_of`` -> what ``forward`` gives for the images."""
    features = student.stages[STEM_STAGES:](latents)
    embedding = features.mean(dim=(2, 3))
    return ModelOutput(student.head(embedding), features, embedding)


def count_parameters(module: nn.Module) -> int:
    """Trainable parameters."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def folded(student: Student) -> Student:
    """A copy in eval mode whose batch norms are folded into the convolutions before them.

    The same function, fewer steps.
    """
    copy = Student(student.head.out_features)
    copy.load_state_dict(student.state_dict())
    copy.eval()
    for block in copy.stages:
        assert isinstance(block, nn.Sequential)
        conv, norm = block[0], block[1]
        assert isinstance(conv, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        block[0] = torch.nn.utils.fusion.fuse_conv_bn_eval(conv, norm)
        block[1] = nn.Identity()
    return copy
