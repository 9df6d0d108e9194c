"""Grad-CAM in closed form for a network that ends in global average pooling and one linear layer.

Grad-CAM (Selvaraju et al. 2017, eq. 1 and 2) weights channel k by the mean over positions of d
logit_c / d A_k. With logit_c = sum_k w_ck * mean(A_k) + b_c that gradient is w_ck / (h * w) at
every position, so the map is ReLU(sum_k w_ck * A_k) / (h * w): no backward pass. tests/core holds
it against the grad-cam package to 1e-5.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def grad_cam(features: Array, class_weights: Array) -> Array:
    """(K, h, w) last feature map and (K,) weights of one class -> (h, w) Grad-CAM of its logit.

    Not normalised.
    """
    channels, height, width = features.shape
    weighted = class_weights @ features.reshape(channels, height * width)
    result: Array = np.maximum(weighted, 0.0).reshape(height, width) / np.float32(height * width)
    return result


def to_unit_range(cam: Array) -> Array:
    """Scale so that the strongest position is 1; a map with no positive evidence stays all 0."""
    peak = float(cam.max(initial=0.0))
    return cam / np.float32(peak) if peak > 0 else np.zeros_like(cam)


def shown_share(model_input: Array, grid: tuple[int, int]) -> Array:
    """(3, S, S) model input -> (h, w): how much of each position of a map it shows, 0 to 1."""
    shown = (model_input != 0).any(axis=0).astype(np.float32)
    share: Array = cv2.resize(shown, grid[::-1], interpolation=cv2.INTER_AREA)
    return share


def visible_unit_range(cam: Array, model_input: Array) -> Array:
    """(h, w) map of any layer and (3, S, S) model input -> (h, w) in 0..1.

    It is 0 where the model is shown nothing: evidence there is only an edge of the mask.
    """
    return to_unit_range(cam * shown_share(model_input, cam.shape))
