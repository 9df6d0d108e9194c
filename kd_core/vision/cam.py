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

from kd_core.vision.blanking import visible_mask
from kd_core.vision.preprocess import INPUT_SIZE

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


def visible_unit_range(cam: Array) -> Array:
    """(h, w) map of any layer -> (h, w) in 0..1 that is 0 where the model is shown nothing:
    evidence there is only an edge of the mask.
    """
    visible = cv2.resize(
        visible_mask(INPUT_SIZE),
        cam.shape[::-1],
        interpolation=cv2.INTER_AREA,
    )
    return to_unit_range(cam * visible)
