"""Which shape of a student of 51.4k to 51.9k parameters learns most in the same time?

    python -m tests.benchmarks.shape_search --data ../shared/data/hyperkvasir-lower-gi --out /tmp/s
    [--minutes 6] [--seeds 2] [--shapes residual,wider]

Each shape is trained alone, from labels, for as many epochs as fit into the same minutes of the
processor (its first epoch, which is timed and thrown away, says how many those are): same images,
views and seed. Scored on validation; the test part stays closed. Prints parameters once deployed,
multiplications of a 224 px image, milliseconds of one thread for it, accuracy and macro-F1, in
Markdown. The same command resumes.
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from kd_core.data.labelled import DataSet
from kd_core.data.teacher_cache import GIGABYTE, CachedViews
from kd_core.data.view_policy import ViewPolicy
from kd_core.models.branches import BranchedConv, Residual, fold_branches
from kd_core.models.shapes import shape_of
from kd_core.models.student import ModelOutput
from kd_core.reproduction.spread import spread_of
from kd_core.schema.config import TrainConfig
from kd_core.schema.student_shapes import PLAIN
from kd_core.vision.preprocess import INPUT_SIZE
from tests.benchmarks.short_training import TrialRun, covering, train_short, validation_data


class Layout(NamedTuple):
    """Channels of the stem, of strides 4 and 8, of the blocks at stride 16, of the last map.

    ``blocks``: how many of those at stride 16. ``residual``: they are added to what they are given;
    ``identity``: convolutions have the branch of their input; ``branches``: convolutions that are
    one once deployed.
    """

    stem: int = 16
    early: int = 32
    middle: int = 64
    late: int = 80
    blocks: int = 3
    last: int = 160
    residual: bool = True
    identity: bool = True
    branches: int = 1


#: What is tried; None: the shape before the residual one. All within 51,430 to 51,849 parameters.
SHAPES: dict[str, Layout | None] = {
    "residual": Layout(),
    "plain": None,
    "no-residual": Layout(residual=False),
    "no-identity-branch": Layout(identity=False),
    "two-branches": Layout(branches=2),
    "cheaper-stem": Layout(stem=8, early=24, last=176),
    "wider": Layout(late=104, blocks=1, last=200),
    "deeper": Layout(middle=48, late=68, blocks=5, last=184),
}


class Tried(nn.Module):
    """(N, 3, S, S) -> ModelOutput, as the student's, of any layout."""

    def __init__(self, class_count: int, layout: Layout | None) -> None:
        super().__init__()
        if layout is None:
            plain = shape_of(PLAIN)
            self.stages, width = plain.stages, plain.width
        else:
            self.stages, width = _stages(layout), layout.last
        self.head = nn.Linear(width, class_count)

    def forward(self, images: Tensor) -> ModelOutput:
        """See the class."""
        features = self.stages(images)
        embedding = features.mean(dim=(2, 3))
        return ModelOutput(self.head(embedding), features, embedding)


def _stages(layout: Layout) -> nn.Sequential:
    def conv(inputs: int, outputs: int, kernel: int, stride: int = 1, **how: object) -> nn.Module:
        made = BranchedConv(
            inputs,
            outputs,
            kernel,
            stride,
            inputs if how.get("depthwise") else 1,
            branches=layout.branches,
            relu=bool(how.get("relu", True)),
        )
        if not layout.identity:
            made.identity = None
        return made

    def separable(inputs: int, outputs: int, stride: int = 1, *, relu: bool = True) -> nn.Module:
        depthwise = conv(inputs, inputs, 3, stride, depthwise=True)
        return nn.Sequential(depthwise, conv(inputs, outputs, 1, relu=relu))

    def added(body: Callable[..., nn.Module]) -> nn.Module:
        return Residual(body(relu=False)) if layout.residual else body(relu=True)

    middle, late = layout.middle, layout.late
    return nn.Sequential(
        conv(3, layout.stem, 3, 2),
        separable(layout.stem, layout.early, 2),
        separable(layout.early, middle, 2),
        added(partial(separable, middle, middle)),
        added(partial(conv, middle, middle, 3, depthwise=True)),
        conv(middle, middle, 3, 2, depthwise=True),
        conv(middle, late, 1),
        *(added(partial(separable, late, late)) for _ in range(layout.blocks)),
        separable(late, layout.last),
    )


def deployed(network: Tried) -> Tried:
    """A copy in eval mode without branches: what a model folder would hold."""
    made = copy.deepcopy(network).eval()
    fold_branches(made.stages)
    return made


def quickest(network: Tried) -> Tried:
    """A copy of a deployed one whose batch norms are folded too, as the program runs it."""
    made = copy.deepcopy(network).eval()
    for block in made.stages.modules():
        if isinstance(block, nn.Sequential) and len(block) > 1:
            conv, norm = block[0], block[1]
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                block[0] = torch.nn.utils.fusion.fuse_conv_bn_eval(conv, norm)
                block[1] = nn.Identity()
    return made


def multiplications(network: Tried) -> int:
    """Of one image of INPUT_SIZE through the convolutions and the head of a deployed network."""
    counted = [0]

    def count(module: nn.Module, given: tuple[Tensor, ...], made: Tensor) -> None:
        assert isinstance(module, nn.Conv2d | nn.Linear)
        places = made[0].numel() if isinstance(module, nn.Conv2d) else module.out_features
        counted[0] += places * module.weight[0].numel()

    counting = copy.deepcopy(network)
    for module in counting.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(count)
    with torch.no_grad():
        counting(torch.zeros(1, 3, INPUT_SIZE, INPUT_SIZE))
    return counted[0]


@torch.inference_mode()
def milliseconds(network: Tried, runs: int = 15) -> float:
    """Median of the processor's time for one image by one thread, channels last."""
    ready = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    image = torch.zeros(1, 3, INPUT_SIZE, INPUT_SIZE).contiguous(memory_format=torch.channels_last)
    taken = []
    for _ in range(runs):
        begun = time.process_time()
        ready(image)
        taken.append(1000 * (time.process_time() - begun))
    return float(np.median(taken))


def trained(
    name: str, data: DataSet, policy: ViewPolicy, seed: int, options: argparse.Namespace
) -> TrialRun:
    """One shape for so many minutes."""
    views = CachedViews(
        options.out / "cache",
        data.train.crops,
        data.train.labels,
        options.views,
        limit=12 * GIGABYTE,
        policy=policy,
        seed=seed,
    )
    for _ in views.fill():
        pass

    def run(epochs: int, folder: str) -> TrialRun:
        return train_short(
            partial(Tried, len(data.classes), SHAPES[name]),
            TrainConfig(epochs=epochs, views=options.views, seed=seed),
            data,
            views,
            options.out / f"seed-{seed}" / name / folder,
            policy=policy,
            name=name,
        )

    timed = run(1, "one-epoch").minutes
    epochs = max(1, round(options.minutes / max(timed, 1e-3)))
    print(f"{name}, seed {seed}: {epochs} epochs ...", file=sys.stderr, flush=True)
    return run(epochs, f"{options.minutes:g}-minutes")


def row(name: str, runs: list[TrialRun], classes: int) -> str:
    """A line of the table."""
    torch.manual_seed(0)
    small = deployed(Tried(classes, SHAPES[name]))
    parameters = sum(one.numel() for one in small.parameters())
    quick = quickest(small)
    cost = f"{multiplications(small) / 1e6:.1f} | {milliseconds(quick):.1f}"
    shown = " | ".join([""] * 4)
    if runs:
        accuracy = spread_of([run.accuracy for run in runs])
        f1 = spread_of([run.macro_f1 for run in runs])
        epochs = np.mean([run.epochs for run in runs])
        minutes = np.mean([run.minutes for run in runs])
        shown = f"{accuracy} | {f1} | {epochs:.0f} | {minutes:.1f}"
    return f"| {name} | {parameters:,} | {cost} | {shown} |"


def main() -> None:
    """Every shape and seed, then the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--side", type=int, default=112, help="px")
    parser.add_argument(
        "--minutes", type=float, default=6.0, help="of the processor, each; 0: what it costs alone"
    )
    parser.add_argument("--views", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--shapes", default=",".join(SHAPES), help="with commas between")
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = validation_data(options.data, options.side)
    policy = covering(data)
    print(
        "| shape | parameters | million multiplications | ms | accuracy | macro-F1 | epochs |",
        end="",
    )
    print(" minutes |\n|---|---|---|---|---|---|---|---|", flush=True)
    for name in options.shapes.split(","):
        seeds = range(options.seeds if options.minutes else 0)
        runs = [trained(name, data, policy, seed, options) for seed in seeds]
        print(row(name, runs, len(data.classes)), flush=True)


if __name__ == "__main__":
    main()
