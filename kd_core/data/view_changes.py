"""What light, optics and recorders do to an image: the parts of a random view.

Each takes (S, S, 3) uint8 and a generator and gives the same shape. Hue is never shifted: it tells
dye, stool and blood apart.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kd_core.data.image_files import recompressed

Image = NDArray[np.uint8]

#: Usual, dim and glaring light as factors, and how often each is met in a strong view. A lamp at
#: half or at twice the power is met too: with 0.7 to 1.35 alone the student lost 17 points of
#: accuracy there.
LIGHTS, LIGHT_SHARES = ((0.75, 1.3), (0.4, 0.75), (1.3, 2.2)), (0.5, 0.25, 0.25)
CONTRAST, SATURATION = (0.85, 1.2), (0.85, 1.15)
#: Weights of red, green and blue in lightness (ITU-R BT.601).
LUMA = np.array([0.299, 0.587, 0.114])
#: Wide enough for its strongest: with 1.8 the student lost 13 points of accuracy on a lens with
#: water on it.
BLUR_SIGMA = (0.3, 2.4)
#: Grey levels; without it the student lost 15 points of accuracy on noisy images.
MOST_NOISE = 16.0
JPEG_QUALITY = (20, 71)


def lit(image: Image, random: np.random.Generator, light: tuple[float, float]) -> Image:
    """Another light, contrast and saturation, in one step: out = A rgb + b."""
    factor, contrast, saturation = (random.uniform(*span) for span in (light, CONTRAST, SATURATION))
    mean = float(np.dot(cv2.mean(image)[:3], LUMA)) * factor
    colours = saturation * np.eye(3) + (1 - saturation) * np.tile(LUMA, (3, 1))
    matrix = np.column_stack([factor * contrast * colours, np.full(3, (1 - contrast) * mean)])
    return np.asarray(cv2.transform(image, matrix), np.uint8)


def blurred(image: Image, random: np.random.Generator) -> Image:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(image, (11, 11), random.uniform(*BLUR_SIGMA)), np.uint8)


def glaring(image: Image, random: np.random.Generator) -> Image:
    """One to five small white reflections, as wet mucosa throws the lamp back."""
    shone = image.copy()
    side = image.shape[0]
    for _ in range(int(random.integers(1, 6))):
        x, y, wide, high, angle = random.random(5)
        axes = (1 + int(wide * side / 30), 1 + int(high * side / 50))
        centre = (int(x * side), int(y * side))
        cv2.ellipse(shone, centre, axes, 360 * angle, 0, 360, (255, 250, 245), -1, cv2.LINE_AA)
    # A reflection never darkens what is brighter than itself already.
    return np.asarray(np.maximum(shone, image), np.uint8)


def noisy(image: Image, random: np.random.Generator) -> Image:
    """Independent noise in every pixel and channel, as an old sensor has it in the dark."""
    noise = random.standard_normal(image.shape, np.float32)
    noise *= random.uniform(0, MOST_NOISE)
    made: Image = np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)
    return made


def compressed(image: Image, random: np.random.Generator) -> Image:
    """After JPEG, as recorders and exports leave images."""
    quality = int(random.integers(*JPEG_QUALITY))
    return recompressed(image, quality)
