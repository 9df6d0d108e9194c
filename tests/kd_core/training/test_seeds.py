"""A run's seed draws its views, its order and its first weights: three runs are three draws."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.api.machine import Machine
from kd_core.api.training import train_student
from kd_core.data.labelled import DataSet, Part
from kd_core.models.student import Student
from kd_core.schema.config import TrainConfig
from kd_core.schema.model_origin import DataNotes

SIDE, VIEWS = 32, 2


class Drawn(NamedTuple):
    """What a run drew: the first weights, and of each image asked for its level and its seed."""

    weights: Tensor
    levels: list[int]
    view_seeds: set[int]


class Noting:
    """Views that are their image, and note which was asked for by which seed."""

    version = "noting"

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def __call__(self, crop: NDArray[np.uint8], seed: int, /) -> NDArray[np.uint8]:
        self.asked.append((int(crop[0, 0, 0]), seed))
        return crop


def part(count: int) -> Part:
    """Every image has a level of its own, by which it is known again."""
    levels = 20 + 5 * np.arange(count, dtype=np.uint8)
    crops = np.repeat(levels, SIDE * SIDE * 3).reshape(count, SIDE, SIDE, 3)
    return Part(crops, np.arange(count) % 2, np.arange(count).astype(np.str_))


def run(seed: int, out: Path) -> Drawn:
    noting, first = Noting(), []

    def student(classes: int) -> Student:
        made = Student(classes)
        first.append(made.head.weight.detach().clone())
        return made

    data = DataSet(("dark", "bright"), part(12), part(4), part(0), (), (), DataNotes())
    config = TrainConfig(epochs=3, batch_size=6, views=VIEWS, seed=seed)
    machine = Machine(device="cpu", cache=False)
    train_student(data, out, config=config, student=student, policy=noting, machine=machine)
    levels, seeds = zip(*noting.asked, strict=True)
    return Drawn(first[0], list(levels), set(seeds))


def test_another_seed_draws_other_views_another_order_and_other_weights(tmp_path: Path) -> None:
    one, again, other = (
        run(seed, tmp_path / name) for seed, name in ((1, "a"), (1, "b"), (2, "c"))
    )
    assert torch.equal(one.weights, again.weights)
    assert (one.levels, one.view_seeds) == (again.levels, again.view_seeds)
    assert not torch.equal(one.weights, other.weights)
    assert one.levels != other.levels
    assert not one.view_seeds & other.view_seeds
