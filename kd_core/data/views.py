"""Where a training run gets its batches: fixed views of labelled crops.

Each comes with the teachers' logits and maps.
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
    """One teacher on a batch: ``logits`` (N, C), ``features`` (N, R, h, w).

    The latter are its map along its R strongest directions.
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
        """(n,) places and (n,) view numbers -> crops (n, S, S, 3) uint8, each teacher's view.

        Crops are not normalised yet.
        """


class MadeViews:
    """Views and teachers' logits are computed whenever they are needed: nothing is stored.

    For GPUs, tests and small data.
    """

    def __init__(
        self,
        crops: Image,
        labels: NDArray[np.int64],
        views: int,
        teachers: Sequence[FrozenTeacher] = (),
        device: str = "cpu",
        policy: ViewPolicy | None = None,
        seed: int = 0,
    ) -> None:
        """``crops`` (N, S, S, 3) uint8, ``labels`` (N,). ``device`` is the teachers'.

        Runs of another ``seed`` have other views.
        """
        self._seed = seed
        self.labels, self.views = labels, views
        self._crops, self._teachers, self._device = crops, teachers, device
        self._contents = [content_of(crop) for crop in crops]
        self._policy = policy or policy_for(crops.shape[1])

    def view(self, place: int, view: int) -> Image:
        """One view (S, S, 3) of one image."""
        return self._policy(self._crops[place], view_seed(self._contents[place], view, self._seed))

    def batch(
        self, places: NDArray[np.int64], views: NDArray[np.int64]
    ) -> tuple[Tensor, list[TeacherView]]:
        """See ViewSource."""
        crops = torch.from_numpy(
            np.stack(
                [
                    self.view(int(place), int(view))
                    for place, view in zip(places, views, strict=True)
                ]
            )
        )
        return crops, [teacher_view(teacher, crops.to(self._device)) for teacher in self._teachers]


def teacher_view(teacher: FrozenTeacher, crops: Tensor) -> TeacherView:
    """Crops (N, S, S, 3) uint8 on the teacher's device -> its logits and map in float32.

    Computed in bf16 where the hardware does.
    """
    device = crops.device.type
    with torch.autocast(device, torch.bfloat16, enabled=has_bf16(device)):
        output = teacher(Normalise(crops.device).crops(crops))
    return TeacherView(output.logits.float(), output.features.float())
