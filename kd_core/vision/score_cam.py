"""Score-CAM (Wang et al. 2020): each channel weighs what the class gets where it is active.

It needs a forward pass per channel, which ONNX Runtime gives as well as torch does.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
#: As in the grad-cam package, whose map this is to 1e-5.
_EPSILON = np.float32(1e-8)


def score_cam(
    model_input: Array, features: Array, logits_of: Callable[[Array], Array], class_index: int
) -> Array:
    """(3, S, S) model input and its last map (K, h, w) -> (h, w), not scaled.

    ``logits_of``: (1, 3, S, S) -> (1, C).
    """
    scores = []
    for channel in features:
        enlarged = _enlarged(channel, model_input.shape[-1])
        low, high = np.float32(enlarged.min()), np.float32(enlarged.max())
        mask = (enlarged - low) / (high - low + _EPSILON)
        scores.append(logits_of((model_input * mask)[None])[0, class_index])
    shifted = np.exp(np.array(scores) - max(scores)).astype(np.float32)
    weights = shifted / shifted.sum()
    result: Array = np.maximum(np.tensordot(weights, features, axes=1), 0).astype(np.float32)
    return result


def _enlarged(channel: Array, size: int) -> Array:
    """(h, w) -> (size, size), linear between positions, corners on corners."""
    rows, columns = (_interpolation(count, size) for count in channel.shape)
    result: Array = (rows @ channel @ columns.T).astype(np.float32)
    return result


def _interpolation(count: int, size: int) -> Array:
    """(size, count): how much each output takes of each input."""
    place = np.linspace(0, count - 1, size)
    distance = np.abs(place[:, None] - np.arange(count)[None, :])
    taken: Array = np.maximum(1 - distance, 0).astype(np.float32)
    return taken
