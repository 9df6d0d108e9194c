"""What gives a class back the recall that a retraining has taken from it: its logit is raised.

A reader corrects what is wrong, so some classes are hardly among the corrections, and the student
learns to name them less often, which is true of the corrections and not of what was known before.
A bias of the head undoes that (Menon et al. 2021, "Long-tail learning via logit adjustment",
section 4.1), as little of it as is needed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kd_core.retraining.evidence import LOSS_ALLOWED

_STEP, _MOST = 0.05, 1.5


def class_shift(
    logits: NDArray[np.float32], before: NDArray[np.float32], truth: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(N, C) logits, (N, C') of the model before, (N,) truth -> what to add to the logits (C,).

    Step by step the class that has lost most recall is raised, until none has lost more than
    LOSS_ALLOWED points, or one was raised by _MOST; what lost least on the way is taken. Classes
    that ``truth`` does not show are moved neither up nor down against the mean of the others.

    >>> half_lost = np.array([[2.0, 0.0], [0.0, 0.12], [0.0, 2.0]], np.float32)
    >>> right = np.array([[2.0, 0.0], [2.0, 0.0], [0.0, 2.0]], np.float32)
    >>> [f"{moved:.3f}" for moved in class_shift(half_lost, right, np.array([0, 0, 1]))]
    ['0.075', '-0.075']
    """
    count = logits.shape[1]
    had = _recalls(before, truth, count)
    shift, best = np.zeros(count, np.float32), np.zeros(count, np.float32)
    least = np.inf
    while shift.max() <= _MOST:
        lost = had - _recalls(logits + shift, truth, count)
        worst = int(lost.argmax())
        if lost[worst] < least:
            least, best = lost[worst], shift.copy()
        if lost[worst] <= LOSS_ALLOWED:
            break
        shift[worst] += _STEP
    shown = np.isin(np.arange(count), truth)
    return np.where(shown, best - best[shown].mean(), 0.0).astype(np.float32)


def shifted_apart(
    logits: NDArray[np.float32], before: NDArray[np.float32], truth: NDArray[np.int64]
) -> NDArray[np.float32]:
    """``logits`` (N, C), each half of every class with the shift that the other half asks for.

    A shift is settled on few images, and those themselves would say too well of it.
    """
    second = np.zeros(len(truth), np.bool_)
    for index in np.unique(truth):
        second[np.flatnonzero(truth == index)[1::2]] = True
    moved = logits.copy()
    for asked in (second, ~second):
        if asked.any() and not asked.all():
            moved[asked] += class_shift(logits[~asked], before[~asked], truth[~asked])
    return moved


def _recalls(
    logits: NDArray[np.float32], truth: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """(count,) in per cent; 0 of a class that is not shown."""
    hits = np.bincount(truth[logits.argmax(axis=1) == truth], minlength=count)
    return 100.0 * hits / np.maximum(1, np.bincount(truth, minlength=count))
