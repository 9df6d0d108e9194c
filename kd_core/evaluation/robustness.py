"""What other recorders, cables and hands do to an image.

And how often a model is still right after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from kd_core.data.image_files import recompressed
from kd_core.vision.preprocess import crop_of
from kd_core.vision.tissue_mask import tissue_mask

Image = NDArray[np.uint8]
Change = Callable[[Image, int], Image]

JPEG_QUALITY = 30
BLUR_SHARE = 0.008  # sigma as a share of the height: 2 px of 256, a lens with water on it
NOISE = 12.0  # grey levels; an old sensor in the dark
LOW_RESOLUTION = 128


def jpeg(image: Image, seed: int) -> Image:
    """Stored with quality 30."""
    return recompressed(image, JPEG_QUALITY)


def blurred(image: Image, seed: int) -> Image:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), BLUR_SHARE * image.shape[0]), np.uint8)


def darker(image: Image, seed: int) -> Image:
    """Half as bright."""
    return _lit(image, 0.5)


def brighter(image: Image, seed: int) -> Image:
    """Twice as bright, what is too bright cut off."""
    return _lit(image, 2.0)


def _lit(image: Image, factor: float) -> Image:
    return np.asarray(np.clip(image.astype(np.float32) * factor, 0, 255).round(), np.uint8)


def noisy(image: Image, seed: int) -> Image:
    """Independent noise in every pixel and channel, the same for the same seed."""
    noise = np.random.default_rng(seed).normal(0, NOISE, image.shape)
    return np.asarray(np.clip(image + noise, 0, 255).round(), np.uint8)


def turned(image: Image, seed: int) -> Image:
    """The endoscope turned by 90 degrees.

    Tissue turns, what a recorder draws over it stays: what is no tissue becomes black before, as a
    recorder's border is.
    """
    crop, _ = crop_of(image)
    shown = tissue_mask(crop)[:, :, None]
    return np.ascontiguousarray(np.rot90(np.where(shown, crop, np.uint8(0))))


def small(image: Image, seed: int) -> Image:
    """Scaled to 128 rows and back: a thumbnail from a report."""
    height, width = image.shape[:2]
    rows = (max(1, round(width * LOW_RESOLUTION / height)), LOW_RESOLUTION)
    little = cv2.resize(image, rows, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(little, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


#: By the name in the card: (H, W, 3) uint8 RGB and a seed -> the changed image.
CHANGES: Mapping[str, Change] = {
    f"JPEG quality {JPEG_QUALITY}": jpeg,
    "blur": blurred,
    "half brightness": darker,
    "double brightness": brighter,
    "noise": noisy,
    "rotation by 90 degrees": turned,
    f"resolution {LOW_RESOLUTION}": small,
}
