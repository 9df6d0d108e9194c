"""Several GPUs or machines (`torchrun -m kd_core ...`): each process takes a part of every batch.

The weights are those of one process. Batch norms see the whole batch; losses that compare images
with each other (DIST's "intra", RKD) see the process's part alone.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Protocol, Self

import torch
import torch.distributed as distributed
from torch import nn

from kd_core.training.shared_batch_norm import SharedBatchNorm2d, share_batch_norms

#: Processes wait so long for each other: one of them fills the teacher cache while the others stand
#: by.
LONGEST_WAIT = timedelta(hours=12)


class ProcessGroup(Protocol):
    """The processes that train together. The ``first`` writes and tells."""

    first: bool

    def wrap(self, scheme: nn.Module) -> nn.Module:
        """The module to call in training."""

    def part(self, size: int) -> tuple[slice, float]:
        """This process's part of a batch of ``size``, and the factor of its mean loss."""

    def agree(self, flag: bool) -> bool:
        """Whether anyone says so."""


class SingleProcess:
    """A group of one."""

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


class TorchrunGroup:
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
        """With shared batch norms, and gradients averaged over the processes."""
        share_batch_norms(scheme)
        self._norms = [part for part in scheme.modules() if isinstance(part, SharedBatchNorm2d)]
        # A static graph may leave parameters out, as some combinations of losses do: a hint alone
        # never reaches the head.
        return nn.parallel.DistributedDataParallel(
            scheme, forward_sync_buffers=False, static_graph=True
        )

    def part(self, size: int) -> tuple[slice, float]:
        """Parts in order of rank, as equal as can be.

        A batch smaller than the group goes to each of them whole.
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
        """Whether any process says so.

        All stop at the same batch, or the others would wait for ever.
        """
        vote = torch.tensor(float(flag))
        distributed.all_reduce(vote, distributed.ReduceOp.MAX)
        return bool(vote > 0)


def under_torchrun() -> bool:
    """Whether this process was started as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1
