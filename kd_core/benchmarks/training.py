"""What distillation costs on this machine: teachers, a student's step of each scheme with and
without the cache, whole runs, losses.

Pictures are noise and teachers untrained: neither changes what a step costs.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from kd_core.benchmarks.losses import loss_ratios
from kd_core.data.teacher_cache import CachedViews
from kd_core.data.views import MadeViews, ViewSource, answer
from kd_core.models.student import Student
from kd_core.models.teacher import FrozenTeacher, Teacher, strongest_directions
from kd_core.schema.config import DEFAULT_TEACHERS, SCHEMES, TrainConfig
from kd_core.schema.taxonomy import LOWER_GI
from kd_core.schemes.scheme import Scheme
from kd_core.training.trainer import Trainer
from kd_core.training.validation import LabelledSquares
from kd_core.vision.preprocess import INPUT_SIZE

CLASSES = LOWER_GI
TEACHERS = DEFAULT_TEACHERS
BATCH, VIEWS = 32, 2
#: Targets on two cores: minutes for so many labelled frames, teachers asked and student trained.
TARGET_MINUTES = {500: 4.0, 2000: 12.0}
SIZES = (500, 2000, 8000)


def training_cost(frames: int, runs: int) -> dict[str, Any]:
    """``measure``, or a whole run of so many ``frames`` and its target in minutes."""
    if not frames:
        return {"cores": os.cpu_count(), **measure(runs=runs)}
    taken = dict(whole_run(frames))
    return {
        "cores": os.cpu_count(),
        "frames": frames,
        "whole_run": taken,
        "minutes": (taken["views and teachers"] + taken["training"]) / 60,
        "target_minutes": TARGET_MINUTES.get(frames),
    }


def measure(threads: tuple[int, ...] = (1, 2), steps: int = 4, runs: int = 3) -> dict[str, Any]:
    """Images a second of every part (medians of ``runs``), and what follows for whole runs and
    the cache's worth.
    """
    teachers = [_frozen(name) for name in TEACHERS]
    numbers: dict[str, Any] = {
        "unit": "images/s, median",
        "runs": runs,
        "teachers": list(TEACHERS),
        "threads": {},
    }
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
    labels = (np.arange(BATCH) % len(CLASSES)).astype(np.int64)
    tensor = torch.from_numpy(squares)
    rates = {
        f"forward {teacher.name}": _rate(partial(answer, teacher, tensor), runs)
        for teacher in teachers
    }
    for name in TEACHERS:
        rates[f"step {name}"] = _step_rate(
            Teacher(name, len(CLASSES), weights=None), "alone", _Held(labels, squares), 1, runs
        )
    for name in SCHEMES:
        needed = teachers if name != "alone" else []
        with tempfile.TemporaryDirectory() as folder:
            cached = CachedViews(Path(folder), squares, labels, VIEWS, needed)
            begun = time.perf_counter()
            for _ in cached.fill():
                pass
            rates[f"views into the cache, {name}"] = BATCH * VIEWS / (time.perf_counter() - begun)
            rates[f"step {name}, cached"] = _step_rate(
                Student(len(CLASSES)), name, cached, steps, runs
            )
        if needed:
            live = MadeViews(squares, labels, VIEWS, needed)
            rates[f"step {name}, asking teachers"] = _step_rate(
                Student(len(CLASSES)), name, live, steps, runs
            )
    return rates


class _Held:
    """A ViewSource that hands out the same squares: for a step without any reading."""

    views = 1

    def __init__(self, labels: NDArray[np.int64], squares: NDArray[np.uint8]) -> None:
        self.labels, self._squares = labels, torch.from_numpy(squares)

    def batch(
        self, places: NDArray[np.int64], views: NDArray[np.int64]
    ) -> tuple[torch.Tensor, list[Any]]:
        return self._squares[torch.from_numpy(places)], []


def _step_rate(
    learner: Student | Teacher, scheme: str, source: ViewSource, steps: int, runs: int
) -> float:
    """Images/s of ``steps`` batches; a call trains so many epochs of one batch, validation on
    one picture included.
    """
    config = TrainConfig(losses=SCHEMES[scheme], views=VIEWS, epochs=steps, batch_size=BATCH)
    widths = (
        [teacher.width for teacher in (_frozen(name) for name in TEACHERS)]
        if scheme != "alone"
        else []
    )
    made = Scheme(learner, config, widths)
    one = LabelledSquares(_noise(1), np.zeros(1, np.int64))

    def go() -> None:
        Trainer(made, CLASSES, source, one).train()

    return _rate(go, runs, steps)


def _rate(call: Callable[[], object], runs: int, batches: int = 1) -> float:
    call()
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return BATCH * batches / statistics.median(taken)


def _minutes(frames: int, rates: dict[str, float]) -> float:
    """Every view made and shown to both teachers once, then the epochs of the relation scheme,
    with the default settings.
    """
    config = TrainConfig()
    filled = frames * config.views / rates["views into the cache, relation"]
    return (filled + frames * config.epochs / rates["step relation, cached"]) / 60


def whole_run(frames: int, threads: int = 2) -> Iterator[tuple[str, float]]:
    """A real distillation (relation, default settings) of so many noise frames: yields seconds of
    "views and teachers", "training", then "peak memory in MB" of this process.
    """
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
        Trainer(scheme, CLASSES, cached, val).train()
        yield "training", time.perf_counter() - begun
    if sys.platform == "win32":
        return  # it has no getrusage
    import resource

    yield (
        "peak memory in MB",
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / (1e6 if sys.platform == "darwin" else 1e3),
    )


def _frozen(name: str) -> FrozenTeacher:
    teacher = Teacher(name, len(CLASSES), weights=None)
    maps = torch.randn(2, teacher.embedding_size, 7, 7, generator=torch.Generator().manual_seed(0))
    teacher.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return FrozenTeacher(teacher, strongest_directions(maps)[0])


def _noise(count: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (count, INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
