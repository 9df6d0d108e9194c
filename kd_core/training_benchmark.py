"""What distillation costs on this machine: teachers, a student's step of each scheme with and without the cache, whole runs, losses.

Pictures are noise and teachers untrained: neither changes what a step costs.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
import torch.nn.functional as functional
from numpy.typing import NDArray

from kd_core.contract.config import SCHEMES, TrainConfig
from kd_core.datasets.preprocess import INPUT_SIZE
from kd_core.datasets.teacher_cache import CachedViews
from kd_core.datasets.views import MadeViews, ViewSource, answer
from kd_core.losses.feature import attention_transfer
from kd_core.losses.response import decoupled, softened_kl
from kd_core.models.student import Student
from kd_core.models.teacher import FrozenTeacher, Teacher, strongest_directions
from kd_core.schemes.scheme import Scheme
from kd_core.train import LabelledSquares, Training

CLASSES = ("bbps-0-1", "bbps-2-3", "cecum", "impacted-stool", "polyps", "ulcerative-colitis")
TEACHERS = ("efficientnet_lite0", "efficientnet_lite1")
BATCH = 32
#: Targets on two cores: minutes for so many labelled frames, teachers asked and student trained.
TARGET_MINUTES = {500: 4.0, 2000: 12.0}
SIZES = (500, 2000, 8000)


def measure(threads: tuple[int, ...] = (1, 2), steps: int = 4, runs: int = 3) -> dict[str, Any]:
    """Images a second of every part (medians of ``runs``), and what follows for whole runs and the cache's worth."""
    teachers = [_frozen(name) for name in TEACHERS]
    numbers: dict[str, Any] = {"unit": "images/s, median", "runs": runs, "teachers": list(TEACHERS), "threads": {}}
    before = torch.get_num_threads()
    for count in threads:
        torch.set_num_threads(count)
        numbers["threads"][str(count)] = _rates(teachers, steps, runs)
    torch.set_num_threads(before)
    best = numbers["threads"][str(max(threads))]
    numbers["cache_worth"] = best["step relation, cached"] / best["step relation, asking teachers"]
    numbers["estimated_minutes"] = {str(size): _minutes(size, best) for size in SIZES}
    numbers["target_minutes"] = {str(size): minutes for size, minutes in TARGET_MINUTES.items()}
    numbers["losses_over_plain_torch"] = loss_ratios()
    return numbers


def _rates(teachers: list[FrozenTeacher], steps: int, runs: int) -> dict[str, float]:
    squares = _noise(BATCH)
    tensor = torch.from_numpy(squares)
    labels = (np.arange(BATCH) % len(CLASSES)).astype(np.int64)
    rates = {f"forward {teacher.teacher.name}": _rate(lambda teacher=teacher: answer(teacher, tensor), runs) for teacher in teachers}  # type: ignore[misc]
    for name in TEACHERS:
        learner = Scheme(Teacher(name, len(CLASSES), weights=None), TrainConfig())
        rates[f"step {name}"] = _rate(_stepper(learner, _Held(labels, squares, []), 1), runs)
    for name, losses in SCHEMES.items():
        needed = teachers if name != "alone" else []
        config = TrainConfig(losses=losses, views=2)
        with tempfile.TemporaryDirectory() as folder:
            cached = CachedViews(Path(folder), squares, labels, 2, needed)
            for _ in cached.fill():
                pass
            scheme = Scheme(Student(len(CLASSES)), config, [teacher.width for teacher in needed])
            rates[f"step {name}, cached"] = _rate(_stepper(scheme, cached, steps), runs, steps)
            if needed:
                scheme = Scheme(Student(len(CLASSES)), config, [teacher.width for teacher in needed])
                live = MadeViews(squares, labels, 2, needed)
                rates[f"step {name}, asking teachers"] = _rate(_stepper(scheme, live, 1), runs)
    return rates


class _Held:
    """A ViewSource that hands out the same squares: for a step without any reading."""

    views = 1

    def __init__(self, labels: NDArray[np.int64], squares: NDArray[np.uint8], answers: list[Any]) -> None:
        self.labels, self._squares, self._answers = labels, torch.from_numpy(squares), answers

    def batch(self, places: NDArray[np.int64], views: NDArray[np.int64]) -> tuple[torch.Tensor, list[Any]]:
        return self._squares[torch.from_numpy(places)], self._answers


def _stepper(scheme: Scheme, source: ViewSource, epochs: int) -> Callable[[], None]:
    """One call trains ``epochs`` epochs of one batch each, validation (on one picture) included."""
    config = msgspec.structs.replace(scheme.config, epochs=epochs, batch_size=BATCH)
    scheme.config = config

    def go() -> None:
        for _ in Training(scheme, CLASSES, source, LabelledSquares(_noise(1), np.zeros(1, np.int64))).run():
            pass

    return go


def _rate(call: Callable[[], object], runs: int, batches: int = 1) -> float:
    call()
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return BATCH * batches / statistics.median(taken)


def _minutes(frames: int, rates: dict[str, float]) -> float:
    """Every view past every teacher once, then the epochs of the relation scheme, with the default settings."""
    config = TrainConfig()
    asked = sum(frames * config.views / rates[f"forward {name}"] for name in TEACHERS)
    return (asked + frames * config.epochs / rates["step relation, cached"]) / 60


def whole_run(frames: int, threads: int = 2) -> Iterator[tuple[str, float]]:
    """A real distillation (relation, default settings) of so many noise frames: yields seconds of "views and teachers", "training",
    then "peak memory in MB" of this process."""
    torch.set_num_threads(threads)
    config = TrainConfig(losses=SCHEMES["relation"])
    squares, labels = _noise(frames), (np.arange(frames) % len(CLASSES)).astype(np.int64)
    teachers = [_frozen(name) for name in TEACHERS]
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        cached = CachedViews(Path(folder), squares, labels, config.views, teachers)
        for _ in cached.fill():
            pass
        yield "views and teachers", time.perf_counter() - begun
        begun = time.perf_counter()
        val = LabelledSquares(squares[: max(1, frames // 5)], labels[: max(1, frames // 5)])
        scheme = Scheme(Student(len(CLASSES)), config, [teacher.width for teacher in teachers])
        for _ in Training(scheme, CLASSES, cached, val).run():
            pass
        yield "training", time.perf_counter() - begun
    yield "peak memory in MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def loss_ratios(batch: int = 128, runs: int = 15) -> dict[str, float]:
    """Time of our losses, forward and backward, over the plainest torch expression of the same formula."""
    generator = torch.Generator().manual_seed(0)
    student, teacher = (torch.randn(batch, 23, generator=generator) for _ in range(2))
    labels = torch.randint(23, (batch,), generator=generator)
    map_s, map_t = torch.randn(batch, 160, 7, 7, generator=generator), torch.randn(batch, 256, 7, 7, generator=generator)

    def plain_kl(logits: torch.Tensor) -> torch.Tensor:
        p = functional.log_softmax(logits / 4, 1)
        return functional.kl_div(p, functional.softmax(teacher / 4, 1), reduction="batchmean") * 16

    def plain_dkd(logits: torch.Tensor) -> torch.Tensor:
        target = functional.one_hot(labels, 23).bool()
        p, q = functional.softmax(logits / 4, 1), functional.softmax(teacher / 4, 1)
        two_p = torch.stack([p[target], (p * ~target).sum(1)], 1)
        two_q = torch.stack([q[target], (q * ~target).sum(1)], 1)
        rest_p = functional.log_softmax(logits / 4 - 1000.0 * target, 1)
        rest_q = functional.softmax(teacher / 4 - 1000.0 * target, 1)
        tckd = functional.kl_div(two_p.log(), two_q, reduction="batchmean")
        return 16 * (tckd + functional.kl_div(rest_p, rest_q, reduction="batchmean"))

    def plain_attention(features: torch.Tensor) -> torch.Tensor:
        one = functional.normalize(features.pow(2).mean(1).flatten(1))
        return (one - functional.normalize(map_t.pow(2).mean(1).flatten(1))).pow(2).mean()

    pairs = {
        "kl": (lambda x: softened_kl(x, teacher), plain_kl, student),
        "dkd": (lambda x: sum(decoupled(x, teacher, labels).values()), plain_dkd, student),
        "attention transfer": (lambda x: attention_transfer(x, map_t), plain_attention, map_s),
    }
    return {name: _ratio(ours, plain, values, runs) for name, (ours, plain, values) in pairs.items()}


def _ratio(ours: Callable[[torch.Tensor], Any], plain: Callable[[torch.Tensor], Any], values: torch.Tensor, runs: int) -> float:
    taken: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(runs):  # in turns, so that a slow moment meets both
        for number, loss in enumerate((ours, plain)):
            begun = time.perf_counter()
            for _ in range(10):
                loss(values.clone().requires_grad_()).backward()
            taken[number].append(time.perf_counter() - begun)
    return statistics.median(taken[0]) / statistics.median(taken[1])


def _frozen(name: str) -> FrozenTeacher:
    teacher = Teacher(name, len(CLASSES), weights=None)
    maps = torch.randn(2, teacher.embedding_size, 7, 7, generator=torch.Generator().manual_seed(0))
    return FrozenTeacher(teacher.to(memory_format=torch.channels_last), strongest_directions(maps)[0])  # type: ignore[call-overload]


def _noise(count: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (count, INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
