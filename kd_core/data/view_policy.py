"""How a view of a crop is made: the usual way, or a researcher's own."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kd_core.data.augment import Policy
from kd_core.data.mask_bank import MaskBank


class ViewPolicy(Protocol):
    """One crop (S, S, 3) uint8 and a seed -> one view of the same shape.

    The same seed must give the same view: views are stored, and a run that was killed is resumed.
    ``version`` tells policies apart, in the names of stored views too: letters, digits and "-".
    """

    version: str

    def __call__(self, crop: NDArray[np.uint8], seed: int, /) -> NDArray[np.uint8]: ...


def policy_for(size: int, masks: MaskBank | None = None) -> ViewPolicy:
    """The usual one for crops of ``size`` x ``size``, covered by ``masks``."""
    return Policy(size, masks)


def is_usual(policy: ViewPolicy) -> bool:
    """Whether nobody chose another."""
    return isinstance(policy, Policy)
