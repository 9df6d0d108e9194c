"""The wall of the phantom colon as maps over (distance along, angle around): how far it bulges,
its colour, its gloss.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .noise import F32, fractal, smoothstep, wrap_blur

LENGTH = 48.0
ROWS_PER_UNIT = 96
COLS = 1024
SHAPE = (int(LENGTH * ROWS_PER_UNIT), COLS)
TAU = 2.0 * np.pi

MUCOSA = np.array([0.90, 0.43, 0.30], np.float32)


@dataclass
class Canvas:
    """The wall while it is being painted."""

    rng: np.random.Generator
    z: F32
    theta: F32
    bulge: F32
    colour: F32
    gloss: F32

    def mix(self, colour: tuple[float, float, float], alpha: F32) -> None:
        """Lay a colour over the wall where `alpha` says."""
        for channel in range(3):
            self.colour[..., channel] += alpha * (colour[channel] - self.colour[..., channel])

    def zone(self, start: float, stop: float, soft: float = 1.0) -> F32:
        """One within the stretch of colon from `start` to `stop`, fading to zero over `soft`."""
        rise = smoothstep(start - soft, start + soft, self.z)
        return np.asarray(
            rise * (1.0 - smoothstep(stop - soft, stop + soft, self.z)), dtype=np.float32
        )


def wetness(rng: np.random.Generator) -> F32:
    """Gloss in patches: most of the wall is dull, some of it glints."""
    return np.asarray(
        0.14 + 0.85 * smoothstep(0.3, 1.4, fractal(rng, SHAPE, (150, 21), 4, 0.75)),
        dtype=np.float32,
    )


def blank(rng: np.random.Generator) -> Canvas:
    """Plain mucosa: pink with broad and fine mottling."""
    rows = np.arange(SHAPE[0], dtype=np.float32) + np.float32(0.5)
    z = (rows / np.float32(ROWS_PER_UNIT))[:, None]
    theta = (np.arange(COLS, dtype=np.float32) * np.float32(TAU / COLS))[None, :]
    broad = fractal(rng, SHAPE, (60, 8), 3)
    fine = fractal(rng, SHAPE, (1200, 160), 2)
    colour = np.empty((*SHAPE, 3), np.float32)
    for channel, (b, f) in enumerate([(0.035, 0.012), (0.040, 0.018), (0.036, 0.016)]):
        colour[..., channel] = MUCOSA[channel] + b * broad + f * fine
    bulge = (
        0.055 * fractal(rng, SHAPE, (60, 5), 2) + 0.0022 * fractal(rng, SHAPE, (420, 60), 2)
    ).astype(np.float32)
    return Canvas(rng, z, theta, bulge, colour, wetness(rng))


def add_folds(canvas: Canvas) -> None:
    """Half-moon folds between the three muscle bands, so that the lumen looks like a rounded
    triangle.
    """
    rng = canvas.rng
    quiet = 1.0 - 0.55 * canvas.zone(15.0, 27.0, 1.5)
    position = 0.4
    warp = fractal(rng, SHAPE, (80, 8), 2) * 0.11
    while position < LENGTH - 0.9:
        for third in range(3):
            centre = third * TAU / 3 + 0.5 + rng.normal(0, 0.15)
            away = np.angle(np.exp(1j * (canvas.theta - centre))).astype(np.float32)
            span = (
                np.clip(np.cos(np.clip(away * rng.uniform(0.78, 1.0), -np.pi / 2, np.pi / 2)), 0, 1)
                ** 0.7
            )
            middle = position + rng.normal(0, 0.22) + 0.22 * away * rng.normal()
            width = rng.uniform(0.10, 0.17)
            first = max(0, int((position - 1.6) * ROWS_PER_UNIT))
            last = min(SHAPE[0], int((position + 1.6) * ROWS_PER_UNIT))
            offset = (canvas.z[first:last] - middle + warp[first:last]) / width
            height = rng.uniform(0.14, 0.50)
            ridge = height * span * np.exp(-0.5 * np.abs(offset) ** 1.7)
            part = canvas.bulge[first:last]
            np.maximum(part, ridge.astype(np.float32) * quiet[first:last] + 0.55 * part, out=part)
        position += rng.uniform(0.8, 1.25)


def _branch(
    image: F32,
    rng: np.random.Generator,
    at: tuple[float, float],
    heading: float,
    width: float,
    depth: int,
) -> None:
    """Draw one wandering vessel and the smaller ones that leave it."""
    x, y = at
    points = []
    for _ in range(int(rng.integers(14, 30))):
        heading += rng.normal(0, 0.22)
        x, y = x + 7 * np.cos(heading), y + 7 * np.sin(heading)
        points.append((x, y))
        if depth and rng.random() < 0.13:
            _branch(
                image,
                rng,
                (x, y),
                heading + rng.choice([-1, 1]) * rng.uniform(0.5, 1.0),
                width * 0.65,
                depth - 1,
            )
    line = (np.array(points) * 8).astype(np.int32)
    strength = float(min(1.0, 0.35 + width * 0.3))
    for shift in (-COLS, 0, COLS):
        cv2.polylines(
            image,
            [line + np.array([shift * 8, 0])],
            False,
            strength,
            max(1, round(width)),
            cv2.LINE_AA,
            3,
        )


def vessel_map(rng: np.random.Generator) -> F32:
    """The branching vessels that show through healthy mucosa."""
    image = np.zeros(SHAPE, np.float32)
    for _ in range(int(LENGTH * 7)):
        start = (rng.uniform(0, COLS), rng.uniform(0, SHAPE[0]))
        _branch(image, rng, start, rng.uniform(0, TAU), rng.uniform(1.2, 3.4), 3)
    return wrap_blur(image, 1.0)


@dataclass(frozen=True)
class Wall:
    """The finished maps; the last column repeats the first so that sampling may cross the seam."""

    radius: F32
    slopes: F32
    paint: F32


def _close(image: F32) -> F32:
    """Repeat the first columns after the last."""
    return np.ascontiguousarray(np.concatenate([image, image[:, :2]], axis=1))


def finish(canvas: Canvas) -> Wall:
    """Turn the painted canvas into radius, slopes (shape and fine ripple) and paint (colour and
    gloss).
    """
    rng = canvas.rng
    radius = np.clip(1.0 - canvas.bulge, 0.16, 1.35).astype(np.float32)
    ripple = (
        0.0075 * fractal(rng, SHAPE, (520, 72), 2) + 0.003 * fractal(rng, SHAPE, (2000, 320), 1)
    ).astype(np.float32)
    pairs = []
    for image in (radius, ripple):
        ring = np.concatenate([image[:, -1:], image, image[:, :1]], axis=1)
        around = (ring[:, 2:] - ring[:, :-2]) * (COLS / TAU / 2)
        along = np.gradient(image, axis=0) * ROWS_PER_UNIT
        pairs += [around.astype(np.float32), along.astype(np.float32)]
    hollow = np.clip(wrap_blur(canvas.bulge, 22.0) - canvas.bulge, -0.1, 0.3)
    shade = (1.0 - 1.5 * np.clip(hollow, 0, 0.3) + 0.5 * np.clip(-hollow, 0, 0.1))[..., None]
    paint = np.dstack([np.clip(canvas.colour * shade, 0, 1.2), canvas.gloss]).astype(np.float32)
    return Wall(_close(radius), _close(np.dstack(pairs)), _close(paint))
