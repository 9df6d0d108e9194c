"""What each of the two processes of test_distributed does, and the runs that one process is
compared by.
"""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import safetensors.torch
import torch
import torch.distributed as distributed
from numpy.typing import NDArray
from torch import Tensor, nn

from kd_core.models.student import Student
from kd_core.schema.config import LossWeights, TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schema.events import EpochEnded, RunEvent
from kd_core.schemes.scheme import Scheme
from kd_core.training.process_group import (
    ProcessGroup,
    TorchrunGroup,
    under_torchrun,
)
from kd_core.training.resume import Resumable
from kd_core.training.shared_batch_norm import SharedBatchNorm2d, share_batch_norms
from kd_core.training.trainer import Trainer
from kd_core.vision.preprocess import INPUT_SIZE
from tests.kd_core.fake_views import FakeViews
from tests.kd_core.tiny import coloured, events_of

PAIR = 2


class _EnoughError(Exception):
    """The first epoch is done."""


Weights = dict[str, Tensor]
#: 11 images in batches of 5, 5 and 1: halves of unequal size, and a batch smaller than the
#: workers are many.
SGD = TrainConfig(
    epochs=1,
    batch_size=5,
    learning_rate=0.05,
    warm_up_epochs=0,
    optimiser="sgd",
    ema=0.5,
    precision="fp32",
    seed=5,
)
ALL_MEANS = LossWeights(kl=0.5, hint=0.1, attention=10.0, anchor=1.0, guide=1.0, fused_kl=0.5)
#: Cases whose losses are means over images, for which two processes promise the weights of one.
CASES = {
    "student alone": SGD,
    "adamw": msgspec.structs.replace(SGD, optimiser="adamw", learning_rate=1e-3),
    "all means": msgspec.structs.replace(SGD, losses=ALL_MEANS),
    "a head that no loss reaches": msgspec.structs.replace(
        SGD, losses=LossWeights(cross_entropy=0, hint=1.0)
    ),
}
#: In float32 with steps so small that rounding does not grow from each to the next.
FLOAT32 = {
    "student alone in float32": msgspec.structs.replace(SGD, learning_rate=2e-3),
    "kl": msgspec.structs.replace(
        SGD, learning_rate=2e-3, losses=LossWeights(cross_entropy=0.3, kl=0.7)
    ),
}
TWO_EPOCHS = msgspec.structs.replace(SGD, epochs=2)
#: Relations between images see each worker's part alone: not the weights of one process, but an
#: end.
RELATIONS = msgspec.structs.replace(
    SGD, losses=LossWeights(anchor=1.0, distance=1.0, angle=1.0, inter=1.0, intra=1.0)
)


def training(
    config: TrainConfig,
    workers: ProcessGroup | None = None,
    state: Path | None = None,
    source: FakeViews | None = None,
    exact: bool = False,
) -> Trainer:
    """``exact``: the student in float64.

    Torch's own batch norm on a CPU is so far from it (a gradient 6e-3 off where the largest is 1;
    the shared one is 2e-6 off) that in float32 two right outputs differ by more than a mistake
    would.
    """
    widths = (8, 12) if config.losses != LossWeights() else ()
    torch.manual_seed(config.seed)
    scheme = Scheme(Student(2), config, widths)
    if exact:
        scheme.learner.double()
        # The average is a copy of it
        scheme.learner.register_forward_pre_hook(lambda _, given: (given[0].double(),))
    resumable = Resumable(state, "this run") if state else None
    source = source or FakeViews(11, widths, clouds(11))
    return Trainer(
        scheme, ("blue", "red"), source, coloured(4, seed=1), resumable=resumable, group=workers
    )


def clouds(count: int) -> NDArray[np.uint8]:
    """Smooth images that all differ.

    Uniform colours will not do: there float32's own gradients are a tenth from float64's.
    """
    generator = torch.Generator().manual_seed(count)
    coarse = torch.randn(count, 3, 14, 14, generator=generator)
    fine = nn.functional.interpolate(coarse, (INPUT_SIZE, INPUT_SIZE), mode="bilinear")
    made: NDArray[np.uint8] = (128 + 50 * fine).clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
    return made


def weights_of(made: Trainer) -> Weights:
    parts = {
        "best": made.best,
        "average": made.ema.model.state_dict(),
        "last": made.scheme.state_dict(),
    }
    return {
        f"{part} {name}": tensor.clone().contiguous()
        for part, named in parts.items()
        for name, tensor in named.items()
    }


def epochs_of(made: Trainer) -> list[int]:
    return [event.epoch for event in events_of(made) if isinstance(event, EpochEnded)]


def worker(folder: Path) -> None:
    """What each of the two does.

    Every step leaves a file behind; the last one breaks the pair on purpose.
    """
    torch.set_num_threads(1)
    told: dict[str, Any] = {"under torchrun": under_torchrun()}
    with TorchrunGroup() as pair:
        told |= {"rank": pair.rank, "first": pair.first}
        mine = folder / str(pair.rank)
        mine.mkdir()
        for name, config in {
            **CASES,
            **FLOAT32,
            "two epochs": TWO_EPOCHS,
            "relations": RELATIONS,
        }.items():
            made = training(config, pair, exact=name in CASES)
            told[name] = epochs_of(made)
            safetensors.torch.save_file(weights_of(made), mine / name)
        batch_norm(pair, mine)
        one_batch = FakeViews(3, (), clouds(3))
        told["own disks"] = [
            epochs_of(training(SGD, pair, mine / "state", one_batch)) for _ in range(2)
        ]
        told["votes"] = [
            pair.agree(False),
            pair.agree(pair.rank == 1),
            pair.agree(True),
            pair.agree(False),
        ]
        told["parts"] = {
            size: [*pair.part(size), {norm.copies for norm in pair._norms}] for size in (1, 2, 5, 6)
        }
        told["stop"] = stopped_by_the_second(pair)
        told["not finite"] = broken_for_one(pair)
        resumed = went_on(pair, folder)
        told["resumed"] = epochs_of(resumed)
        safetensors.torch.save_file(weights_of(resumed), mine / "resumed")
        (mine / "told.json").write_text(json.dumps(told, default=str))
        # Its disk is full after the first epoch; the other would wait for it in the second
        if pair.first:
            os.replace = full_disk  # type: ignore[assignment]
        training(TWO_EPOCHS, pair, folder / "no space").train()


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def stopped_by_the_second(pair: TorchrunGroup) -> list[Any]:
    made = training(TWO_EPOCHS, pair)
    asked = iter(range(100))
    events_of(made, lambda: next(asked) == 4 and pair.rank == 1)
    return [
        made.stopped,
        made.best_epoch,
        int(made.scheme.get_buffer("learner.stages.0.branches.0.1.num_batches_tracked")),
        next(asked),
    ]


def broken_for_one(pair: TorchrunGroup) -> str:
    """A teacher's output for one image is not a number, which only the worker that gets this
    image can see.
    """
    source = FakeViews(11, (8, 12))
    source.outputs[0].logits[:, 3] = torch.nan
    try:
        training(FLOAT32["kl"], pair, source=source).train()
    except DataError as error:
        return str(error)
    return "nothing"


def went_on(pair: TorchrunGroup, folder: Path) -> Trainer:
    made = training(TWO_EPOCHS, pair, folder / "state")

    def enough(event: RunEvent) -> None:
        if isinstance(event, EpochEnded):
            raise _EnoughError

    with suppress(_EnoughError):
        made.train(enough)
    distributed.barrier()  # a new start comes after the first has written
    return training(TWO_EPOCHS, pair, folder / "state")


def values() -> tuple[Tensor, Tensor]:
    """Seven images with one channel far from 0 for its spread, and weights that make every
    gradient another.
    """
    generator = torch.Generator().manual_seed(0)
    spread = torch.tensor([1.0, 0.1, 3.0])[:, None, None]
    far = torch.tensor([0.0, 30.0, -5.0])[:, None, None]
    return torch.randn(7, 3, 4, 5, generator=generator) * spread + far, torch.randn(
        7, 3, 4, 5, generator=generator
    )


def plain_norm() -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(3, eps=1e-3, momentum=0.3)
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([0.5, 1.0, 2.0]))
        norm.bias.copy_(torch.tensor([0.1, 0.0, -1.0]))
    return norm


def normed(norm: nn.Module, given: Tensor, weights: Tensor) -> Weights:
    """Two steps' worth of statistics, the gradients of the second, and an output in eval mode."""
    norm(given * 2)
    given = given.clone().requires_grad_()
    made = norm(given)
    (made * weights).sum().backward()
    assert given.grad is not None
    gradients = {
        name: parameter.grad
        for name, parameter in norm.named_parameters()
        if parameter.grad is not None
    }
    buffers = dict(norm.named_buffers())
    norm.eval()
    found = {
        "output": made.detach(),
        "input": given.grad,
        "judged": norm(given).detach(),
        **gradients,
        **buffers,
    }
    return {name: tensor.clone().contiguous() for name, tensor in found.items()}


def batch_norm(pair: TorchrunGroup, mine: Path) -> None:
    given, weights = values()
    part, _ = pair.part(len(given))
    module = nn.Sequential(plain_norm(), nn.ReLU())
    share_batch_norms(module)
    assert type(module[0]) is SharedBatchNorm2d
    safetensors.torch.save_file(normed(module[0], given[part], weights[part]), mine / "norm")
    copied = plain_norm()
    share_batch_norms(copied)
    assert isinstance(copied, SharedBatchNorm2d)
    copied.copies = PAIR
    safetensors.torch.save_file(normed(copied, given, weights), mine / "copied norm")
