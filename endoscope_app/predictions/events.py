"""Findings instead of frames: runs of one class, long and sure enough to be worth a reader's look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from endoscope_app.predictions.smoothing import smooth


@dataclass(frozen=True)
class Finding:
    """A run of one class: frames start..stop (stop exclusive), the frame where it is surest, and its mean probability."""

    label: int
    start: int
    stop: int
    peak_index: int
    mean_probability: float

    @property
    def frames(self) -> int:
        return self.stop - self.start


def findings(
    labels_or_smoothed: NDArray[np.floating[Any]] | NDArray[np.integer[Any]],
    known: NDArray[np.bool_],
    minimum_frames: int,
    threshold: float | NDArray[np.floating[Any]],
) -> list[Finding]:
    """Runs of at least minimum_frames frames, in order.

    Give smoothed probabilities (N, C): a frame belongs to its best class when that reaches threshold (one, or (C,): one a class).
    Give labels (N,), -1 for none, and every probability counts as 1. Unknown frames end a run. Flicker is merged by smoothing
    before, not here.
    """
    if labels_or_smoothed.ndim == 1:
        label = labels_or_smoothed.astype(np.int64)
        probability = np.ones(len(label))
    elif len(labels_or_smoothed) == 0:
        return []
    else:
        label = labels_or_smoothed.argmax(axis=1)
        probability = labels_or_smoothed[np.arange(len(label)), label].astype(np.float64)
    least = np.asarray(threshold)
    label = np.where(known & (probability >= (least[label] if least.ndim else least)), label, -1)
    if len(label) == 0:
        return []
    starts = np.concatenate(([0], np.flatnonzero(np.diff(label)) + 1))
    stops = np.append(starts[1:], len(label))
    worth = (label[starts] >= 0) & (stops - starts >= minimum_frames)
    return [_finding(label, probability, int(start), int(stop)) for start, stop in zip(starts[worth], stops[worth], strict=True)]


def find_findings(
    raw: NDArray[np.float32],
    known: NDArray[np.bool_],
    thresholds: NDArray[np.float64],
    fps: float,
    smoothing_s: float,
    minimum_s: float,
) -> list[Finding]:
    """Raw probabilities (N, C) smoothed over ``smoothing_s`` seconds -> findings of at least ``minimum_s`` seconds.

    ``thresholds`` (C,): the probability from which on the model names a class; below it is unsure, and that is no finding.
    """
    window = max(1, round(smoothing_s * fps)) | 1
    return findings(smooth(raw, window, known), known, max(1, round(minimum_s * fps)), thresholds)


def _finding(label: NDArray[np.int64], probability: NDArray[np.float64], start: int, stop: int) -> Finding:
    run = probability[start:stop]
    return Finding(int(label[start]), start, stop, start + int(run.argmax()), float(run.mean()))


def flips_per_1000(labels: NDArray[np.integer[Any]]) -> float:
    """How often the answer changes between neighbouring known frames, per 1000 such pairs; labels (N,), -1 unknown."""
    known = labels >= 0
    pairs = known[1:] & known[:-1]
    total = int(pairs.sum())
    if total == 0:
        return 0.0
    return 1000.0 * int((pairs & (labels[1:] != labels[:-1])).sum()) / total
