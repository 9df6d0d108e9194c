"""Class activation maps of the last layer in closed form, from what one forward pass gives.

They hold for a network that ends in global average pooling and one linear layer, as the student
does: logit = sum_k w_k * mean(A_k) + b, so its gradient by A_k is w_k / (h * w) at every position,
and what remains of the logit without channel k is logit - w_k * mean(A_k). Nothing is passed
backwards and no layer is run again. Each map is the one of the grad-cam package (Gildenblat 2021)
before it is scaled, with its constants; tests hold them together to 1e-5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kd_core.vision.cam import grad_cam

Array = NDArray[np.float32]
#: What the package adds to a denominator that may be 0.
_PLUS_PLUS_EPSILON, _AXIOM_EPSILON = np.float32(1e-6), np.float32(1e-7)


class LastLayer(NamedTuple):
    """``features`` (K, h, w), the last map, 0 or above.

    ``class_weights`` (K,) and ``logit`` are of the class to explain.
    """

    features: Array
    class_weights: Array
    logit: float


def _grad_cam(last: LastLayer) -> Array:
    """Selvaraju et al. 2017; HiResCAM (Draelos and Carin 2020) is the same at this layer."""
    return grad_cam(last.features, last.class_weights)


def _layer_cam(last: LastLayer) -> Array:
    """Jiang et al. 2021: positive gradients alone."""
    return _weighted(last.features, np.maximum(_gradient(last), 0))


def _grad_cam_plus_plus(last: LastLayer) -> Array:
    """Chattopadhyay et al. 2018, eq. 19 with the ReLU of eq. 7."""
    gradient, total = _gradient(last), last.features.sum(axis=(1, 2))
    square = gradient**2
    alpha = square / (2 * square + total * square * gradient + _PLUS_PLUS_EPSILON)
    positions = np.float32(last.features[0].size)
    return _weighted(
        last.features, positions * np.where(gradient > 0, gradient * alpha, np.float32(0))
    )


def _x_grad_cam(last: LastLayer) -> Array:
    """Fu et al. 2020: gradients weighted by where a channel is active."""
    total = last.features.sum(axis=(1, 2))
    return _weighted(last.features, _gradient(last) * total / (total + _AXIOM_EPSILON))


def _eigen_cam(last: LastLayer) -> Array:
    """Muhammad and Yeasin 2020: the first principal component, whatever the class.

    Its sign is arbitrary.
    """
    channels, height, width = last.features.shape
    rows = last.features.reshape(channels, -1).T
    rows = rows - rows.mean(axis=0)
    _, _, directions = np.linalg.svd(rows, full_matrices=False)
    component: Array = np.maximum(rows @ directions[0], 0).reshape(height, width)
    return component


def _ablation_cam(last: LastLayer) -> Array:
    """Desai and Ramaswamy 2020: by which share the logit falls without a channel."""
    drop = last.class_weights * last.features.mean(axis=(1, 2)) / np.float32(last.logit)
    return _weighted(last.features, drop)


#: Keys as in kd_core.schema.heat_map_methods.
CLOSED_FORMS: Mapping[str, Callable[[LastLayer], Array]] = {
    "gradcam": _grad_cam,
    "hirescam": _grad_cam,
    "layercam": _layer_cam,
    "eigencam": _eigen_cam,
    "gradcam++": _grad_cam_plus_plus,
    "xgradcam": _x_grad_cam,
    "ablationcam": _ablation_cam,
}


def _gradient(last: LastLayer) -> Array:
    """(K,): that of the logit by any position of each channel."""
    return last.class_weights / np.float32(last.features[0].size)


def _weighted(features: Array, weights: Array) -> Array:
    """(K, h, w) and (K,) -> the positive part of the weighted sum (h, w)."""
    total: Array = np.maximum(np.tensordot(weights, features, axes=1), 0).astype(np.float32)
    return total
