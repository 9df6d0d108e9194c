"""What a retraining will cost: seconds from a measurement on this machine, memory from one that
is told below. No Qt.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from endoscope_app.retraining.run.run_folders import RunRecord
from endoscope_app.viewing.classifier import Classifier
from kd_core.schema.retraining_defaults import QUICK_VIEWS, THOROUGH_VIEWS, epochs_for

#: Measured: kd-core retrain, quick, relation, two teachers (EfficientNet Lite0 and Lite1), 160
#: labels of which 120 are learnt from, on one thread of a machine with two cores, took 78 s: 25.3 s
#: until both teachers had answered for 480 views, 46.7 s for 50 epochs, 6 s for the start, the card
#: and the proof. There the student's forward pass (``forward_seconds``) takes 1.92 ms. So a view
#: costs 25.3 / 480 / 2 / 0.00192 = 13.7 forward passes a teacher, and what is fixed besides 3100.
#: An epoch has a part that does not depend on the number of labels (old knowledge is scored, the
#: state is written). On the same machine with both cores busy otherwise an epoch took 0.49 s with 8
#: frames to learn from (epochs 2 to 40) and 0.93 s with 60 (epochs 2 to 15): 0.44 / 52 = 8.5 ms a
#: frame and 0.42 s besides, as much as 49 frames. So 46.7 / 50 / 0.00192 = 486 forward passes an
#: epoch are those of 120 + 49 frames: 2.88 a frame, and 141 besides. Response and feature took 0.41
#: and 0.34 s an epoch: they are not told apart.
A_VIEW, A_PICTURE, AN_EPOCH, THE_REST = 13.7, 2.88, 141.0, 3_100.0
#: Measured in the same place (VmHWM): 888 MB at most with 160 frames, 1414 MB with 960. Views and
#: answers of teachers lie on disk.
MEMORY_MB, A_FRAME_MB = 783.0, 0.66
PROBE_SECONDS = 0.6


@dataclass(frozen=True)
class Cost:
    """Seconds and the most memory at once, in MB."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Work:
    """What a run is worth, in forward passes of the student: ``training`` grows with the
    epochs, ``fixed`` does not.
    """

    fixed: float
    training: float


def work(learnt: int, teachers: int, *, thorough: bool, epochs: int = 0) -> Work:
    """Of a run with so many frames to learn from. ``epochs`` 0: as many as the labels ask for."""
    views = THOROUGH_VIEWS if thorough else QUICK_VIEWS
    epochs = epochs or epochs_for(learnt, thorough=thorough)
    return Work(
        A_VIEW * learnt * views * teachers + THE_REST,
        epochs * (AN_EPOCH + A_PICTURE * learnt),
    )


def forward_seconds(model_dir: Path, seconds: float = PROBE_SECONDS) -> float:
    """The student's forward pass for one picture on one thread: the shortest, as other programs
    disturb. AppError without a model.
    """
    classifier = Classifier.load(model_dir)
    pictures = list(np.random.default_rng(0).integers(0, 255, (2, 256, 256, 3), np.uint8))
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while len(taken) < 3 or time.perf_counter() < end:
        begun = time.perf_counter()
        classifier.probabilities(pictures)
        taken.append((time.perf_counter() - begun) / len(pictures))
    return min(taken)


def is_measured(run: RunRecord | None) -> bool:
    """Whether a run tells what another would take: it does where an epoch of it was timed apart
    from the rest.
    """
    return (
        run is not None
        and 0 < run.training_seconds < run.seconds
        and run.fixed_work > 0
        and run.training_work > 0
    )


def cost(
    needed: Work, frames: int, before: RunRecord | None, forward: float | None, threads: int
) -> Cost | None:
    """Of a run on so many labelled frames: by the last run here, else by the probe; None without
    either.

    The last run may have had another number of epochs, so what it took for them and for all the
    rest are scaled each by its own work.
    """
    if before is not None and is_measured(before):
        fixed = (before.seconds - before.training_seconds) * needed.fixed / before.fixed_work
        seconds = fixed + before.training_seconds * needed.training / before.training_work
        more = frames - (before.frames or len(before.labels))
        megabytes = (
            before.peak_mb + A_FRAME_MB * more
            if before.peak_mb
            else MEMORY_MB + A_FRAME_MB * frames
        )
        return Cost(seconds, megabytes)
    return (
        None
        if forward is None
        else Cost(
            forward * (needed.fixed + needed.training) / threads, MEMORY_MB + A_FRAME_MB * frames
        )
    )


def in_words(cost: Cost | None) -> str:
    """ "about 2 min, 0.9 GB of memory"."""
    if cost is None:
        return "measuring…"
    seconds = cost.seconds
    took = f"{max(5, round(seconds / 5) * 5)} s" if seconds < 90 else f"{round(seconds / 60)} min"
    return f"about {took}, {max(0.1, cost.megabytes / 1000):.1f} GB of memory"
