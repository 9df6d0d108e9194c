"""Real or drawn images made unusable as they are in recordings: the recorder's border and text stay
sharp over a blurred view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def tissue(number: int, rows: int = 192, columns: int = 256) -> Image:
    """Drawn mucosa that moves on with ``number``: reddish, with fine and coarse texture."""
    rng = np.random.default_rng(2)
    fine = rng.normal(0, 1, (rows, 2 * columns)).astype(np.float32)
    texture = 14 * cv2.GaussianBlur(fine, (0, 0), 0.8) + 160 * cv2.GaussianBlur(fine, (0, 0), 9)
    seen = np.roll(texture, 3 * number, axis=1)[:, :columns, None]
    image: Image = np.clip(np.array((188, 108, 92)) + seen, 0, 245).astype(np.uint8)
    return image


def write_clip(path: Path, images: Iterable[Image], rate: int = 25) -> Path:
    """As a recorder would: H.264 with B-frames."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "veryfast"})
        assert isinstance(stream, av.VideoStream)
        stream.pix_fmt = "yuv420p"
        for number, image in enumerate(images):
            if number == 0:
                stream.height, stream.width = image.shape[:2]
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _within(image: Image, changed: NDArray[np.generic]) -> Image:
    """``changed`` inside the field of view, ``image`` around it."""
    lit = (image.max(axis=2) > 26).astype(np.uint8)
    view = cv2.morphologyEx(cv2.erode(lit, np.ones((5, 5))), cv2.MORPH_CLOSE, np.ones((25, 25)))
    return np.where(view[..., None] > 0, np.clip(changed, 0, 255), image).astype(np.uint8)


def blurred(image: Image, share: float = 0.008) -> Image:
    """By a Gaussian of ``share`` of the height."""
    return _within(image, cv2.GaussianBlur(image, (0, 0), share * image.shape[0]))


def moved(image: Image, share: float = 0.08, degrees: float = 30) -> Image:
    """Smeared along a line of ``share`` of the height."""
    side = max(3, round(share * image.shape[0]) | 1)
    line = np.zeros((side, side), np.float32)
    line[side // 2] = 1
    turn = cv2.getRotationMatrix2D((side // 2, side // 2), degrees, 1)
    kernel = cv2.warpAffine(line, turn, (side, side))
    return _within(image, cv2.filter2D(image, -1, kernel / kernel.sum()))


def dark(image: Image, share: float = 0.18) -> Image:
    return (image * share).astype(np.uint8)


def over_exposed(image: Image, gain: float = 2.5) -> Image:
    return _within(image, image * gain)


def foamy(image: Image, per_megapixel: int = 8000) -> Image:
    """Covered by bubbles: bright rings, each with a highlight."""
    rng = np.random.default_rng(0)
    covered, (rows, columns) = image.copy(), image.shape[:2]
    for _ in range(round(per_megapixel * rows * columns / 1e6)):
        x, y = int(rng.integers(columns)), int(rng.integers(rows))
        radius = int(rng.integers(3, 10) * rows / 256)
        cv2.circle(covered, (x, y), radius, (225, 222, 210), max(1, rows // 256), cv2.LINE_AA)
        shine = (x - radius // 3, y - radius // 3)
        cv2.circle(covered, shine, max(1, radius // 4), (250, 250, 245), -1, cv2.LINE_AA)
    return _within(image, covered)


def text_screen(rows: int, columns: int, background: tuple[int, int, int] = (12, 20, 70)) -> Image:
    """A form of a recorder: light words on one colour."""
    screen = np.empty((rows, columns, 3), np.uint8)
    screen[:] = background
    scale = rows / 420
    for line in range(9):
        at = (round(0.08 * columns), round((0.12 + 0.095 * line) * rows))
        text = ("Name", "Date of birth", "Procedure", "Physician", "Comment")[line % 5]
        cv2.putText(screen, f"{text}: ........", at, 0, scale, (235, 235, 235), max(1, rows // 300))
    return screen


def room(rows: int, columns: int) -> Image:
    """Grey walls, a white sheet, a dark device and a hand: the tip before it goes in."""
    rng = np.random.default_rng(1)
    wall = np.full((rows, columns, 3), (150, 152, 156), np.float32)
    wall[rows // 2 :] = (205, 207, 210)
    wall[rows // 4 : rows // 2, columns // 2 :] = (70, 72, 76)
    wall[3 * rows // 4 :, : columns // 6] = (205, 150, 130)
    noise = rng.normal(0, 4, (rows, columns, 1))
    return np.clip(wall + noise, 0, 255).astype(np.uint8)


#: What each must be found to be, by the name of its Kind.
FAULTY: tuple[tuple[str, str, Callable[[Image], Image]], ...] = (
    ("out of focus", "BLURRED", blurred),
    ("smeared by movement", "BLURRED", moved),
    ("light at 18 %", "DARK", dark),
    ("light at 250 %", "OVER_EXPOSED", over_exposed),
    ("covered with bubbles", "BUBBLES", foamy),
)
DRAWN: tuple[tuple[str, str, Image], ...] = (
    ("text on blue", "TEXT", text_screen(256, 320)),
    ("text on black", "TEXT", text_screen(256, 320, (0, 0, 0))),
    ("plain blue", "TEXT", np.full((256, 320, 3), (10, 20, 160), np.uint8)),
    ("plain black", "DARK", np.zeros((256, 320, 3), np.uint8)),
    ("plain white", "OVER_EXPOSED", np.full((256, 320, 3), 255, np.uint8)),
    ("a room", "OUTSIDE", room(256, 320)),
)
