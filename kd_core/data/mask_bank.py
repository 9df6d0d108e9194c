"""Masks of many images, to cover other ones by while training.

Whether an image has an inset, text or a border tells its class, and so would the shape of its own
cover. While training an image is therefore covered by the mask of another one, drawn at random.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kd_core.vision.blanking import shown_in

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

#: More say nothing new: 512 masks take 3 MB.
MOST_MASKS = 512


@dataclass(frozen=True)
class MaskBank:
    """``packed`` (M, S * S / 8 rounded up) uint8: masks of ``size`` x ``size``, a bit a pixel."""

    packed: NDArray[np.uint8]
    size: int

    def __len__(self) -> int:
        return len(self.packed)

    def mask(self, place: int) -> Mask:
        """(S, S), True where the image it comes from shows tissue."""
        bits = np.unpackbits(self.packed[place], count=self.size * self.size)
        shown: Mask = bits.reshape(self.size, self.size).astype(np.bool_)
        return shown

    @property
    def digest(self) -> str:
        """Hex digest of all masks: views made with others are other views."""
        return hashlib.sha256(self.packed.tobytes()).hexdigest()

    def joined(self, other: MaskBank | None) -> MaskBank:
        """Both; ``other`` only where it is of the same size."""
        if other is None or other.size != self.size or not len(other):
            return self
        return MaskBank(np.concatenate([self.packed, other.packed]), self.size)


def bank_of(crops: Image) -> MaskBank:
    """(N, S, S, 3) covered crops -> the masks of at most MOST_MASKS of them, evenly spread."""
    chosen = crops[:: max(1, -(-len(crops) // MOST_MASKS))]
    rows = [np.packbits(shown_in(crop)) for crop in chosen]
    return MaskBank(np.stack(rows), crops.shape[1])
