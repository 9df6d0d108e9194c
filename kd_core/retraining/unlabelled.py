"""Unlabelled frames of the reader's own procedures, which the student learns as its teachers say.

A frame counts where all teachers call it the same class, and its neighbours in time too: a teacher
that is wrong of a frame is seldom wrong in the same way of the next view of the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.artifacts.quick_teacher import QuickTeacherViews
from kd_core.artifacts.replay import ToldLatents, quantised
from kd_core.data.augment import Normalise
from kd_core.data.image_files import load_crops
from kd_core.data.listing import read_table
from kd_core.data.view_policy import ViewPolicy
from kd_core.models.student import Student, stem_of
from kd_core.models.teacher import FrozenTeacher
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.unlabelled import COLUMNS, MOST_MOMENTS

#: Views of each frame: as it is, and two that are lit and moved otherwise.
VIEWS = 3
WAY_OUT = "Its rows are frames in time, those of one moment together."
_TOGETHER = 32


class Moment(NamedTuple):
    """Paths of a frame and of its neighbours in time, in that order, and their procedure."""

    frames: tuple[str, ...]
    group: str

    @property
    def middle(self) -> int:
        """The place of the frame that is learnt; the others say whether it is believed."""
        return len(self.frames) // 2


class Unlabelled(NamedTuple):
    """Views of the frames that are learnt; teachers were asked about ``asked`` frames."""

    told: ToldLatents
    asked: int

    def __str__(self) -> str:
        learnt = len(self.told.logits) // VIEWS
        return f"{learnt} of {self.asked} frames, those that the teachers agreed on"


def read_moments(table: Path, learnt: Collection[str]) -> list[Moment]:
    """Of a table with the columns file, group, moment: frames in time, neighbours of one moment.

    Procedures that are not ``learnt`` from by their labels are passed over. At most MOST_MOMENTS,
    spread evenly. Raises DataError for a table that cannot be read.
    """
    root, together = table.absolute().parent, dict[tuple[str, str], list[str]]()
    for _, row in read_table(table, COLUMNS, kind="table of unlabelled frames", way_out=WAY_OUT):
        if row["group"] in learnt:
            together.setdefault((row["group"], row["moment"]), []).append(str(root / row["file"]))
    moments = [Moment(tuple(frames), group) for (group, _), frames in together.items()]
    places = np.linspace(0, len(moments) - 1, min(len(moments), MOST_MOMENTS)).round()
    return [moments[place] for place in places.astype(int).tolist()]


def unlabelled_frames(
    moments: Sequence[Moment],
    student: Student,
    teachers: Sequence[FrozenTeacher],
    policy: ViewPolicy,
    should_stop: Callable[[], bool],
) -> Unlabelled | None:
    """Those of ``moments`` that all ``teachers`` agree on, as ``student`` sees them.

    None where there is none, or ``should_stop`` says so.
    """
    ask = QuickTeacherViews()
    views: list[NDArray[np.uint8]] = []
    for number, moment in enumerate(moments):
        if should_stop():
            return None
        crops = _crops(moment)
        if crops is None or not _agree(_asked(ask, teachers, crops)):
            continue
        crop = crops[moment.middle]
        views += [crop, *(policy(crop, 2 * (number * VIEWS + view)) for view in range(1, VIEWS))]
    if not views:
        return None
    stacked = np.stack(views)
    latents, scale = quantised(_latents(student, stacked))
    parts = np.array_split(stacked, _parts(stacked))
    logits = torch.cat([_asked(ask, teachers, part).mean(0) for part in parts])
    return Unlabelled(ToldLatents(latents, scale, logits), len(moments))


def _crops(moment: Moment) -> NDArray[np.uint8] | None:
    """None where a frame cannot be read, or has no neighbour to be believed by."""
    if len(moment.frames) < 2:
        return None
    try:
        crops, kept, _ = load_crops([Sample(path, "", moment.group) for path in moment.frames])
    except DataError:
        return None
    return crops if len(kept) == len(moment.frames) else None


def _asked(
    ask: QuickTeacherViews, teachers: Sequence[FrozenTeacher], crops: NDArray[np.uint8]
) -> Tensor:
    """(T, N, C) logits."""
    given = torch.from_numpy(crops)
    return torch.stack([ask(teacher, given).logits.float() for teacher in teachers])


def _agree(logits: Tensor) -> bool:
    """Whether every teacher calls every frame the same class."""
    return len(logits.argmax(dim=2).unique()) == 1


@torch.no_grad()
def _latents(student: Student, crops: NDArray[np.uint8]) -> Tensor:
    normalise = Normalise()
    student.eval()
    return torch.cat(
        [
            stem_of(student, normalise.crops(torch.from_numpy(part)))
            for part in np.array_split(crops, _parts(crops))
        ]
    )


def _parts(crops: NDArray[np.uint8]) -> int:
    return max(1, len(crops) // _TOGETHER)
