"""What the phantom's wall carries: vessels, stool, inflamed mucosa, polyps, bubbles.

All invented.
"""

from __future__ import annotations

import numpy as np

from .noise import F32, fractal, smoothstep, value_noise, wrap_blur
from .wall import (
    COLS,
    ROWS_PER_UNIT,
    SHAPE,
    TAU,
    Canvas,
    Wall,
    add_folds,
    blank,
    finish,
    vessel_map,
)

POLYPS = (
    # along, around, half-width, height
    (38.0, 0.55, 0.36, 0.36),
    (31.0, 3.75, 0.40, 0.42),
    (31.35, 2.55, 0.15, 0.17),
    (30.75, 4.75, 0.10, 0.11),
)


def add_stool(canvas: Canvas) -> None:
    """Smears and lumps that lie mostly below, then a plug of solid stool."""
    rng = canvas.rng
    below = (0.5 + 0.5 * np.sin(canvas.theta)).astype(np.float32)
    dirty = canvas.zone(-2.0, 9.5, 1.2)
    solid = canvas.zone(8.15, 14.5, 0.4)
    coarse, grain = fractal(rng, SHAPE, (75, 10), 4, 0.6), fractal(rng, SHAPE, (380, 52), 3, 0.7)
    smear = smoothstep(0.1, 1.0, fractal(rng, SHAPE, (90, 9), 3) + 1.5 * below - 0.9) * np.maximum(
        dirty, solid
    )
    lumps = smoothstep(0.55, 0.95, coarse + 1.7 * below - 1.0) * dirty
    plug = smoothstep(-0.75, -0.3, coarse + 0.9 * below + 0.05) * solid
    lump = np.maximum(lumps, plug)
    edge = np.sqrt(np.clip(lump, 0, 1))
    thick = (0.09 + 0.05 * np.clip(coarse, -1, 2)) * dirty * (1 - solid) + solid * (
        0.24 + 0.09 * coarse
    )
    mass = wrap_blur((edge * np.clip(thick, 0.02, 0.50)).astype(np.float32), 4.0)
    canvas.bulge += (mass + 0.008 * edge * grain).astype(np.float32)
    canvas.mix((0.84, 0.46, 0.14), 0.55 * smear)
    tone = fractal(rng, SHAPE, (160, 20), 3)
    canvas.mix((0.66, 0.34, 0.08), 0.97 * lump)
    canvas.mix((0.40, 0.19, 0.06), lump * smoothstep(0.2, 1.6, tone) * 0.75)
    canvas.mix((0.86, 0.50, 0.15), lump * smoothstep(0.5, 1.8, -tone) * 0.6)
    canvas.colour += (lump * 0.035 * grain)[..., None]
    canvas.gloss += lump * (0.25 - canvas.gloss)


def add_inflammation(canvas: Canvas) -> F32:
    """Red, granular mucosa with whitish exudate and oozing spots; answers where vessels are
    lost.
    """
    rng = canvas.rng
    ill = canvas.zone(15.0, 27.0, 1.2)
    blotch, grain = fractal(rng, SHAPE, (130, 18), 3), fractal(rng, SHAPE, (900, 125), 2, 0.8)
    canvas.mix((0.86, 0.28, 0.19), ill * (0.55 + 0.26 * smoothstep(-1, 1, blotch)))
    canvas.mix((0.70, 0.15, 0.11), ill * 0.5 * smoothstep(0.5, 1.7, grain + 0.5 * blotch))
    canvas.bulge += ill * (0.004 * grain + 0.010 * fractal(rng, SHAPE, (300, 42), 2))
    spread = fractal(rng, SHAPE, (110, 14), 5, 0.68)
    white = ill * smoothstep(0.9, 1.9, spread)
    canvas.mix((0.62, 0.12, 0.11), ill * 0.55 * smoothstep(0.35, 0.85, spread) * (1 - white))
    canvas.mix((0.90, 0.68, 0.38), 0.9 * white)
    canvas.bulge += 0.018 * white
    ooze = ill * smoothstep(1.75, 2.5, fractal(rng, SHAPE, (130, 34), 5, 0.68))
    canvas.mix((0.52, 0.03, 0.03), 0.85 * ooze)
    canvas.gloss += ill * 0.10 + 0.5 * ooze
    return ill


def add_polyp(canvas: Canvas, along: float, around: float, size: float, height: float) -> None:
    """One rounded bump with a steep flank, a redder lobed surface and a wet top."""
    reach = size * 1.6
    first, last = int((along - reach) * ROWS_PER_UNIT), int((along + reach) * ROWS_PER_UNIT)
    away = np.angle(np.exp(1j * (canvas.theta - around))).astype(np.float32)
    wobble = 0.10 * value_noise(canvas.rng, (last - first, COLS), (5, 26))
    distance = np.hypot((canvas.z[first:last] - along) / size, away * 0.85 / size) + 0.5 * wobble
    dome = np.clip(1.0 - distance**2, 0, 1) ** 0.65
    lobes = fractal(canvas.rng, (last - first, COLS), (16, 90), 2)
    base = canvas.bulge[first:last]
    flat = np.exp(-((distance / 1.2) ** 4))
    base += (dome * (height + 0.010 * lobes) - 0.85 * flat * np.clip(base, 0, 1)).astype(np.float32)
    cover = smoothstep(0.0, 0.35, dome.astype(np.float32))
    colour = canvas.colour[first:last]
    for channel, value in enumerate((0.90, 0.36, 0.27)):
        colour[..., channel] += cover * (value + 0.03 * lobes - colour[..., channel])
    rim = np.exp(-(((distance - 1.05) / 0.12) ** 2)) * 0.22
    colour *= (1 - rim)[..., None]
    canvas.gloss[first:last] += 0.35 * cover


def add_bubbles(canvas: Canvas, start: float, stop: float, clusters: int) -> None:
    """Clusters of small bubbles: a bright ring, a clear middle, a round top."""
    rng = canvas.rng
    for _ in range(clusters):
        z0, t0 = rng.uniform(start, stop), rng.normal(1.6, 0.9)
        for _ in range(int(rng.integers(6, 26))):
            size = rng.uniform(2.5, 8.5)
            row = int((z0 + rng.normal(0, 0.13)) * ROWS_PER_UNIT)
            col = int((t0 + rng.normal(0, 0.16)) % TAU * COLS / TAU)
            reach = int(size * 2) + 2
            if row < reach or row + reach >= SHAPE[0] or col < reach or col + reach >= COLS:
                continue
            dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
            rho = np.hypot(dx * 0.62, dy) / size
            spot = np.s_[row - reach : row + reach + 1, col - reach : col + reach + 1]
            ring = np.exp(-(((rho - 0.9) / 0.16) ** 2))[..., None]
            canvas.colour[spot] += (
                0.28 * ring * (np.array([0.95, 0.92, 0.80], np.float32) - canvas.colour[spot])
            )
            canvas.bulge[spot] += 0.0042 * size * np.sqrt(np.clip(1 - rho**2, 0, 1))
            canvas.gloss[spot] = np.where(rho < 1, 1.1, canvas.gloss[spot])


def add_valve(canvas: Canvas) -> None:
    """The lip of the valve, a yellowish bulge on the wall shortly before the closed end."""
    away = np.angle(np.exp(1j * (canvas.theta - 3.6))).astype(np.float32)
    lip = np.exp(-(((canvas.z - 46.9 - 0.10 * np.cos(2 * away)) / 0.17) ** 2) - (away / 0.55) ** 4)
    slit = np.exp(-(((canvas.z - 46.95) / 0.035) ** 2) - (away / 0.3) ** 4)
    canvas.bulge += (0.26 * lip - 0.14 * slit).astype(np.float32)
    canvas.mix((0.92, 0.56, 0.30), (0.6 * lip).astype(np.float32))


def build_wall(seed: int) -> Wall:
    """The whole phantom colon, the same for the same seed."""
    rng = np.random.default_rng(seed)
    canvas = blank(rng)
    add_folds(canvas)
    vessels = vessel_map(rng)
    lost = add_inflammation(canvas)
    canvas.mix((0.62, 0.16, 0.13), np.asarray(0.55 * vessels * (1 - 0.93 * lost), np.float32))
    add_valve(canvas)
    for polyp in POLYPS:
        add_polyp(canvas, *polyp)
    add_stool(canvas)
    add_bubbles(canvas, 0.0, 9.0, 34)
    add_bubbles(canvas, 40.0, 46.0, 5)
    canvas.bulge[:] = wrap_blur(canvas.bulge, 1.3)
    return finish(canvas)
