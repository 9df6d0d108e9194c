"""What a retraining will cost in seconds and memory.

Seconds come from a measurement on this machine, memory from one that is told below. No Qt.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from endoscope_app.retraining.run_folders import RunRecord
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.retraining_defaults import QUICK_VIEWS, THOROUGH_VIEWS, epochs_for

#: Measured: kd-core retrain, quick, relation, two teachers (EfficientNet Lite0 and Lite1), 160
#: labels of which 120 are learnt from, on one thread of a machine with two cores, took 78 s: 25.3 s
#: until both teachers had seen 480 views, 46.7 s for 50 epochs, 6 s for the start, the card and the
#: comparison. There the student's forward pass (``forward_seconds``) takes 1.92 ms. So a view costs
#: 25.3 / 480 / 2 / 0.00192 = 13.7 forward passes per teacher, and what is fixed besides 3100.
#: An epoch has a part that does not depend on the number of labels (old knowledge is scored, the
#: state is written). On the same machine with both cores busy otherwise an epoch took 0.49 s with 8
#: frames to learn from (epochs 2 to 40) and 0.93 s with 60 (epochs 2 to 15): 0.44 / 52 = 8.5 ms a
#: frame and 0.42 s besides, as much as 49 frames. So 46.7 / 50 / 0.00192 = 486 forward passes an
#: epoch are those of 120 + 49 frames: 2.88 a frame, and 141 besides. Response and feature took 0.41
#: and 0.34 s an epoch: they are not told apart.
PER_VIEW, PER_IMAGE, PER_EPOCH, THE_REST = 13.7, 2.88, 141.0, 3_100.0
#: Measured in the same place (VmHWM): 888 MB at most with 160 frames, 1414 MB with 960. Views and
#: logits of teachers lie on disk.
MEMORY_MB, MB_PER_FRAME = 783.0, 0.66
PROBE_SECONDS = 0.6


@dataclass(frozen=True)
class Cost:
    """Seconds and the most memory at once, in MB."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Work:
    """What a run is worth, in forward passes of the model.

    ``training`` grows with the epochs, ``fixed`` does not.
    """

    fixed: float
    training: float


def work(learnt: int, teachers: int, *, thorough: bool, epochs: int = 0) -> Work:
    """Of a run with so many frames to learn from. ``epochs`` 0: by the number of labels."""
    epochs = epochs or epochs_for(learnt, thorough=thorough)
    views = THOROUGH_VIEWS if thorough else QUICK_VIEWS
    return Work(
        PER_VIEW * learnt * views * teachers + THE_REST,
        epochs * (PER_EPOCH + PER_IMAGE * learnt),
    )


def forward_seconds(model_dir: Path, seconds: float = PROBE_SECONDS) -> float:
    """The model's forward pass for one image on one thread, in seconds.

    The shortest of many, as other programs disturb. AppError without a model.
    """
    classifier = Classifier.load(model_dir)
    images = list(np.random.default_rng(0).integers(0, 255, (2, 256, 256, 3), np.uint8))
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while len(taken) < 3 or time.perf_counter() < end:
        begun = time.perf_counter()
        classifier.probabilities(images)
        taken.append((time.perf_counter() - begun) / len(images))
    return min(taken)


def is_measured(run: RunRecord | None) -> bool:
    """Whether a run tells what another would take: where its epochs were timed apart."""
    return (
        run is not None
        and 0 < run.training_seconds < run.seconds
        and run.fixed_work > 0
        and run.training_work > 0
    )


def cost(
    needed: Work, frames: int, before: RunRecord | None, forward: float | None, threads: int
) -> Cost | None:
    """Of a run on so many labelled frames: by the last run here, else by the probe.

    None without either. The last run may have had another number of epochs, so what it took for
    them and for all the rest are scaled each by its own work.
    """
    megabytes = MEMORY_MB + MB_PER_FRAME * frames
    if before is not None and is_measured(before):
        fixed = (before.seconds - before.training_seconds) * needed.fixed / before.fixed_work
        seconds = fixed + before.training_seconds * needed.training / before.training_work
        if before.peak_mb:
            more = frames - (before.frames or len(before.labels))
            megabytes = before.peak_mb + MB_PER_FRAME * more
        return Cost(seconds, megabytes)
    if forward is None:
        return None
    return Cost(forward * (needed.fixed + needed.training) / threads, megabytes)


def spare_cores() -> int:
    """Threads for training: one core stays for the window."""
    return max(1, (os.cpu_count() or 2) - 1)
