"""Smooth seeded noise on the unrolled wall (rows: along the colon; columns: around it, joined
at the ends).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


def value_noise(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> F32:
    """Noise of zero mean and unit spread, `cells` bumps in each direction, periodic across the
    columns.
    """
    rows, cols = shape
    grid = rng.standard_normal((max(2, cells[0]), max(3, cells[1]))).astype(np.float32)
    pad = 3
    wide = np.concatenate([grid[:, -pad:], grid, grid[:, :pad]], axis=1)
    scale = cols / grid.shape[1]
    big = cv2.resize(wide, (round(wide.shape[1] * scale), rows), interpolation=cv2.INTER_CUBIC)
    start = round(pad * scale)
    out = big[:, start : start + cols]
    return np.asarray((out - out.mean()) / (out.std() + 1e-6), dtype=np.float32)


def fractal(
    rng: np.random.Generator,
    shape: tuple[int, int],
    cells: tuple[int, int],
    octaves: int,
    gain: float = 0.55,
) -> F32:
    """Several octaves of value noise, each twice as fine as the one before."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        total += gain**octave * value_noise(rng, shape, (cells[0] << octave, cells[1] << octave))
    return np.asarray(total / total.std(), dtype=np.float32)


def smoothstep(low: float, high: float, value: NDArray[np.floating[Any]]) -> F32:
    """Zero below `low`, one above `high`, and a smooth rise between."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)


def wrap_blur(image: F32, sigma: float) -> F32:
    """Gaussian blur that treats the columns as a ring."""
    pad = int(4 * sigma) + 1
    wide = cv2.copyMakeBorder(image, 0, 0, pad, pad, cv2.BORDER_WRAP)
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), sigma)[:, pad:-pad], dtype=np.float32)
