"""Random views of crops, one policy for every scheme.

Hue is never shifted: it tells dye, stool and blood apart.

Two steps. ``Policy`` (torchvision.transforms.v2) makes the costly view once: light, blur,
compression, glare, geometry; teachers' logits are of exactly this view, which is why they can be
cached. ``turned`` then flips or turns a batch by quarters while training, and a teacher's map with
it, for nothing.

Images are blanked before anything else, so that neither a contrast taken over the whole image
nor blur nor blocks of a JPEG carry burnt-in text or the inset into sight; again before they are
moved, and once more at the fixed place when they become model input.
"""

from __future__ import annotations

import importlib

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kd_core.data.image_files import recompressed
from kd_core.platform.torchvision_compat import make_torchvision_importable
from kd_core.vision.blanking import MEAN, STD, blanked, visible_mask
from kd_core.vision.preprocess import INPUT_SIZE

Image = NDArray[np.uint8]
#: Raise when the policy changes: cached views of another version are made again.
POLICY_VERSION = 4
MEAN_COLOUR = 255.0 * torch.tensor(MEAN)[:, None, None]
#: Usual, dim and glaring light as factors, and how often each is met.
LIGHTS, LIGHT_SHARES = ((0.75, 1.3), (0.45, 0.75), (1.3, 2.1)), (0.6, 0.2, 0.2)
TURNS = 8  # four quarters, each also mirrored


class Normalise:
    """(N, 3, S, S) float in 0..1 -> normalised and blanked.

    The torch twin of preprocess.normalise (a test holds them equal).
    """

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self._device = device
        self._masks: dict[int, Tensor] = {}
        self._mean = torch.tensor(MEAN, device=device)[:, None, None]
        self._std = torch.tensor(STD, device=device)[:, None, None]

    def __call__(self, images: Tensor) -> Tensor:
        return (images - self._mean) / self._std * self._mask(images.shape[-1])

    def _mask(self, size: int) -> Tensor:
        if size not in self._masks:
            self._masks[size] = torch.from_numpy(visible_mask(size).copy()).to(self._device)
        return self._masks[size]

    def crops(self, crops: Tensor) -> Tensor:
        """(N, S, S, 3) uint8 -> model input (N, 3, S, S).

        In the layout in which convolutions train twice as fast on a CPU.
        """
        images = self(crops.permute(0, 3, 1, 2).float() / 255.0)
        return images.contiguous(memory_format=torch.channels_last)


class Policy:
    """One crop (S, S, 3) uint8 -> one random view of the same shape.

    The same one for the same seed.
    """

    version = str(POLICY_VERSION)

    def __init__(self, size: int = INPUT_SIZE) -> None:
        """``size``: S."""
        make_torchvision_importable()
        v2 = importlib.import_module("torchvision.transforms.v2")
        self._blank = visible_mask(size) == 0
        self._transforms = v2.Compose(
            [
                # A lamp at half or at twice the power is met too: with 0.7 to 1.35 alone the
                # student lost 17 points of accuracy there.
                v2.RandomChoice(
                    [v2.ColorJitter(brightness=light) for light in LIGHTS], LIGHT_SHARES
                ),
                v2.ColorJitter(contrast=(0.85, 1.2), saturation=(0.85, 1.15)),
                # Wide enough for its strongest: with 5 px and 1.8 the student lost 13 points of
                # accuracy on a lens with water on it.
                v2.RandomApply([v2.GaussianBlur(11, (0.3, 2.4))], 0.25),
                v2.RandomApply([Glare()], 0.15),
                v2.RandomApply([Noise()], 0.25),
                v2.RandomApply([Compression()], 0.25),
                Blanking(self._blank),
                v2.RandomHorizontalFlip(),
                v2.RandomAffine(
                    180,
                    translate=(0.05, 0.05),
                    scale=(0.9, 1.15),
                    interpolation=v2.InterpolationMode.BILINEAR,
                ),
            ]
        )

    def __call__(self, crop: Image, seed: int) -> Image:
        hidden = blanked(crop)
        with torch.random.fork_rng(devices=[]):
            # Not torch.manual_seed: it would seed the GPUs too, whose state is not put back, and
            # every dropout there would repeat.
            torch.default_generator.manual_seed(seed)
            view: Tensor = self._transforms(torch.from_numpy(hidden).permute(2, 0, 1).contiguous())
        return np.ascontiguousarray(
            (view + MEAN_COLOUR).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
        )


class Glare(nn.Module):
    """(3, S, S) uint8 -> the same with one to five small white reflections.

    As wet mucosa throws the lamp back.
    """

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        lit = image.permute(1, 2, 0).numpy().copy()
        size = lit.shape[0]
        for _ in range(int(torch.randint(1, 6, ()))):
            x, y, wide, high, angle = (float(value) for value in torch.rand(5))
            axes = (1 + int(wide * size / 30), 1 + int(high * size / 50))
            cv2.ellipse(
                lit,
                (int(x * size), int(y * size)),
                axes,
                360 * angle,
                0,
                360,
                (255, 250, 245),
                -1,
                cv2.LINE_AA,
            )
        # A reflection never darkens what is brighter than itself already.
        return torch.from_numpy(lit).permute(2, 0, 1).contiguous().maximum(image)


class Noise(nn.Module):
    """(3, S, S) uint8 -> the same with up to 16 grey levels of independent noise.

    As an old sensor has it in the dark. Without it the student lost 15 points of accuracy on noisy
    images.
    """

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        strength = 16.0 * float(torch.rand(()))
        return (image + strength * torch.randn(image.shape)).round().clamp(0, 255).byte()


class Compression(nn.Module):
    """(3, S, S) uint8 -> the same after JPEG of quality 20 to 70.

    As recorders and exports leave images. Through cv2: torchvision's own JPEG needs its compiled
    extension, which does not load beside the CPU build of torch.
    """

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        quality = int(torch.randint(20, 71, ()))
        return (
            torch.from_numpy(recompressed(image.permute(1, 2, 0).numpy(), quality))
            .permute(2, 0, 1)
            .contiguous()
        )


class Blanking(nn.Module):
    """(3, S, S) uint8 -> float difference from the mean colour, 0 where the model may not look.

    As a difference, what a shift or turn brings in from outside is 0 too; filling with a colour
    leaves dark seams.
    """

    def __init__(self, blank: NDArray[np.bool_]) -> None:
        super().__init__()
        self._blank = torch.from_numpy(blank)

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        return torch.where(self._blank, 0.0, image - MEAN_COLOUR)


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


def view_seed(content: str, view: int) -> int:
    """The seed of view ``view`` (from 0) of the image with this hex digest.

    The same in every run and on every machine.
    """
    return (int(content[:12], 16) * 64 + view) % 2**62
