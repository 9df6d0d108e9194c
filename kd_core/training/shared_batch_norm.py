"""Batch norm over the images of all processes of a group.

torch's SyncBatchNorm does so on GPUs only; this one sums the moments itself and runs everywhere.
"""

from __future__ import annotations

from typing import cast

import torch
import torch.distributed as distributed
from torch import Tensor, nn

from kd_core.losses.tensors import full_precision


class SharedBatchNorm2d(nn.BatchNorm2d):
    """The moments of all processes are summed, and so are their gradients.

    ``copies``: how many processes hold the same images, which the unbiased running variance must
    not count twice.
    """

    copies = 1

    def forward(self, values: Tensor) -> Tensor:
        """(N, K, h, w) -> the same, normalised."""
        if not self.training:
            return super().forward(values)
        wide = full_precision(values)
        own = torch.cat([wide.sum((0, 2, 3)), wide.new_tensor([wide.numel() / wide.shape[1]])])
        whole = cast(Tensor, _Sum.apply(own))  # type: ignore[no-untyped-call]
        count = whole[-1]
        # A second sum, not the mean of squares: that one loses its digits where values lie far from
        # 0 for their spread.
        centred = wide - (mean := whole[:-1] / count)[:, None, None]
        variance = cast(Tensor, _Sum.apply(centred.square().sum((0, 2, 3)))) / count  # type: ignore[no-untyped-call]
        pictured = count / self.copies
        self._remember(mean.detach(), variance.detach() * pictured / (pictured - 1))
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return (centred * scale[:, None, None] + self.bias[:, None, None]).to(values.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        momentum = 0.1 if self.momentum is None else self.momentum
        if (
            self.running_mean is not None
            and self.running_var is not None
            and self.num_batches_tracked is not None
        ):
            self.running_mean.lerp_(mean, momentum)
            self.running_var.lerp_(variance, momentum)
            self.num_batches_tracked += 1


class _Sum(torch.autograd.Function):
    """The sum over processes; its gradient is the sum of theirs."""

    @staticmethod
    def forward(_: object, own: Tensor) -> Tensor:
        whole = own.clone()
        distributed.all_reduce(whole)
        return whole

    @staticmethod
    def backward(_: object, gradient: Tensor) -> Tensor:
        whole = gradient.clone()
        distributed.all_reduce(whole)
        return whole


def share_batch_norms(module: nn.Module) -> None:
    """Turn every BatchNorm2d of ``module``, in place, into a shared one.

    With the same weights and statistics.
    """
    for part in module.modules():
        if type(part) is nn.BatchNorm2d:
            part.__class__ = SharedBatchNorm2d
