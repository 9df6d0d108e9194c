"""Orders in which a reader looks at frames, so that the minutes go where they teach most. No Qt."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def margins(probabilities: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Distance between the two best classes of every frame.

    probabilities (N, C), C >= 1; returns (N,), NaN where a frame has any NaN. With one class its
    second best is 0. Raises ValueError for another shape. Source: margin sampling, Scheffer,
    Decomain and Wrobel 2001.
    """
    if probabilities.ndim != 2 or probabilities.shape[1] < 1:
        raise ValueError(f"probabilities must be (frames, classes), not {probabilities.shape}")
    values = probabilities.astype(np.float64)
    if values.shape[1] == 1:
        return values[:, 0]
    best_two = np.partition(values, -2, axis=1)[:, -2:]
    margin: NDArray[np.float64] = best_two[:, 1] - best_two[:, 0]
    return np.where(np.isnan(values).any(axis=1), np.nan, margin)


def with_none(probabilities: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Probabilities (N, C) of one class group -> (N, C + 1): what is left is for none of them."""
    rest = np.clip(1.0 - probabilities.sum(axis=1, keepdims=True), 0.0, 1.0)
    return np.concatenate([probabilities, rest.astype(probabilities.dtype)], axis=1)


def rare_class_first(
    model_code: NDArray[np.integer[Any]], counts: NDArray[np.integer[Any]] | None = None
) -> NDArray[np.int64]:
    """Frames (N,) ordered by how rarely their class is predicted, within a class by time.

    model_code (N,) has negative codes for frames without a prediction, which come last. counts (C,)
    says how often each class is predicted, where that is to be taken from more frames than these.
    Raises ValueError for a code beyond counts.
    """
    known = model_code >= 0
    if counts is None:
        counts = np.bincount(model_code[known])
    elif known.any() and int(model_code.max()) >= len(counts):
        raise ValueError(f"class {int(model_code.max())}, but counts of {len(counts)} classes")
    turn = np.empty(len(counts) + 1, dtype=np.int64)
    turn[np.argsort(counts, kind="stable")] = np.arange(len(counts))
    turn[-1] = len(counts)
    return np.argsort(turn[np.where(known, model_code, len(counts))], kind="stable").astype(
        np.int64
    )


def spread(n: int) -> NDArray[np.int64]:
    """All frames 0..n-1, such that any first part of the order covers the whole procedure evenly:
    0, n/2, n/4, 3n/4, ...

    The van der Corput sequence in base 2, scaled to n frames, each frame at its first turn.
    """
    if n <= 0:
        return np.empty(0, dtype=np.int64)
    bits = (n - 1).bit_length()
    counter = np.arange(1 << bits, dtype=np.int64)
    reversed_bits = np.zeros_like(counter)
    for bit in range(bits):
        reversed_bits |= ((counter >> bit) & 1) << (bits - 1 - bit)
    frames = (reversed_bits * n) >> bits
    first_turns = np.unique(frames, return_index=True)[1]
    order: NDArray[np.int64] = frames[np.sort(first_turns)]
    return order


def next_in(
    order_or_mask: NDArray[np.integer[Any]] | NDArray[np.bool_], index: int, direction: int
) -> int | None:
    """The frame after (direction 1) or before (-1) frame ``index``, or None at the end.

    A mask (N,) bool is walked by time. An order (M,) of frames is walked as it stands; from a frame
    that is not in it the walk begins at its first frame, or backwards at its last. Raises
    ValueError for another direction.
    """
    if direction not in (1, -1):
        raise ValueError(f"direction must be 1 or -1, not {direction}")
    if order_or_mask.dtype == np.bool_:
        return _next_true(order_or_mask.astype(np.bool_, copy=False), index, direction)
    if len(order_or_mask) == 0:
        return None
    places = np.flatnonzero(order_or_mask == index)
    if len(places) == 0:
        return int(order_or_mask[0 if direction == 1 else -1])
    place = int(places[0]) + direction
    return int(order_or_mask[place]) if 0 <= place < len(order_or_mask) else None


def _next_true(mask: NDArray[np.bool_], index: int, direction: int) -> int | None:
    """As next_in, of a mask.

    argmax stops at the first True, so a near neighbour is found without reading the whole.
    """
    if direction == 1:
        start = max(0, index + 1)
        rest = mask[start:]
        step = int(rest.argmax()) if len(rest) else 0
        return start + step if len(rest) and rest[step] else None
    rest = mask[: max(0, index)][::-1]
    step = int(rest.argmax()) if len(rest) else 0
    return len(rest) - 1 - step if len(rest) and rest[step] else None
