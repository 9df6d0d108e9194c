"""From the lens's light to a recorder's frame: black surround, invented text, noise, the end
scene outside the body.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .noise import F32, smoothstep
from .render import HEIGHT, WIDTH
from .scope import FPS, FRAMES, SECTIONS

FRAME_WIDTH, FRAME_HEIGHT = 720, 576
LEFT, TOP = 118, 10

# Five dots wide, seven high; each number is one row.
GLYPHS: dict[str, tuple[int, ...]] = {
    "A": (14, 17, 17, 31, 17, 17, 17),
    "D": (30, 17, 17, 17, 17, 17, 30),
    "E": (31, 16, 16, 30, 16, 16, 31),
    "H": (17, 17, 17, 31, 17, 17, 17),
    "I": (14, 4, 4, 4, 4, 4, 14),
    "M": (17, 27, 21, 21, 17, 17, 17),
    "N": (17, 25, 21, 19, 17, 17, 17),
    "O": (14, 17, 17, 17, 17, 17, 14),
    "P": (30, 17, 17, 30, 16, 16, 16),
    "T": (31, 4, 4, 4, 4, 4, 4),
    ":": (0, 4, 0, 0, 0, 4, 0),
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 6, 8, 16, 31),
    "3": (31, 2, 4, 2, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
}


def field_mask() -> F32:
    """The lens's field: a circle cut by the sensor's edges and by four slanting corners, a
    little darker at its rim.
    """
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    x, y = np.abs(x + 0.5 - WIDTH / 2), np.abs(y + 0.5 - HEIGHT / 2)
    inside = np.minimum(
        np.minimum(WIDTH / 2 - x, HEIGHT / 2 - y), (WIDTH * 0.735 - x - y) / np.sqrt(2)
    )
    inside = np.minimum(inside, WIDTH * 0.545 - np.hypot(x, y))
    vignette = 1.0 - 0.16 * smoothstep(0.6, 1.5, np.hypot(x / (WIDTH / 2), y / (HEIGHT / 2)))
    return np.asarray(vignette * smoothstep(0.0, 3.0, inside.astype(np.float32)), dtype=np.float32)


def write(image: NDArray[np.uint8], text: str, left: int, top: int) -> None:
    """Burn dotted letters into a frame, each dot one pixel wide and two high, as old recorders
    do.
    """
    for index, letter in enumerate(text):
        for row, bits in enumerate(GLYPHS.get(letter, ())):
            for column in range(5):
                if bits >> (4 - column) & 1:
                    x, y = left + index * 10 + round(column * 1.6), top + row * 2
                    image[y : y + 2, x : x + 2] = 232


def outside(frame: int) -> F32:
    """After withdrawal: a blurred room with a drape and a lamp, sweeping past, then dark."""
    t = (frame - SECTIONS[-1][0]) / FPS
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32) / WIDTH
    x, y = x + 0.25 * np.sin(2.2 * t) + 0.10 * t, y + 0.12 * np.sin(3.1 * t)
    image = np.empty((HEIGHT, WIDTH, 3), np.float32)
    image[:] = (0.33, 0.40, 0.43)
    for low, high, value, colour in (
        (0.45, 0.75, y + 0.3 * x, (0.12, 0.42, 0.43)),
        (0.80, 1.05, x + 0.15 * np.sin(5 * y), (0.70, 0.70, 0.66)),
        (0.75, 0.95, 1.0 - np.hypot(x - 0.45, y - 0.15), (0.98, 0.98, 0.94)),
    ):
        share = smoothstep(low, high, value.astype(np.float32))[..., None]
        image += share * (np.array(colour, np.float32) - image)
    image += (0.03 * np.sin(34 * x + 6 * np.sin(7 * y)) * np.cos(15 * y))[..., None]
    dark = 1.0 - float(smoothstep(FRAMES - 20, FRAMES - 6, np.array(frame, np.float32)))
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 9.0) * dark, dtype=np.float32)


def record(light: F32, mask: F32, frame: int, seed: int) -> NDArray[np.uint8]:
    """One frame as a recorder keeps it: exposure flicker, sensor noise, black surround, text."""
    rng = np.random.default_rng((seed, frame))
    flicker = 1.0 + 0.012 * np.sin(frame * 0.9) + 0.02 * np.sin(frame * 0.13)
    grain = cv2.resize(
        rng.standard_normal((HEIGHT // 2, WIDTH // 2)).astype(np.float32), (WIDTH, HEIGHT)
    )
    seen = (
        np.clip(light * np.float32(flicker) + 0.006 * grain[..., None], 0.012, 1) * mask[..., None]
    )
    image = np.zeros((FRAME_HEIGHT, FRAME_WIDTH, 3), np.uint8)
    image[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] = (seen * 255 + 0.5).astype(np.uint8)
    seconds = frame // FPS
    lines = (
        "PHANTOM",
        "NO PATIENT",
        f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}",
        "DEMO",
    )
    for line, top in zip(lines, (40, 66, 112, 158), strict=True):
        write(image, line, 10, top)
    return image
