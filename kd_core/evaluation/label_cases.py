"""Scores of a model with a softmax for each class group: each known label is one case.

A case is what one head says of one image, over the places of all heads side by side; those of the
other heads are 0. So every score that knows one truth an image holds here too, and rows of a table
are the classes and, last, none of each group.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.evaluation.abstention import UNSURE, abstention_scores
from kd_core.evaluation.group_scores import full_scores
from kd_core.evaluation.metrics import scores
from kd_core.schema.class_heads import NO_LABEL, ClassHead
from kd_core.schema.model_scores import PartScores
from kd_core.schema.naming_level import UNSURE_BELOW
from kd_core.vision.head_probabilities import of_places


class LabelCases(NamedTuple):
    """M cases of N images.

    ``probabilities`` (M, K) over the K ``names``, ``truth`` (M,), ``images`` (M,) the image of
    each, ``levels`` (K,) from which on one is named; ``heads`` (M,) which one speaks.
    """

    probabilities: NDArray[np.float32]
    truth: NDArray[np.int64]
    images: NDArray[np.int64]
    heads: NDArray[np.int64]
    names: tuple[str, ...]
    levels: NDArray[np.float64]


def names_of(classes: Sequence[str], heads: Sequence[ClassHead]) -> tuple[str, ...]:
    """The classes, and none of each group that may be none."""
    return (*classes, *(head.names[-1] for head in heads if head.none))


def label_cases(
    probabilities: NDArray[np.floating[Any]],
    labels: NDArray[np.int64],
    classes: Sequence[str],
    heads: Sequence[ClassHead],
) -> LabelCases:
    """(N, C) probabilities of ``classes`` and (N, G) labels (kd_core.data.head_labels) -> cases."""
    names = names_of(classes, heads)
    tables, truths, images, owners = [], [], [], []
    levels = np.full(len(names), UNSURE_BELOW)
    for number, head in enumerate(heads):
        columns = [names.index(name) for name in head.names]
        if head.naming is not None:
            levels[columns] = head.naming.level
        known = np.flatnonzero(labels[:, number] != NO_LABEL)
        table = np.zeros((len(known), len(names)), np.float32)
        table[:, columns] = of_places(probabilities[known], classes, head)
        tables.append(table)
        truths.append(np.array(columns, np.int64)[labels[known, number]])
        images.append(known)
        owners.append(np.full(len(known), number))
    return LabelCases(
        np.concatenate(tables),
        np.concatenate(truths),
        np.concatenate(images),
        np.concatenate(owners),
        names,
        levels,
    )


def case_scores(
    cases: LabelCases,
    heads: Sequence[ClassHead],
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> PartScores:
    """Of all cases, and of each class group in ``by_group``.

    AUROC is of each class against the others of its group. ``groups`` (N,): what an image must
    stay together with; intervals are then by these.
    """
    by_group = {}
    for number, head in enumerate(heads):
        own = cases.heads == number
        if not own.any():
            continue
        columns = [cases.names.index(name) for name in head.names]
        by_group[head.group] = _scored(
            cases.probabilities[own][:, columns],
            np.array([columns.index(place) for place in cases.truth[own].tolist()], np.int64),
            cases.levels[columns],
            head.names,
            None if groups is None else groups[cases.images[own]],
            seed,
        )
    whole = _scored(
        cases.probabilities,
        cases.truth,
        cases.levels,
        cases.names,
        None if groups is None else groups[cases.images],
        seed,
    )
    areas = {name: area for row in by_group.values() for name, area in row.auroc.items()}
    known = [area for area in areas.values() if area is not None]
    return msgspec.structs.replace(
        whole,
        macro_f1=float(np.mean([row.macro_f1 or 0.0 for row in by_group.values()])),
        auroc=areas,
        macro_auroc=float(np.mean(known)) if known else None,
        by_group=by_group,
    )


def _scored(
    probabilities: NDArray[np.float32],
    truth: NDArray[np.int64],
    levels: NDArray[np.float64],
    names: tuple[str, ...],
    groups: NDArray[Any] | None,
    seed: int,
) -> PartScores:
    made = (
        scores(probabilities, truth, names)
        if groups is None
        else full_scores(probabilities, truth, groups, names, seed)
    )
    return msgspec.structs.replace(
        made, abstention=abstention_scores(probabilities, truth, levels, names)
    )


def named_of_groups(
    probabilities: NDArray[np.floating[Any]],
    levels: NDArray[np.float64],
    classes: Sequence[str],
    heads: Sequence[ClassHead],
) -> NDArray[np.int64]:
    """(N, C) probabilities, (C,) levels -> (N, G) class of each group, UNSURE where none is named.

    >>> pathology = ClassHead(group="Pathology", classes=("polyps",))
    >>> cleanness = ClassHead(group="Preparation", classes=("bad", "good"), none=False)
    >>> shown = np.array([[0.9, 0.3, 0.7], [0.2, 0.45, 0.55]])
    >>> named_of_groups(
    ...     shown, np.full(3, 0.6), ["polyps", "bad", "good"], [pathology, cleanness]
    ... ).tolist()
    [[0, 2], [-1, -1]]
    """
    called = np.full((len(probabilities), len(heads)), UNSURE, np.int64)
    for number, head in enumerate(heads):
        columns = np.array(head.columns(classes))
        top = columns[probabilities[:, columns].argmax(axis=1)]
        sure = probabilities[np.arange(len(top)), top] >= levels[top]
        called[sure, number] = top[sure]
    return called
