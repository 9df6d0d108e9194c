"""Clips to measure on: textured, moving and noisy like a recording, each frame carrying its
number in the image.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError

BITS = 17  # enough for 120,000 frames
BIT_ROWS = 16  # the strip of blocks takes a sixteenth of the height
KEYFRAME_S = 2


def draw_number(image: NDArray[np.uint8], number: int) -> None:
    """Write ``number`` into the top strip of an (H, W, C) image as black and white blocks,
    the lowest bit first.
    """
    height, width = image.shape[:2]
    for bit in range(BITS):
        left, right = bit * width // BITS, (bit + 1) * width // BITS
        image[: height // BIT_ROWS, left:right] = 235 if number >> bit & 1 else 16


def read_number(image: NDArray[np.uint8]) -> int:
    """The number that ``draw_number`` wrote, read from the middle of each block, robust to
    compression.
    """
    height, width = image.shape[:2]
    strip = image[: height // BIT_ROWS, :, :3].astype(np.float32).mean(axis=(0, 2))
    middles = [(bit * width // BITS + (bit + 1) * width // BITS) // 2 for bit in range(BITS)]
    return sum(1 << bit for bit, x in enumerate(middles) if strip[x - 2 : x + 3].mean() > 128)


def make_clip(
    path: Path, *, width: int, height: int, fps: int, frames: int, bit_rate: int = 8_000_000
) -> Path:
    """H.264 with B-frames and a keyframe every two seconds.

    Raises AppError where this FFmpeg has no H.264 encoder.
    """
    generator = np.random.default_rng(0)
    coarse = generator.integers(40, 216, (height // 8, width // 8 + 64, 3), dtype=np.uint8)
    texture = cv2.resize(coarse, (width + 512, height), interpolation=cv2.INTER_CUBIC)
    grain = [generator.integers(0, 24, (height, width, 3), dtype=np.uint8) for _ in range(4)]
    try:
        with av.open(str(path), "w") as file:
            stream = file.add_stream("libx264", rate=fps)
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt, stream.bit_rate = (
                width,
                height,
                "yuv420p",
                bit_rate,
            )
            stream.time_base = Fraction(1, fps)
            stream.options = {
                "preset": "veryfast",
                "bf": "2",
                "g": str(KEYFRAME_S * fps),
                "keyint_min": str(KEYFRAME_S * fps),
            }
            for number in range(frames):
                left = abs(number * 3 % 1000 - 500)
                image = cv2.add(texture[:, left : left + width], grain[number % 4])
                draw_number(image, number)
                file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            file.mux(stream.encode(None))
    except av.error.FFmpegError as error:
        raise AppError(
            "No clip could be made to measure on.", "Name one with --clip.", str(error)
        ) from error
    return path
