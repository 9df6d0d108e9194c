"""Convolutions that are several while they learn and one once they are deployed.

Parallel linear branches, each with a batch norm of its own, are easier to train than their sum,
which is one convolution again (Ding et al. 2021, "RepVGG", section 3.3; Vasu et al. 2023,
"MobileOne", section 3.2).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class BranchedConv(nn.Module):
    """(N, I, H, W) -> (N, O, H/stride, W/stride): the sum of branches, then a ReLU if wanted.

    Branches are convolutions with batch norm, and, where outputs are the places and channels of the
    inputs, the batch norm of the input itself. (RepVGG's 1x1 branch of a depthwise convolution is
    left out: its scale per channel is what the batch norm after it takes away.)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        *,
        branches: int = 1,
        relu: bool = True,
    ) -> None:
        """``kernel`` is odd; ``branches`` counts the convolutions."""
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
                nn.BatchNorm2d(outputs),
            )
            for _ in range(branches)
        )
        same = inputs == outputs and groups in (1, inputs) and stride == 1
        self.identity = nn.BatchNorm2d(inputs) if same else None
        self.relu = nn.ReLU(inplace=True) if relu else None

    def forward(self, images: Tensor) -> Tensor:
        """See the class."""
        summed: Tensor = self.branches[0](images)
        for branch in self.branches[1:]:
            summed = summed + branch(images)
        if self.identity is not None:
            summed = summed + self.identity(images)
        return summed if self.relu is None else self.relu(summed)

    @torch.no_grad()
    def folded(self) -> nn.Sequential:
        """The one convolution with bias that does the same in eval mode, and its ReLU."""
        weights, biases = [], []
        for branch in self.branches:
            assert isinstance(branch, nn.Sequential)
            conv, norm = branch[0], branch[1]
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            scale, shift = _affine(norm)
            weights.append(conv.weight.double() * scale[:, None, None, None])
            biases.append(shift)
        if self.identity is not None:
            scale, shift = _affine(self.identity)
            weights.append(_identity(weights[0]) * scale[:, None, None, None])
            biases.append(shift)
        first = self.branches[0].get_submodule("0")
        assert isinstance(first, nn.Conv2d)
        one = nn.Conv2d(
            first.in_channels,
            first.out_channels,
            first.kernel_size[0],
            first.stride[0],
            first.kernel_size[0] // 2,
            groups=first.groups,
        ).to(first.weight)
        one.weight.copy_(torch.stack(weights).sum(dim=0))
        one.bias.copy_(torch.stack(biases).sum(dim=0))  # type: ignore[union-attr]
        return nn.Sequential(one) if self.relu is None else nn.Sequential(one, self.relu)


class Residual(nn.Module):
    """relu(x + body(x)); ``body`` keeps the shape of what it is given, and ends without a ReLU."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.relu = nn.ReLU(inplace=True)

    def forward(self, images: Tensor) -> Tensor:
        """See the class."""
        added: Tensor = self.relu(images + self.body(images))
        return added


def fold_branches(module: nn.Module) -> None:
    """Every BranchedConv in ``module`` becomes the one convolution that it amounts to."""
    for name, child in list(module.named_children()):
        if isinstance(child, BranchedConv):
            setattr(module, name, child.folded())
        else:
            fold_branches(child)


def _affine(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """What a batch norm in eval mode multiplies by and adds, each (K,) in float64."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    return scale, norm.bias.double() - norm.running_mean.double() * scale


def _identity(like: Tensor) -> Tensor:
    """The kernel (O, I / groups, k, k) that gives each channel back as it is."""
    kernel, own = torch.zeros_like(like), torch.arange(len(like))
    kernel[own, own % like.shape[1], like.shape[2] // 2, like.shape[3] // 2] = 1.0
    return kernel
