"""Random views of crops, one policy for every scheme.

A view is made of one image and a seed, and a teacher is asked about that very view, turned and
covered as it is. Odd views are strong, even ones weak (``is_strong``): cross-entropy on strong
views hurts tiny networks, a teacher's answer on them does not.

Crops come covered where they show no tissue. What is covered is filled from around it first, so
that light, blur and turns meet tissue alone; the finished view is covered by the mask of another
image (kd_core.data.mask_bank), so that a cover's shape says nothing of the class.
"""

from __future__ import annotations

import hashlib
from typing import overload

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.data import view_changes as change
from kd_core.data.fill import filled
from kd_core.data.mask_bank import MaskBank
from kd_core.vision.blanking import BLANK_COLOUR, STD, covered, shown_in
from kd_core.vision.preprocess import INPUT_SIZE

Image = NDArray[np.uint8]
#: Raise when the policy changes: cached views of another version are made again.
POLICY_VERSION = 5
TURNS = 8  # four quarters, each also mirrored
#: Of weak and of strong views: how far they are scaled, and moved as a share of the side.
SCALES = {False: (0.9, 1.15), True: (0.75, 1.3)}
MOST_MOVED = 0.06
#: How often each change is met in a strong view.
CHANGED = 0.4


class Normalise:
    """(N, 3, S, S) covered images of float levels 0..255 -> normalised, 0 where covered.

    The torch twin of preprocess.normalise (a test holds them equal).
    """

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self._level = torch.from_numpy(BLANK_COLOUR.astype(np.float32)).to(device)[:, None, None]
        self._scale = (1.0 / (255.0 * torch.tensor(STD, device=device)))[:, None, None]

    def __call__(self, images: Tensor) -> Tensor:
        return (images - self._level) * self._scale

    def crops(self, crops: Tensor) -> Tensor:
        """(N, S, S, 3) uint8 -> model input (N, 3, S, S).

        In the layout in which convolutions train twice as fast on a CPU.
        """
        images = self(crops.permute(0, 3, 1, 2).float())
        return images.contiguous(memory_format=torch.channels_last)


class Policy:
    """One covered crop (S, S, 3) uint8 -> one random view of the same shape.

    The same one for the same seed.
    """

    def __init__(self, size: int = INPUT_SIZE, masks: MaskBank | None = None) -> None:
        """``size``: S. ``masks``: what views are covered by; without them by their own."""
        self._size = size
        self._masks = masks if masks is not None and len(masks) else None
        bank = f"-{self._masks.digest[:8]}" if self._masks else ""
        self.version = f"{POLICY_VERSION}{bank}"

    def __call__(self, crop: Image, seed: int) -> Image:
        random = np.random.default_rng(seed)
        shown = shown_in(crop)
        view = filled(crop, shown)
        strong = is_strong(seed)
        view = self._moved(view, random, strong)
        view = _changed(view, random) if strong else change.lit(view, random, change.LIGHTS[0])
        if self._masks:
            shown = self._masks.mask(int(random.integers(len(self._masks))))
        return covered(view, shown)

    def _moved(self, image: Image, random: np.random.Generator, strong: bool) -> Image:
        """Mirrored half of the time, turned freely, scaled and moved a little."""
        middle = (self._size - 1) / 2
        scale = random.uniform(*SCALES[strong])
        place = cv2.getRotationMatrix2D((middle, middle), random.uniform(0, 360), scale)
        place[:, 2] += random.uniform(-MOST_MOVED, MOST_MOVED, 2) * self._size
        if random.random() < 0.5:
            place = place @ np.array([[-1, 0, 2 * middle], [0, 1, 0], [0, 0, 1]])
        size = (self._size, self._size)
        moved = cv2.warpAffine(image, place, size, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(moved, np.uint8)


def _changed(view: Image, random: np.random.Generator) -> Image:
    light = change.LIGHTS[random.choice(len(change.LIGHTS), p=change.LIGHT_SHARES)]
    view = change.lit(view, random, light)
    for made in (change.blurred, change.glaring, change.noisy, change.compressed):
        if random.random() < CHANGED:
            view = made(view, random)
    return view


@overload
def is_strong(number: int) -> bool: ...


@overload
def is_strong(number: Tensor) -> Tensor: ...


def is_strong(number: int | Tensor) -> bool | Tensor:
    """Whether the view of this number or seed, or of each of (n,), is strong: odd ones are."""
    return number % 2 == 1


def turned(planes: Tensor, turns: Tensor) -> Tensor:
    """(N, K, h, h) and (N,) numbers 0..7 -> each turned by turns % 4 quarters.

    Mirrored first from 4 on.
    """
    result = torch.empty_like(planes)
    for turn in range(TURNS):
        chosen = turns == turn
        if chosen.any():
            part = planes[chosen]
            result[chosen] = torch.rot90(part.flip(3) if turn >= 4 else part, turn % 4, (2, 3))
    return result


def mixed(
    images: Tensor, targets: Tensor, alpha: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """MixUp: images (N, ...) and soft targets (N, C) blended with another of the batch.

    Zhang et al. 2018, equation 1. One share for the batch, drawn from Beta(alpha, alpha).
    """
    # numpy's Beta, seeded from torch's generator: torch's own Beta takes no generator.
    seed = int(torch.randint(0, 2**31, (), generator=generator))
    share = float(np.random.default_rng(seed).beta(alpha, alpha))
    partner = torch.randperm(len(images), generator=generator).to(images.device)
    return images.lerp(images[partner], 1 - share), targets.lerp(targets[partner], 1 - share)


def view_seed(content: str, view: int, seed: int = 0) -> int:
    """The seed of view ``view`` (from 0) of the image with this hex digest, in runs of ``seed``.

    The same in every such run and on every machine; odd for odd views.
    """
    image = int(content[:12], 16)
    if seed:
        image ^= int(hashlib.sha256(f"views of seed {seed}".encode()).hexdigest()[:12], 16)
    return (image * 4096 + view) % 2**62
