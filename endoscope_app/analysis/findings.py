"""Findings instead of frames: runs of one class, long and sure enough to be worth a reader's
look.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.smoothing import smooth
from endoscope_app.media.frame_times import SLACK_MS, FrameTimes


@dataclass(frozen=True)
class Finding:
    """A run of one class: frames start..stop (stop exclusive), the frame where it is surest,
    and its mean probability.
    """

    label: int
    start: int
    stop: int
    peak_index: int
    mean_probability: float

    def of_columns(self, columns: Sequence[int]) -> Finding:
        """The same, its label a place among ``columns`` so far."""
        return replace(self, label=columns[self.label])


def findings(
    smoothed: NDArray[np.floating[Any]],
    known: NDArray[np.bool_],
    times: FrameTimes,
    minimum_ms: float,
    thresholds: NDArray[np.floating[Any]],
    groups: Sequence[Sequence[int]] = (),
) -> list[Finding]:
    """Runs that last at least ``minimum_ms`` by their frames' own times, in order.

    ``smoothed`` (N, C): a frame belongs to its best class when that reaches the class's threshold
    (C,). Unknown frames and gaps end a run. Flicker is merged by smoothing before, not here.
    ``groups``: columns of each class group of a model that tells them apart; a frame may then
    belong to a class of each.
    """
    if len(smoothed) == 0:
        return []
    if groups:
        return by_time(
            item.of_columns(columns)
            for columns in groups
            for item in findings(
                smoothed[:, list(columns)],
                known,
                times,
                minimum_ms,
                np.asarray(thresholds)[list(columns)],
            )
        )
    label = smoothed.argmax(axis=1)
    probability = smoothed[np.arange(len(label)), label].astype(np.float64)
    label = np.where(known & (probability >= np.asarray(thresholds)[label]), label, -1)
    ends = np.diff(label) != 0
    ends[times.gaps] = True
    starts = np.concatenate(([0], np.flatnonzero(ends) + 1))
    stops = np.append(starts[1:], len(label))
    lasts = times.times_ms[stops - 1] + times.durations_ms[stops - 1] - times.times_ms[starts]
    worth = (label[starts] >= 0) & (lasts >= minimum_ms - SLACK_MS)
    return [
        _finding(label, probability, int(start), int(stop))
        for start, stop in zip(starts[worth], stops[worth], strict=True)
    ]


def find_findings(
    raw: NDArray[np.float32],
    known: NDArray[np.bool_],
    thresholds: NDArray[np.float64],
    times: FrameTimes,
    smoothing_s: float,
    minimum_s: float,
    groups: Sequence[Sequence[int]] = (),
) -> list[Finding]:
    """Raw probabilities (N, C) smoothed over ``smoothing_s`` seconds -> findings of at least
    ``minimum_s`` seconds.

    ``thresholds`` (C,): the probability from which on the model names a class; below it is unsure,
    and that is no finding. ``groups``: see ``findings``.
    """
    smoothed = smooth(raw, times, 1000 * smoothing_s, known)
    return findings(smoothed, known, times, 1000 * minimum_s, thresholds, groups)


def still_findings(
    raw: NDArray[np.float32],
    known: NDArray[np.bool_],
    thresholds: NDArray[np.float64],
    groups: Sequence[Sequence[int]] = (),
) -> list[Finding]:
    """Stills are not a film: every image that the model names is a finding of its own, however its
    neighbours look.

    raw (N, C), known (N,), thresholds (C,). ``groups``: see ``findings``.
    """
    if len(raw) == 0:
        return []
    if groups:
        return by_time(
            item.of_columns(columns)
            for columns in groups
            for item in still_findings(
                raw[:, list(columns)], known, np.asarray(thresholds)[list(columns)]
            )
        )
    label, best = raw.argmax(axis=1), raw.max(axis=1)
    named = known & (best >= np.asarray(thresholds)[label])
    return [
        Finding(int(label[index]), index, index + 1, index, float(best[index]))
        for index in np.flatnonzero(named).tolist()
    ]


def by_time(found: Iterable[Finding]) -> list[Finding]:
    """In the order of their first frames; those of one frame as they come."""
    return sorted(found, key=lambda item: item.start)


def _finding(
    label: NDArray[np.int64], probability: NDArray[np.float64], start: int, stop: int
) -> Finding:
    run = probability[start:stop]
    return Finding(int(label[start]), start, stop, start + int(run.argmax()), float(run.mean()))
