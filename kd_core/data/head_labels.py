"""What samples say of each class group, as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kd_core.schema.class_heads import NO_LABEL, NONE, ClassHead
from kd_core.schema.manifest import Sample


def head_labels(
    samples: Sequence[Sample], heads: Sequence[ClassHead], *, complete: bool = False
) -> NDArray[np.int64]:
    """N samples -> (N, G): the place of each one's class in its head, or that of none of the group.

    NO_LABEL where nothing is known; ``complete``: there an image shows none of the group, where
    its head has a place for that.

    >>> heads = [ClassHead(group="Pathology", classes=("polyps",))]
    >>> known = Sample("a", "polyps", "a", labels=(("Pathology", "polyps"),))
    >>> head_labels([known, Sample("b", "cecum", "b")], heads).tolist()
    [[0], [-100]]
    """
    table = np.full((len(samples), len(heads)), NO_LABEL, np.int64)
    for place, head in enumerate(heads):
        if complete and head.none:
            table[:, place] = len(head.classes)
        for row, sample in enumerate(samples):
            for group, label in sample.labels or ((head.group, sample.label),):
                if label in head.classes:
                    table[row, place] = head.classes.index(label)
                elif label == NONE and group == head.group and head.none:
                    table[row, place] = len(head.classes)
    return table


def first_classes(samples: Sequence[Sample], classes: Sequence[str]) -> NDArray[np.int64]:
    """(N,) the class of each one's first group; the number of classes where it shows none."""
    places = {name: place for place, name in enumerate(classes)}
    return np.array([places.get(sample.label, len(classes)) for sample in samples], np.int64)


def shows(
    labels: NDArray[np.int64],
    table: NDArray[np.int64] | None,
    heads: Sequence[ClassHead],
    classes: Sequence[str],
    place: int,
) -> NDArray[np.bool_]:
    """(N,): images said to show the class at ``place`` of ``classes``.

    By their ``labels`` (N,), or where there are ``heads`` by the ``table`` (N, G) of head_labels.
    """
    shown = np.asarray(labels == place, np.bool_)
    if table is None:
        return shown
    for number, head in enumerate(heads):
        if classes[place] in head.classes:
            shown = np.asarray(table[:, number] == head.classes.index(classes[place]), np.bool_)
    return shown
