"""What a retraining will cost: seconds from a measurement on this machine, memory from one that is told below. No Qt."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from endoscope_app.engine.classifier import Classifier
from endoscope_app.store.run_folders import RunRecord

#: Pictures shown in all, fewest epochs and views a picture, quick and thorough, as kd_core.retraining.run has them, which brings torch.
PICTURES, VIEWS, FEWEST_EPOCHS = (6_000, 30_000), (4, 6), 4
#: Measured: kd-core retrain, quick, relation, two teachers (EfficientNet Lite0 and Lite1), 160 labels of which 120 are learnt from, on
#: one thread of a machine with two cores, took 78 s: 25.3 s until both teachers had answered for 480 views, 46.7 s for 6000 pictures
#: shown, 6 s for the start, the card and the proof. There the student's forward pass (``forward_seconds``) takes 1.92 ms. So a view costs
#: 25.3 / 480 / 2 / 0.00192 = 13.7 forward passes a teacher, a picture shown 46.7 / 6000 / 0.00192 = 4.05, and all the rest 3100.
A_VIEW, A_PICTURE, THE_REST = 13.7, 4.05, 3_100.0
#: Measured in the same place (VmHWM): 888 MB at most with 160 frames, 1414 MB with 960. Views and answers of teachers lie on disk.
MEMORY_MB, A_FRAME_MB = 783.0, 0.66
PROBE_SECONDS = 0.6


@dataclass(frozen=True)
class Cost:
    """Seconds and the most memory at once, in MB."""

    seconds: float
    megabytes: float


def work(learnt: int, teachers: int, *, thorough: bool, epochs: int = 0) -> float:
    """Forward passes of the student that a run with so many frames to learn from is worth. ``epochs`` 0: as many as the labels ask for."""
    if not epochs:
        epochs = max(FEWEST_EPOCHS, round(PICTURES[thorough] / max(1, learnt)))
    return A_VIEW * learnt * VIEWS[thorough] * teachers + A_PICTURE * learnt * epochs + THE_REST


def forward_seconds(model_dir: Path, seconds: float = PROBE_SECONDS) -> float:
    """The student's forward pass for one picture on one thread: the shortest, as other programs disturb. AppError without a model."""
    classifier = Classifier.load(model_dir)
    pictures = list(np.random.default_rng(0).integers(0, 255, (2, 256, 256, 3), np.uint8))
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while len(taken) < 3 or time.perf_counter() < end:
        begun = time.perf_counter()
        classifier.probabilities(pictures)
        taken.append((time.perf_counter() - begun) / len(pictures))
    return min(taken)


def cost(needed: float, frames: int, before: RunRecord | None, forward: float | None, threads: int) -> Cost | None:
    """Of a run worth ``needed`` forward passes on so many labelled frames: by the last run here, else by the probe; None without either."""
    if before is not None and before.seconds and before.work:
        megabytes = before.peak_mb + A_FRAME_MB * (frames - len(before.labels)) if before.peak_mb else MEMORY_MB + A_FRAME_MB * frames
        return Cost(before.seconds * needed / before.work, megabytes)
    return None if forward is None else Cost(forward * needed / threads, MEMORY_MB + A_FRAME_MB * frames)


def in_words(cost: Cost | None) -> str:
    """ "about 2 min, 0.9 GB of memory"."""
    if cost is None:
        return "measuring…"
    seconds = cost.seconds
    took = f"{max(5, round(seconds / 5) * 5)} s" if seconds < 90 else f"{round(seconds / 60)} min"
    return f"about {took}, {max(0.1, cost.megabytes / 1000):.1f} GB of memory"
