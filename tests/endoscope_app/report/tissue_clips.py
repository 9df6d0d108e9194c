"""Clips that look like a recording: a view of tissue in a black border, with a name burnt in beside
it and a time in it; each frame is told by how red its middle is.
"""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 480, 360
NAME = "MILLER ANNA"
#: Where the name and the time stand: left, top, right, bottom, in shares of the frame.
NAME_BOX = (0.0, 0.04, 0.17, 0.12)
TIME_BOX = (0.17, 0.42, 0.36, 0.50)
_STEP = 3
_FIRST = 90
_LOST = 1.5  # grey levels, on the way through the video and the JPEG


def tissue(number: int) -> NDArray[np.uint8]:
    """(HEIGHT, WIDTH, 3) RGB of frame ``number``, up to 50."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    left, right = round(0.17 * WIDTH), WIDTH - 10
    corner = 50
    octagon = np.array(
        [
            (left + corner, 6),
            (right - corner, 6),
            (right, 6 + corner),
            (right, HEIGHT - 6 - corner),
            (right - corner, HEIGHT - 6),
            (left + corner, HEIGHT - 6),
            (left, HEIGHT - 6 - corner),
            (left, 6 + corner),
        ],
        np.int32,
    )
    cv2.fillPoly(image, [octagon], (_FIRST + _STEP * number, 60, 50))
    _write(image, NAME, (2, 36), 0.33)
    _write(image, f"00:00:{number:02d}", (left + 6, 176), 0.5)
    return image


def number_of(image: NDArray[np.uint8]) -> int:
    """The frame's number, from any size; (H, W, 3) BGR."""
    height, width = image.shape[:2]
    middle = image[height // 2 : height * 2 // 3, width // 2 : width * 2 // 3, 2]
    return round((float(middle.mean()) + _LOST - _FIRST) / _STEP)


def box(image: NDArray[np.uint8], shares: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    """The part of an image between these shares of its sides."""
    height, width = image.shape[:2]
    left, top, right, bottom = shares
    return image[
        round(top * height) : round(bottom * height), round(left * width) : round(right * width)
    ]


def make_tissue_clip(path: Path, count: int = 50) -> Path:
    """At 25 frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "6", "g": "12"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(count):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(tissue(number), "rgb24")))
        container.mux(stream.encode(None))
    return path


def _write(image: NDArray[np.uint8], text: str, at: tuple[int, int], size: float) -> None:
    cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, (235, 235, 235), 1, cv2.LINE_AA)
