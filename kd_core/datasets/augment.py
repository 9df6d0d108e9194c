"""Random views of cropped squares, a whole batch at a time. Hue is never shifted: it tells dye, stool and blood apart.

Pictures are blanked before they are moved, so that a rotation cannot carry burnt-in text or the inset into sight, and once
more afterwards, at the fixed place of preprocess.normalise.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as functional
from torch import Tensor

from kd_core.datasets.preprocess import INPUT_SIZE, MEAN, STD, visible_mask


class Normalise:
    """(N, 3, S, S) float in 0..1 -> normalised and blanked, the torch twin of preprocess.normalise (a test holds them equal)."""

    def __init__(self) -> None:
        self.mask = torch.from_numpy(visible_mask(INPUT_SIZE).copy())
        self._mean = torch.tensor(MEAN)[:, None, None]
        self._std = torch.tensor(STD)[:, None, None]

    def __call__(self, pictures: Tensor) -> Tensor:
        return (pictures - self._mean) / self._std * self.mask


class Augment:
    """Squares (N, S, S, 3) uint8 -> (N, 3, S, S) float model input; one random view each, drawn from ``generator``."""

    #: Shares of pictures that get each rare change.
    BLUR, NOISE, LOW_RESOLUTION = 0.1, 0.15, 0.1

    def __init__(self, generator: torch.Generator) -> None:
        self._generator = generator
        self._normalise = Normalise()

    def __call__(self, squares: Tensor) -> Tensor:
        pictures = squares.permute(0, 3, 1, 2).float() / 255.0
        pictures = self._normalise(self._light(self._degrade(pictures)))
        pictures = self._move(pictures) * self._normalise.mask
        # Depthwise layers train twice as fast on two cores in this layout.
        return pictures.contiguous(memory_format=torch.channels_last)

    def _uniform(self, count: int, low: float, high: float) -> Tensor:
        return torch.rand(count, generator=self._generator) * (high - low) + low

    def _move(self, pictures: Tensor) -> Tensor:
        """Any rotation, flips, zoom .9 to 1.15, shift up to 5 %: an endoscope has no upright. What comes in is the mean colour (0)."""
        count = len(pictures)
        angle = self._uniform(count, -math.pi, math.pi)
        zoom = self._uniform(count, 0.9, 1.15)
        flip = torch.sign(self._uniform(count, -1, 1))
        cos, sin = torch.cos(angle) / zoom, torch.sin(angle) / zoom
        shift = self._uniform(2 * count, -0.05, 0.05).view(2, count)
        rows = (torch.stack([cos * flip, -sin, shift[0]], 1), torch.stack([sin * flip, cos, shift[1]], 1))
        grid = functional.affine_grid(torch.stack(rows, 1), list(pictures.shape), align_corners=False)
        return functional.grid_sample(pictures, grid, padding_mode="zeros", align_corners=False)

    def _light(self, pictures: Tensor) -> Tensor:
        """Gain, gamma, contrast, saturation: the processor's automatic exposure and other makers' colours."""
        count = len(pictures)
        gain, gamma, contrast, saturation = (
            self._uniform(count, *span).view(-1, 1, 1, 1) for span in ((0.7, 1.4), (0.85, 1.2), (0.85, 1.2), (0.85, 1.15))
        )
        pictures = (pictures * gain).clamp(1e-4, 1.0) ** gamma
        mean = pictures.mean(dim=(1, 2, 3), keepdim=True)
        pictures = (pictures - mean) * contrast + mean
        grey = pictures.mean(dim=1, keepdim=True)
        return ((pictures - grey) * saturation + grey).clamp(0.0, 1.0)

    def _degrade(self, pictures: Tensor) -> Tensor:
        """Blur, low resolution and sensor noise, each on a share of the pictures."""
        count = len(pictures)
        blurred = self._uniform(count, 0, 1) < self.BLUR
        if blurred.any():
            soft = functional.avg_pool2d(functional.avg_pool2d(pictures[blurred], 5, 1, 2), 3, 1, 1)
            pictures = pictures.index_copy(0, blurred.nonzero()[:, 0], soft)
        coarse = self._uniform(count, 0, 1) < self.LOW_RESOLUTION
        if coarse.any():
            small = functional.avg_pool2d(pictures[coarse], 2)
            big = functional.interpolate(small, size=pictures.shape[2:], mode="bilinear", align_corners=False)
            pictures = pictures.index_copy(0, coarse.nonzero()[:, 0], big)
        noisy = self._uniform(count, 0, 1) < self.NOISE
        if noisy.any():
            chosen = pictures[noisy]
            strength = self._uniform(len(chosen), 0.0, 0.05).view(-1, 1, 1, 1)
            grain = torch.randn(chosen.shape, generator=self._generator) * strength
            pictures = pictures.index_copy(0, noisy.nonzero()[:, 0], chosen + grain)
        return pictures
