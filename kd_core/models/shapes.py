"""The layers of the built-in students, by the name of their shape.

The paper (arXiv 2308.08731) gives the parameter count and not the layers; these are our readings.
Early strides keep a frame cheap (nearly all cost of a textbook stack lies in its first full-size
layers), the last map stays at stride 16 (14 x 14 of 224) so that a heat map can point at a small
lesion. Both have 11 stages, so the last layer of either goes by one name.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import nn

from kd_core.models.branches import BranchedConv, Residual
from kd_core.schema.errors import ModelError
from kd_core.schema.student_shapes import PLAIN, RESIDUAL, STUDENTS


class Shape(NamedTuple):
    """``stages`` from (N, 3, S, S) to the last map of ``width`` channels.

    ``stem``: how many of them retraining leaves as they are: up to the last stride, where an image
    is 64 maps of 14 x 14, all 0 or above.
    """

    stages: nn.Sequential
    width: int
    stem: int


def shape_of(name: str) -> Shape:
    """Untrained. Raises ModelError for a name that is not in STUDENTS."""
    makers = {PLAIN: _plain, RESIDUAL: _residual}
    if name not in makers:
        raise ModelError(
            f"There is no student's shape called '{name}'.", f"Take one of {', '.join(STUDENTS)}."
        )
    return makers[name]()


def _plain() -> Shape:
    """Depthwise-separable blocks of (channels, stride) after a stem of 32 channels."""
    channels = 32
    stages: list[nn.Module] = [_conv(3, channels, 3, 2)]
    for outputs, stride in ((48, 2), (64, 2), (64, 1), (160, 2), (160, 1)):
        stages += [
            _conv(channels, channels, 3, stride, groups=channels),
            _conv(channels, outputs, 1),
        ]
        channels = outputs
    return Shape(nn.Sequential(*stages), channels, 8)


def _conv(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


def _residual() -> Shape:
    """Half the stem, and what that saves spent on depth where maps are small.

    The cut into stem and tail lies in the middle of a block, between its depthwise stride and its
    pointwise convolution, where an image takes the fewest numbers.

    Convolutions have one branch beside that of their input: a step takes as long as the plain one's
    (112 px, one thread: 690 and 720 images a second; 224 px: 246 and 206).
    """
    stages = nn.Sequential(
        BranchedConv(3, 16, 3, 2),
        _separable(16, 32, 2),
        _separable(32, 64, 2),
        Residual(_separable(64, 64, relu=False)),
        Residual(_depthwise(64, relu=False)),
        _depthwise(64, 2),
        BranchedConv(64, 80, 1),
        *(Residual(_separable(80, 80, relu=False)) for _ in range(3)),
        _separable(80, 160),
    )
    return Shape(stages, 160, 6)


def _depthwise(channels: int, stride: int = 1, *, relu: bool = True) -> BranchedConv:
    return BranchedConv(channels, channels, 3, stride, channels, relu=relu)


def _separable(inputs: int, outputs: int, stride: int = 1, *, relu: bool = True) -> nn.Sequential:
    return nn.Sequential(_depthwise(inputs, stride), BranchedConv(inputs, outputs, 1, relu=relu))
