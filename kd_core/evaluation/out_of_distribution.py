"""Frames that are none of the classes, made by script.

They are what a recording holds besides tissue in focus. Drawn, not collected: they say whether a
model stays unsure where there is nothing to name, not how often a real recording brings it into
temptation. Training has images of its own to be unsure about (kd_core.data.outliers).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
#: A generator of random numbers and a real frame (H, W, 3) -> a frame of the same shape that is
#: none of the classes.
Maker = Callable[[np.random.Generator, Image], Image]


def out_of_focus(random: np.random.Generator, frame: Image) -> Image:
    """Nothing left but colour: the lens under water or against the wall."""
    return np.asarray(
        cv2.GaussianBlur(frame, (0, 0), frame.shape[0] * random.uniform(0.08, 0.16)), np.uint8
    )


def smeared(random: np.random.Generator, frame: Image) -> Image:
    """Pulled back quickly: a third of the height or more of movement in one exposure."""
    length = int(frame.shape[0] * random.uniform(0.3, 0.5))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1
    turn = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), random.uniform(0, 180), 1)
    kernel = cv2.warpAffine(kernel, turn, (length, length))
    return np.asarray(cv2.filter2D(frame, -1, kernel / kernel.sum()), np.uint8)


def black(random: np.random.Generator, frame: Image) -> Image:
    """No light: the sensor's noise alone."""
    noise = random.normal(random.uniform(2, 14), random.uniform(1, 5), frame.shape)
    return np.asarray(np.clip(noise, 0, 255), np.uint8)


def white(random: np.random.Generator, frame: Image) -> Image:
    """Light held against the wall: burnt out but for a rim."""
    height, width = frame.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    distance = np.hypot(y / height - random.uniform(0.4, 0.6), x / width - random.uniform(0.4, 0.6))
    light = np.clip(1.5 - distance * random.uniform(1.0, 1.6), 0, 1)[:, :, None]
    rim = np.array([250, random.uniform(150, 210), random.uniform(130, 190)])
    return np.asarray(np.clip(255 * light + rim * (1 - light), 0, 255), np.uint8)


def text_screen(random: np.random.Generator, frame: Image) -> Image:
    """The recorder's menu or a form for the patient's data: lines of writing on one colour."""
    height, width = frame.shape[:2]
    ground = [(0, 0, 0), (0, 0, 160), (40, 40, 48), (235, 235, 235)][int(random.integers(4))]
    image = np.full(frame.shape, ground, np.uint8)
    ink = (20, 20, 20) if sum(ground) > 380 else (240, 240, 240)
    size = height / 512
    for row in range(int(random.integers(6, 14))):
        text = "".join(
            chr(int(code)) for code in random.integers(65, 91, int(random.integers(4, 22)))
        )
        place = (int(width * random.uniform(0.05, 0.5)), int(height * (row + 1) / 15))
        cv2.putText(
            image,
            text,
            place,
            cv2.FONT_HERSHEY_SIMPLEX,
            size,
            ink,
            max(1, round(2 * size)),
            cv2.LINE_AA,
        )
    return image


def room(random: np.random.Generator, frame: Image) -> Image:
    """Out of the body: walls, drapes and lamps.

    Flat and graded areas in the colours of an endoscopy room.
    """
    height, width = frame.shape[:2]
    colours = [
        (196, 190, 176),
        (120, 150, 140),
        (70, 110, 150),
        (215, 215, 220),
        (60, 60, 66),
        (170, 140, 110),
        (40, 120, 100),
    ]
    image = np.full(frame.shape, colours[int(random.integers(len(colours)))], np.uint8)
    for _ in range(int(random.integers(5, 12))):
        corners = random.uniform(-0.1, 1.1, (4, 2)) * (width, height)
        hull = cv2.convexHull(corners.astype(np.int32))
        cv2.fillConvexPoly(image, hull, colours[int(random.integers(len(colours)))], cv2.LINE_AA)
    lamp = (int(random.uniform(0, width)), int(random.uniform(0, height / 2)))
    cv2.circle(
        image, lamp, int(height * random.uniform(0.04, 0.12)), (255, 255, 250), -1, cv2.LINE_AA
    )
    soft = cv2.GaussianBlur(image, (0, 0), height * random.uniform(0.002, 0.012))
    return np.asarray(np.clip(soft + random.normal(0, 4, frame.shape), 0, 255), np.uint8)


#: By the name in the card.
KINDS: Mapping[str, Maker] = {
    "out of focus": out_of_focus,
    "smeared": smeared,
    "black": black,
    "white": white,
    "text screen": text_screen,
    "out of the body": room,
}


def drawn(frames: Sequence[Image], kind: str, seed: int) -> list[Image]:
    """One frame of ``kind`` from each of ``frames``, the same ones for the same seed."""
    order = list(KINDS).index(kind)
    return [
        KINDS[kind](np.random.default_rng([seed, order, place]), frame)
        for place, frame in enumerate(frames)
    ]
