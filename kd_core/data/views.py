"""Where a training run gets its batches: fixed views of labelled squares, each with what the
teachers answer for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.data.augment import Normalise, view_seed
from kd_core.data.image_files import content_of
from kd_core.data.view_policy import ViewPolicy, policy_for
from kd_core.models.teacher import FrozenTeacher
from kd_core.platform.hardware import has_bf16

Image = NDArray[np.uint8]


class TeacherView(NamedTuple):
    """What one teacher answers for a batch: logits (N, C) and its map along its strongest
    directions (N, R, h, w).
    """

    logits: Tensor
    features: Tensor


class ViewSource(Protocol):
    """N labelled images with ``views`` fixed views each."""

    labels: NDArray[np.int64]
    views: int

    def batch(
        self, places: NDArray[np.int64], views: NDArray[np.int64]
    ) -> tuple[Tensor, list[TeacherView]]:
        """(n,) places and (n,) view numbers -> squares (n, S, S, 3) uint8 before normalising,
        and each teacher's answer for them.
        """


class MadeViews:
    """Views made anew whenever they are asked for, teachers asked on the spot: nothing is stored.

    For GPUs, tests and small data.
    """

    def __init__(
        self,
        squares: Image,
        labels: NDArray[np.int64],
        views: int,
        teachers: Sequence[FrozenTeacher] = (),
        device: str = "cpu",
        policy: ViewPolicy | None = None,
    ) -> None:
        """``squares`` (N, S, S, 3) uint8, ``labels`` (N,). ``device`` is the teachers'."""
        self.labels, self.views = labels, views
        self._squares, self._teachers, self._device = squares, teachers, device
        self._contents = [content_of(square) for square in squares]
        self._policy = policy or policy_for(squares.shape[1])

    def view(self, place: int, view: int) -> Image:
        """One view (S, S, 3) of one image."""
        return self._policy(self._squares[place], view_seed(self._contents[place], view))

    def batch(
        self, places: NDArray[np.int64], views: NDArray[np.int64]
    ) -> tuple[Tensor, list[TeacherView]]:
        """See ViewSource."""
        squares = torch.from_numpy(
            np.stack(
                [
                    self.view(int(place), int(view))
                    for place, view in zip(places, views, strict=True)
                ]
            )
        )
        return squares, [answer(teacher, squares.to(self._device)) for teacher in self._teachers]


def answer(teacher: FrozenTeacher, squares: Tensor) -> TeacherView:
    """(N, S, S, 3) uint8 on the teacher's device -> its answer in float32, computed in bf16
    where the hardware does.
    """
    device = squares.device.type
    with torch.autocast(device, torch.bfloat16, enabled=has_bf16(device)):
        output = teacher(Normalise(squares.device).squares(squares))
    return TeacherView(output.logits.float(), output.features.float())
