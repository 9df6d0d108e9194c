"""What a student makes of frames before its head.

Of the reader's, and of those of the replay set that it learns from.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.artifacts.replay import Replay
from kd_core.data.augment import Normalise
from kd_core.models.student import Student, tail_of

TOGETHER = 64


@torch.no_grad()
def embeddings_of(student: Student, crops: NDArray[np.uint8]) -> Tensor:
    """(N, S, S, 3) uint8 -> (N, K), in eval mode; (0, K) of nothing."""
    student.eval()
    normalise = Normalise()
    parts = [
        torch.from_numpy(crops[start : start + TOGETHER])
        for start in range(0, len(crops), TOGETHER)
    ]
    empty = torch.empty(0, student.head.in_features)
    return torch.cat([empty, *(student(normalise.crops(part)).embedding for part in parts)])


@torch.no_grad()
def replayed_embeddings(student: Student, replay: Replay) -> Tensor:
    """(M, K) of the part of the replay set that is learnt from, in eval mode."""
    student.eval()
    places = torch.nonzero(~replay.held_out)[:, 0]
    return torch.cat(
        [tail_of(student, replay.latent(part)).embedding for part in torch.split(places, TOGETHER)]
    )
