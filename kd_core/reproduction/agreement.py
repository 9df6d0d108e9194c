"""How each model does where the teachers agree and where they do not.

Where all say the same there is nothing to choose between them; what a fusion adds can only be seen
where they differ. The oracle is one who always knew which teacher is right: right where any is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.reproduction.reproduce import Reproduction
from kd_core.reproduction.spread import Spread, spread_of

ORACLE = "oracle: the teacher that is right"
Labels = NDArray[np.integer[Any]]


class AgreementRow(msgspec.Struct, frozen=True):
    """Accuracy on all images, and on those of which the teachers say different classes.

    ``disagreeing`` None where no seed has such images.
    """

    all: Spread
    disagreeing: Spread | None


class Agreement(msgspec.Struct, frozen=True):
    """``share`` of the images of which the teachers say different classes; ``rows`` by name."""

    share: Spread
    rows: dict[str, AgreementRow]


def agreement_of(reproduction: Reproduction) -> Agreement | None:
    """On the part compared, over the seeds of all rows; None with fewer than two teachers."""
    teachers = [row.name for row in reproduction.rows if row.is_teacher]
    names = [row.name for row in reproduction.rows if reproduction.results[row.name]]
    if len(teachers) < 2 or not set(teachers) <= set(names):
        return None
    seeds = sorted(set.intersection(*(set(reproduction.results[name]) for name in names)))
    predicted = {
        name: [reproduction.logits(name, seed).argmax(1) for seed in seeds] for name in names
    }
    return agreement(reproduction.compared.labels, predicted, teachers) if seeds else None


def agreement(
    truth: Labels, predicted: Mapping[str, Sequence[Labels]], teachers: Sequence[str]
) -> Agreement:
    """(N,) truth and each model's predictions (N,) by name and run; ``teachers`` are among them."""
    votes = [np.stack(run) for run in zip(*(predicted[name] for name in teachers), strict=True)]
    differing = [(run != run[0]).any(axis=0) for run in votes]
    right = {name: [run == truth for run in runs] for name, runs in predicted.items()}
    right[ORACLE] = [(run == truth).any(axis=0) for run in votes]
    return Agreement(
        spread_of([float(where.mean()) for where in differing]),
        {
            name: AgreementRow(
                spread_of([float(run.mean()) for run in runs]), _where(runs, differing)
            )
            for name, runs in right.items()
        },
    )


def _where(runs: Sequence[NDArray[np.bool_]], chosen: Sequence[NDArray[np.bool_]]) -> Spread | None:
    shares = [
        float(run[where].mean()) for run, where in zip(runs, chosen, strict=True) if where.any()
    ]
    return spread_of(shares) if shares else None
