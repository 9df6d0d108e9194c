"""From the logits of a model to calibrated probabilities: one softmax, or one a class group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kd_core.schema.class_heads import ClassHead
from kd_core.schema.model_card import ModelCard

Array = NDArray[np.float32]


def softmax(logits: NDArray[Any]) -> Array:
    """(N, C) -> (N, C), shifted by the row's maximum so that large logits do not overflow."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Array = shifted / shifted.sum(axis=1, keepdims=True)
    return result


def head_logits(logits: NDArray[Any], classes: Sequence[str], head: ClassHead) -> Array:
    """(N, C) of ``classes`` -> (N, head.places), 0 for none of the group."""
    own: Array = np.asarray(logits[:, head.columns(classes)], np.float32)
    if not head.none:
        return own
    return np.concatenate([own, np.zeros((len(own), 1), np.float32)], axis=1)


def head_probabilities(logits: NDArray[Any], classes: Sequence[str], head: ClassHead) -> Array:
    """(N, C) logits of ``classes`` -> calibrated probabilities (N, head.places)."""
    return softmax(head_logits(logits, classes, head) / np.float32(head.temperature))


def class_probabilities(logits: NDArray[Any], card: ModelCard) -> Array:
    """(N, C) -> the calibrated probability of each class, (N, C).

    Of a model with a softmax for each class group those of a group add up to 1, or to less where
    it may be that an image shows none of them.
    """
    if not card.heads:
        return softmax(logits / np.float32(card.temperature))
    return table_of_heads(logits, card.classes, card.heads)


def table_of_heads(
    logits: NDArray[Any], classes: Sequence[str], heads: Sequence[ClassHead]
) -> Array:
    """(N, C) logits of ``classes`` -> the calibrated probability of each in its group, (N, C)."""
    result = np.zeros(logits.shape, np.float32)
    for head in heads:
        own = head_probabilities(logits, classes, head)
        result[:, head.columns(classes)] = own[:, : len(head.classes)]
    return result


def of_places(probabilities: NDArray[Any], classes: Sequence[str], head: ClassHead) -> Array:
    """Probabilities (N, C) of ``class_probabilities`` -> (N, head.places): with none of the group.

    >>> head = ClassHead(group="Pathology", classes=("polyps",))
    >>> of_places(np.float32([[0.25]]), ["polyps"], head).tolist()
    [[0.25, 0.75]]
    """
    own: Array = np.asarray(probabilities[:, head.columns(classes)], np.float32)
    if not head.none:
        return own
    rest = np.clip(1.0 - own.sum(axis=1, keepdims=True), 0.0, 1.0)
    return np.concatenate([own, rest], axis=1)


def leading_classes(
    probabilities: NDArray[Any], levels: NDArray[Any], groups: Sequence[Sequence[int]] = ()
) -> NDArray[np.int64]:
    """(N, C) probabilities, (C,) naming levels -> (N,) the class that counts where one alone does.

    That is the most probable one; with ``groups`` (columns of each class group, in their order)
    the one of the first group that is named, and where none is, again the most probable.

    >>> rows = np.array([[0.8, 0.1, 0.9], [0.3, 0.1, 0.9], [0.3, 0.1, 0.6]])
    >>> leading_classes(rows, np.full(3, 0.7), [[0], [1, 2]]).tolist()
    [0, 2, 2]
    """
    lead: NDArray[np.int64] = probabilities.argmax(axis=1).astype(np.int64)
    rows = np.arange(len(lead))
    for columns in reversed(groups):
        own = np.array(columns, np.int64)[probabilities[:, list(columns)].argmax(axis=1)]
        lead = np.where(probabilities[rows, own] >= levels[own], own, lead)
    return lead
