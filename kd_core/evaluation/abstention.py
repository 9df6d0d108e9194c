"""When a model should say "unsure": below one probability for all classes.

From it on, predictions were right often enough on validation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kd_core.evaluation.intervals import Interval, wilson
from kd_core.schema.model_scores import Abstention, Bounds, NamedFrames
from kd_core.schema.naming_level import NEVER, UNSURE_BELOW, NamingLevel

#: The share of named frames that should be right.
PRECISION = 0.95
#: Of a class that few frames show: with .95, two or three old frames that resemble it kept three of
#: four of its own from being named.
PRECISION_OF_NEW = 0.9
#: Whole per cents, so that what a reader is told is what counts, and so that a level is the best of
#: fifty rather than of every frame. None is below one half, however often it was right there:
#: validation holds no frame of anything else, and those are what such predictions would be about.
LEVELS = tuple(per_cent / 100 for per_cent in range(round(100 * UNSURE_BELOW), 100))
#: A level that names fewer helps nobody: it is not taken for the sake of the bound.
FEWEST_NAMED = 0.5
UNSURE = -1


class _Named(NamedTuple):
    """What a level names of the validation images."""

    level: float
    named: int
    share: Interval  # that is right
    coverage: float


def naming_level(
    probabilities: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    precision: float = PRECISION,
) -> NamingLevel:
    """(N, C) calibrated probabilities and (N,) truth of validation -> the level for all classes.

    The lowest of LEVELS from which on the most probable class is right in ``precision`` of cases by
    the lower end of Wilson's interval. Where that would leave most images unsure, for too few are
    there or too many wrong, the lowest from which on, and from every stricter one that names half
    of them on, ``precision`` of those named were right; where there is none, the one whose lower
    end is highest. The reason says so. NEVER where not even UNSURE_BELOW is reached.
    """
    top, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    levels = [_named_from(level, top, right) for level in LEVELS]
    useful = [each for each in levels if each.coverage >= FEWEST_NAMED]
    chosen = next((each for each in useful if each.share.low >= precision), None)
    reason = ""
    if chosen is None:
        chosen = _lowest_steady(useful, precision)
        reason = _bound_missed(levels, precision, len(truth))
    if chosen is None:
        chosen = max(levels, key=lambda each: each.share.low)
        reason = (
            f"at no level that names half of the {len(truth)} images are {100 * precision:.0f} % of"
            " those right as at every stricter one, so it is the one that most vouches for:"
            f" {100 * chosen.share.low:.1f} %"
        )
    if chosen.share.low < UNSURE_BELOW:
        reason = (
            f"at no level do {len(truth)} images show that most of what is named is right, so"
            " nothing is named"
        )
        return NamingLevel(level=NEVER, target=precision, named=0, reason=reason)
    return NamingLevel(
        level=chosen.level,
        target=precision,
        named=chosen.named,
        precision=Bounds(*chosen.share),
        reason=reason,
    )


def _named_from(level: float, top: NDArray[np.floating[Any]], right: NDArray[np.bool_]) -> _Named:
    called = top >= level
    count = int(called.sum())
    return _Named(level, count, wilson(int(right[called].sum()), count), count / max(1, len(top)))


def _lowest_steady(useful: Sequence[_Named], precision: float) -> _Named | None:
    """The lowest from which on all reach ``precision`` as counted; one alone may by luck."""
    steady = None
    for each in reversed(useful):
        if each.share.value < precision:
            break
        steady = each
    return steady


def _bound_missed(levels: Sequence[_Named], precision: float, images: int) -> str:
    """Why a level is taken whose lower bound does not reach ``precision``."""
    asked = f"{100 * precision:.0f} % by the lower bound"
    bound = next((each for each in levels if each.share.low >= precision), None)
    missed = (
        f"{asked} cannot be reached with {images} images"
        if bound is None
        else f"{asked} would leave {100 * (1 - bound.coverage):.0f} % of the {images} images unsure"
    )
    return (
        f"{missed}, so it is the lowest from which on {100 * precision:.0f} % were right as counted"
    )


def new_class_level(
    known: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    own: NDArray[np.floating[Any]],
    index: int,
    common: float,
) -> float:
    """From which probability on a class is named that few frames show; at most the ``common`` one.

    ``known``: (N, C) probabilities of frames of other classes, which are ``truth``; ``own``: (M, C)
    of its own. A model is less sure of what it has seen little of: the lowest of LEVELS from which
    on PRECISION_OF_NEW of the frames called so are right, where its own count as much as the mean
    other class does, for how many were labelled says nothing of how many come; and the lower end of
    Wilson's interval of the frames as they are reaches UNSURE_BELOW, which takes four of four.
    NEVER where no level up to ``common`` does.
    """
    often = max(1, round(len(truth) / max(1, len(np.unique(truth))) / max(1, len(own))))
    for level in LEVELS:
        if level > common:
            break
        only = np.where(np.arange(known.shape[1]) == index, level, NEVER)
        right, wrong = (int((named(part, only) == index).sum()) for part in (own, known))
        share = often * right / max(1, often * right + wrong)
        if share >= PRECISION_OF_NEW and wilson(right, right + wrong).low >= UNSURE_BELOW:
            return level
    return NEVER


def named(
    probabilities: NDArray[np.floating[Any]], thresholds: NDArray[np.float64]
) -> NDArray[np.int64]:
    """(N, C) probabilities, (C,) thresholds -> (N,) class indices, UNSURE below a threshold."""
    top = probabilities.argmax(axis=1)
    sure = probabilities[np.arange(len(top)), top] >= thresholds[top]
    return np.where(sure, top, UNSURE).astype(np.int64)


def abstention_scores(
    probabilities: NDArray[np.floating[Any]],
    truth: NDArray[np.integer[Any]],
    thresholds: NDArray[np.float64],
    classes: Sequence[str],
) -> Abstention:
    """What the thresholds (C,) do on (N, C) probabilities with (N,) truth.

    ``coverage``: share of frames that are named; ``precision``: share of those that is right (None
    of none), with Wilson's interval; the same per class, where coverage is the share of the class's
    own frames that is named anything.
    """
    predicted = named(probabilities, thresholds)
    sure = predicted != UNSURE
    whole = wilson(int((predicted == truth)[sure].sum()), int(sure.sum())) if sure.any() else None
    rows = {}
    for index, name in enumerate(classes):
        called, own = predicted == index, truth == index
        right = int((called & own).sum())
        rows[name] = NamedFrames(
            named=int(called.sum()),
            precision=Bounds(*wilson(right, int(called.sum()))) if called.any() else None,
            coverage=float(sure[own].mean()) if own.any() else None,
        )
    return Abstention(
        n=len(truth),
        coverage=float(sure.mean()) if len(truth) else 0.0,
        precision=None if whole is None else whole.value,
        precision_bounds=None if whole is None else Bounds(*whole),
        per_class=rows,
    )
