"""What distillation costs on this machine.

Teachers, a student's step of each scheme with and without the cache, whole runs, losses. Images
are noise and teachers untrained: neither changes what a step costs.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from kd_core.benchmarks.losses import loss_ratios
from kd_core.data.teacher_cache import CachedViews
from kd_core.data.views import MadeViews, ViewSource, teacher_view
from kd_core.models.student import Student
from kd_core.models.teacher import FrozenTeacher, Teacher, strongest_directions
from kd_core.schema.config import DEFAULT_TEACHERS, SCHEMES, TrainConfig
from kd_core.schema.taxonomy import LOWER_GI
from kd_core.schemes.scheme import Scheme
from kd_core.training.trainer import Trainer
from kd_core.training.validation import LabelledCrops
from kd_core.vision.preprocess import INPUT_SIZE

CLASSES = LOWER_GI
TEACHERS = DEFAULT_TEACHERS
BATCH, VIEWS = 32, 2
#: Targets on two cores: minutes for so many labelled frames, teachers' logits included.
TARGET_MINUTES = {500: 4.0, 2000: 12.0}
SIZES = (500, 2000, 8000)


class StepCost(msgspec.Struct, frozen=True, kw_only=True):
    """Images per second of every part, by number of ``threads``; ``print`` shows it as JSON.

    ``cache_worth``: how much faster a step is whose teachers' logits are read; minutes are of whole
    runs by number of frames; ``losses_over_plain_torch``: time of ours over the plainest form.
    """

    cores: int | None
    unit: str = "images/s, median"
    runs: int
    teachers: tuple[str, ...] = TEACHERS
    threads: dict[str, dict[str, float]]
    cache_worth: float
    estimated_minutes: dict[str, float]
    target_minutes: dict[str, float]
    losses_over_plain_torch: dict[str, float]

    def __str__(self) -> str:
        return _json(self)


class WholeRunCost(msgspec.Struct, frozen=True, kw_only=True):
    """Of a distillation of so many ``frames``; ``print`` shows it as JSON.

    ``target_minutes`` is None for a size that has no target, ``peak_memory_mb`` where the system
    does not tell it.
    """

    cores: int | None
    frames: int
    views_and_teachers_seconds: float
    training_seconds: float
    peak_memory_mb: float | None
    minutes: float
    target_minutes: float | None

    def __str__(self) -> str:
        return _json(self)


def _json(cost: StepCost | WholeRunCost) -> str:
    return msgspec.json.format(msgspec.json.encode(cost), indent=1).decode()


def step_cost(threads: tuple[int, ...] = (1, 2), steps: int = 4, runs: int = 3) -> StepCost:
    """Rates of every part (medians of ``runs``), and what follows from them."""
    teachers = [_frozen(name) for name in TEACHERS]
    rates: dict[str, dict[str, float]] = {}
    before = torch.get_num_threads()
    for count in threads:
        torch.set_num_threads(count)
        rates[str(count)] = _rates(teachers, steps, runs)
    torch.set_num_threads(before)
    best = rates[str(max(threads))]
    return StepCost(
        cores=os.cpu_count(),
        runs=runs,
        threads=rates,
        cache_worth=best["step_relation_cached"] / best["step_relation_not_cached"],
        estimated_minutes={str(size): _minutes(size, best) for size in SIZES},
        target_minutes={str(size): minutes for size, minutes in TARGET_MINUTES.items()},
        losses_over_plain_torch=loss_ratios(),
    )


def _rates(teachers: list[FrozenTeacher], steps: int, runs: int) -> dict[str, float]:
    crops = _noise(BATCH)
    labels = (np.arange(BATCH) % len(CLASSES)).astype(np.int64)
    tensor = torch.from_numpy(crops)
    rates = {
        f"forward_{teacher.name}": _rate(partial(teacher_view, teacher, tensor), runs)
        for teacher in teachers
    }
    for name in TEACHERS:
        rates[f"step_{name}"] = _step_rate(
            Teacher(name, len(CLASSES), weights=None), "alone", _Held(labels, crops), 1, runs
        )
    for name in SCHEMES:
        needed = teachers if name != "alone" else []
        with tempfile.TemporaryDirectory() as folder:
            cached = CachedViews(Path(folder), crops, labels, VIEWS, needed)
            begun = time.perf_counter()
            for _ in cached.fill():
                pass
            rates[f"views_into_cache_{name}"] = BATCH * VIEWS / (time.perf_counter() - begun)
            rates[f"step_{name}_cached"] = _step_rate(
                Student(len(CLASSES)), name, cached, steps, runs
            )
        if needed:
            live = MadeViews(crops, labels, VIEWS, needed)
            rates[f"step_{name}_not_cached"] = _step_rate(
                Student(len(CLASSES)), name, live, steps, runs
            )
    return rates


class _Held:
    """A ViewSource that hands out the same crops: for a step without any reading."""

    views = 1

    def __init__(self, labels: NDArray[np.int64], crops: NDArray[np.uint8]) -> None:
        self.labels, self._crops = labels, torch.from_numpy(crops)

    def batch(
        self, places: NDArray[np.int64], views: NDArray[np.int64]
    ) -> tuple[torch.Tensor, list[Any]]:
        return self._crops[torch.from_numpy(places)], []


def _step_rate(
    learner: Student | Teacher, name: str, source: ViewSource, steps: int, runs: int
) -> float:
    """Images/s of ``steps`` batches.

    A call trains so many epochs of one batch, validation on one image included.
    """
    config = TrainConfig(losses=SCHEMES[name], views=VIEWS, epochs=steps, batch_size=BATCH)
    widths = [teacher.width for teacher in map(_frozen, TEACHERS)] if name != "alone" else []
    scheme = Scheme(learner, config, widths)
    validation = LabelledCrops(_noise(1), np.zeros(1, np.int64))

    def train() -> None:
        Trainer(scheme, CLASSES, source, validation).train()

    return _rate(train, runs, steps)


def _rate(call: Callable[[], object], runs: int, batches: int = 1) -> float:
    call()
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return BATCH * batches / statistics.median(taken)


def _minutes(frames: int, rates: dict[str, float]) -> float:
    """Of a run of the relation scheme with the default settings.

    Every view is made and shown to both teachers once; then come the epochs.
    """
    config = TrainConfig()
    filled = frames * config.views / rates["views_into_cache_relation"]
    return (filled + frames * config.epochs / rates["step_relation_cached"]) / 60


def whole_run_cost(frames: int, threads: int = 2) -> WholeRunCost:
    """A real distillation (relation, default settings) of so many noise frames."""
    torch.set_num_threads(threads)
    config = TrainConfig(losses=SCHEMES["relation"])
    crops, labels = _noise(frames), (np.arange(frames) % len(CLASSES)).astype(np.int64)
    teachers = [_frozen(name) for name in TEACHERS]
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        cached = CachedViews(Path(folder), crops, labels, config.views, teachers)
        for _ in cached.fill():
            pass
        filled = time.perf_counter()
        val = LabelledCrops(crops[: max(1, frames // 5)], labels[: max(1, frames // 5)])
        scheme = Scheme(Student(len(CLASSES)), config, [teacher.width for teacher in teachers])
        Trainer(scheme, CLASSES, cached, val).train()
        ended = time.perf_counter()
    return WholeRunCost(
        cores=os.cpu_count(),
        frames=frames,
        views_and_teachers_seconds=filled - begun,
        training_seconds=ended - filled,
        peak_memory_mb=_peak_memory_mb(),
        minutes=(ended - begun) / 60,
        target_minutes=TARGET_MINUTES.get(frames),
    )


def _peak_memory_mb() -> float | None:
    """Of this process, in 10^6 bytes; None on Windows, which has no getrusage."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def _frozen(name: str) -> FrozenTeacher:
    teacher = Teacher(name, len(CLASSES), weights=None)
    maps = torch.randn(2, teacher.embedding_size, 7, 7, generator=torch.Generator().manual_seed(0))
    teacher.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return FrozenTeacher(teacher, strongest_directions(maps)[0])


def _noise(count: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (count, INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
