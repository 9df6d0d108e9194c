"""One picture file as 8-bit BGRA, whatever it holds: 16-bit, grey, CMYK, transparent, turned by its camera."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.media.source import Image

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
HEADER_BYTES = 12
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def looks_like_image(path: Path) -> bool:
    """By the first bytes only: a folder of 30,000 pictures must open quickly."""
    try:
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
    except OSError:
        return False
    return header.startswith(_MAGIC) or (header[:4] == b"RIFF" and header[8:] == b"WEBP")


def decode(path: Path) -> Image | None:
    """(H, W, 3) BGR with the EXIF orientation applied, or None where the file is broken or gone."""
    try:
        # Bytes first: OpenCV's own file reading fails on some names with other than ASCII letters.
        data = np.fromfile(path, dtype=np.uint8)
        if not len(data):
            return None
        image = cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    except (OSError, cv2.error):
        return None
    return None if image is None else _as_8_bit(image)


def to_bgra(image: Image) -> Image:
    return np.ascontiguousarray(cv2.cvtColor(image, cv2.COLOR_BGR2BGRA), dtype=np.uint8)


def to_small_rgb(image: Image, height: int) -> Image:
    """Scaled to ``height`` rows, proportional even width."""
    width = max(2, 2 * round(image.shape[1] * height / image.shape[0] / 2))
    shrinks = height < image.shape[0]
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.ascontiguousarray(cv2.cvtColor(small, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _as_8_bit(image: NDArray[Any]) -> Image:
    if image.dtype == np.uint8:
        return image
    # Floating point pictures hold 0..1 by convention.
    scale = 1 / 257.0 if image.dtype == np.uint16 else 255.0
    narrowed: Image = np.clip(np.nan_to_num(image.astype(np.float32)) * scale + 0.5, 0, 255).astype(np.uint8)
    return narrowed
