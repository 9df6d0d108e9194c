"""The closed end of the phantom colon: a rounded floor with converging folds and the mouth of
the appendix.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .noise import F32, fractal, smoothstep
from .wall import MUCOSA, _branch

SIZE = 768
HALF = 1.5
FLOOR = 47.75


@dataclass(frozen=True)
class Cap:
    """The floor's depth, its slopes (shape and ripple) and its paint, over (x, y) across the
    colon.
    """

    depth: F32
    slopes: F32
    paint: F32


def build_cap(seed: int) -> Cap:
    """Draw the floor: three ridges that meet, a crescent mouth beside their meeting point."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) * (2 * HALF / SIZE) - HALF
    cx, cy = 0.10, 0.08
    angle, rho = np.arctan2(y - cy, x - cx), np.hypot(x - cx, y - cy)
    swirl = angle + 0.9 * np.exp(-rho / 0.35)
    depth = -0.42 * (x**2 + y**2) + 0.085 * fractal(rng, (SIZE, SIZE), (4, 4), 2)
    for ray in (0.4, 2.6, 4.6):
        away = np.angle(np.exp(1j * (swirl - ray)))
        reach = np.exp(-(((rho - 0.48) / 0.33) ** 2))
        depth -= 0.22 * reach * np.exp(-((away * (0.35 + rho) / 0.16) ** 2))
    mouth = np.hypot((x - cx) / 1.25, (y - cy - 0.35 * (x - cx) ** 2 / 0.3) * 2.0)
    depth -= 0.07 * np.exp(-(((mouth - 0.24) / 0.08) ** 2))
    depth += 0.34 * np.exp(-((mouth / 0.13) ** 4))
    broad, fine = fractal(rng, (SIZE, SIZE), (6, 6), 3), fractal(rng, (SIZE, SIZE), (110, 110), 2)
    colour = (
        MUCOSA
        + np.array([0.03, 0.035, 0.03], np.float32) * broad[..., None]
        + 0.014 * fine[..., None]
    )
    vessels = np.zeros((SIZE, SIZE), np.float32)
    for _ in range(34):
        _branch(
            vessels,
            rng,
            (rng.uniform(0, SIZE), rng.uniform(0, SIZE)),
            rng.uniform(0, 6.3),
            rng.uniform(1.2, 3.0),
            3,
        )
    vessels = cv2.GaussianBlur(vessels, (0, 0), 1.1)[..., None] * 0.5
    colour = colour + vessels * (np.array([0.62, 0.16, 0.13], np.float32) - colour)
    hole = (0.75 * np.exp(-((mouth / 0.15) ** 4)))[..., None]
    colour = colour + hole * (np.array([0.28, 0.09, 0.07], np.float32) - colour)
    ripple = 0.009 * fractal(rng, (SIZE, SIZE), (45, 45), 2)
    pairs: list[F32] = []
    for image in (depth, ripple):
        rows, cols = np.gradient(image, 2 * HALF / SIZE)
        pairs += [cols.astype(np.float32), rows.astype(np.float32)]
    paint = np.dstack(
        [colour, 0.10 + 0.8 * smoothstep(0.6, 1.6, fractal(rng, (SIZE, SIZE), (9, 9), 4, 0.7))]
    ).astype(np.float32)
    return Cap((depth + FLOOR).astype(np.float32), np.dstack(pairs), paint)
