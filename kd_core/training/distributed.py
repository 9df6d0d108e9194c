"""Several GPUs or machines (`torchrun -m kd_core ...`): each worker takes its part of every batch;
the weights are those of one process.

Batch norms see the whole batch, as in one process: torch's SyncBatchNorm does so on GPUs only, so
this one sums the moments itself and runs everywhere. Losses that compare pictures with each other
(DIST's "intra", RKD) see the worker's part alone.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Protocol, Self, cast

import torch
import torch.distributed as distributed
from torch import Tensor, nn

from kd_core.losses.tensors import full_precision

#: Workers wait so long for each other: one of them fills the teacher cache while the others stand
#: by.
LONGEST_WAIT = timedelta(hours=12)


class Workers(Protocol):
    """What the loop asks of those who train together. ``first`` writes and speaks."""

    first: bool

    def wrap(self, scheme: nn.Module) -> nn.Module:
        """The module to call in training."""

    def part(self, size: int) -> tuple[slice, float]:
        """This worker's part of a batch of ``size``, and the factor of its mean loss."""

    def agree(self, flag: bool) -> bool:
        """Whether anyone says so."""


class Alone:
    """One process."""

    first = True

    def wrap(self, scheme: nn.Module) -> nn.Module:
        """As it is."""
        return scheme

    def part(self, size: int) -> tuple[slice, float]:
        """All of it."""
        return slice(0, size), 1.0

    def agree(self, flag: bool) -> bool:
        """Its own word."""
        return flag


class Together:
    """The processes that torchrun started.

    Use as a context manager: the group is taken down in the end.
    """

    def __init__(self) -> None:
        """Reads torchrun's environment. On GPUs each worker takes the one of its local rank."""
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        distributed.init_process_group(backend, timeout=LONGEST_WAIT)
        self.rank, self.size = distributed.get_rank(), distributed.get_world_size()
        self.first = self.rank == 0
        self._norms: list[SharedBatchNorm2d] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        distributed.destroy_process_group()

    def wrap(self, scheme: nn.Module) -> nn.Module:
        """With shared batch norms, and gradients averaged over the workers."""
        share_batch_norms(scheme)
        self._norms = [part for part in scheme.modules() if isinstance(part, SharedBatchNorm2d)]
        # A static graph may leave parameters out, as some combinations of losses do: a hint alone
        # never reaches the head.
        return nn.parallel.DistributedDataParallel(
            scheme, forward_sync_buffers=False, static_graph=True
        )

    def part(self, size: int) -> tuple[slice, float]:
        """Parts in order of rank, as equal as can be.

        A batch smaller than the workers are many goes to each of them whole.
        """
        whole = size < self.size
        for norm in self._norms:
            norm.copies = self.size if whole else 1
        if whole:
            return slice(0, size), 1.0
        bounds = [round(size * rank / self.size) for rank in range(self.size + 1)]
        begin, end = bounds[self.rank], bounds[self.rank + 1]
        return slice(begin, end), (end - begin) * self.size / size

    def agree(self, flag: bool) -> bool:
        """Whether any worker says so: all stop at the same batch, or those who go on would wait
        for ever.
        """
        vote = torch.tensor(float(flag))
        distributed.all_reduce(vote, distributed.ReduceOp.MAX)
        return bool(vote > 0)


def under_torchrun() -> bool:
    """Whether this process was started as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


class SharedBatchNorm2d(nn.BatchNorm2d):
    """Batch norm over the pictures of all workers: the moments are summed, and so are their
    gradients.

    ``copies``: how many workers hold the same pictures, which the unbiased running variance must
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
    """The sum over workers; its gradient is the sum of the workers' gradients."""

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
    """Turn every BatchNorm2d of ``module``, in place, into a shared one with the same weights
    and statistics.
    """
    for part in module.modules():
        if type(part) is nn.BatchNorm2d:
            part.__class__ = SharedBatchNorm2d
