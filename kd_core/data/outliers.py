"""Images that show none of the classes, for outlier exposure (Hendrycks et al. 2019).

Made from training crops alone, in three ways that share little with the frames that the model is
tested on (kd_core.evaluation.out_of_distribution): tissue in colours that tissue never has, tissue
without structure, and random fields with strokes.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kd_core.data.fill import filled
from kd_core.data.mask_bank import bank_of
from kd_core.vision.blanking import covered, shown_in

Image = NDArray[np.uint8]
#: Degrees: a turn of the hue that no white balance or dye makes.
LEAST_TURN = 50


def outliers(crops: Image, count: int, seed: int) -> Image:
    """(N, S, S, 3) uint8 covered -> (count, S, S, 3) uint8, a third of each kind in turn.

    The same ones for the same seed. Each is covered by the mask of another crop.
    """
    random = np.random.default_rng(seed)
    makers = (_miscoloured, _unstructured, _field)
    masks = bank_of(crops)
    made = []
    for place, crop in enumerate(crops[random.integers(len(crops), size=count)]):
        outlier = makers[place % len(makers)](random, filled(crop, shown_in(crop)))
        made.append(covered(outlier, masks.mask(int(random.integers(len(masks))))))
    return np.stack(made)


def _miscoloured(random: np.random.Generator, crop: Image) -> Image:
    """The hue turned and the saturation changed; one in four in plain grey."""
    hue, saturation, value = cv2.split(cv2.cvtColor(crop, cv2.COLOR_RGB2HSV))
    turn = random.integers(LEAST_TURN, 360 - LEAST_TURN)
    hue = ((hue.astype(np.int32) + turn // 2) % 180).astype(np.uint8)
    factor = 0.0 if random.random() < 0.25 else random.uniform(0.4, 1.3)
    saturation = np.clip(saturation * factor, 0, 255).astype(np.uint8)
    return np.asarray(
        cv2.cvtColor(cv2.merge([hue, saturation, value]), cv2.COLOR_HSV2RGB), np.uint8
    )


def _unstructured(random: np.random.Generator, crop: Image) -> Image:
    """Blurred until no structure is left, or the mean colour alone.

    In both directions or along one; lit from dark to glaring.
    """
    side = crop.shape[0]
    long, short = random.uniform(0.07, 0.2) * side, random.choice([0.01, 0.2]) * side
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), random.uniform(0, 180), 1)
    flags = cv2.INTER_LINEAR
    rotated = cv2.warpAffine(crop, turn, (side, side), flags=flags, borderMode=cv2.BORDER_REFLECT)
    soft = cv2.GaussianBlur(rotated, (0, 0), sigmaX=long, sigmaY=max(1.0, short))
    if random.random() < 0.15:
        soft = np.broadcast_to(soft.mean(axis=(0, 1)), soft.shape)
    noise = random.normal(0, random.uniform(0, 8), crop.shape)
    return np.asarray(np.clip(soft * random.uniform(0.1, 2.0) + noise, 0, 255), np.uint8)


def _field(random: np.random.Generator, crop: Image) -> Image:
    """A random field between two colours with strokes across it.

    Hard or soft, as rooms, screens, instruments and test images are.
    """
    side = crop.shape[0]
    cells = int(random.integers(2, 12))
    grain = cv2.resize(
        random.random((cells, cells)).astype(np.float32),
        (side, side),
        interpolation=cv2.INTER_CUBIC,
    )
    share = (
        (grain > random.uniform(0.3, 0.7)).astype(np.float32)
        if random.random() < 0.5
        else np.clip(grain, 0, 1)
    )
    first, second = random.integers(0, 256, (2, 3))
    field = np.asarray(first * share[:, :, None] + second * (1 - share[:, :, None]), np.uint8)
    for _ in range(int(random.integers(0, 30))):
        begin, end = (
            tuple(int(value) for value in point) for point in random.integers(0, side, (2, 2))
        )
        if random.random() < 0.7:  # short and level, as writing is
            end = (begin[0] + int(random.integers(3, 25)), begin[1])
        colour = tuple(int(value) for value in random.integers(0, 256, 3))
        cv2.line(field, begin, end, colour, int(random.integers(1, 5)), cv2.LINE_AA)
    return np.asarray(
        np.clip(field + random.normal(0, random.uniform(0, 6), field.shape), 0, 255), np.uint8
    )
