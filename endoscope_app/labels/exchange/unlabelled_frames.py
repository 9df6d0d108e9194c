"""Frames without a label of procedures that are learnt from, for the trainer to ask its teachers
about: each with its neighbours in time, which say whether the teachers are believed. No Qt.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange import export_wording
from endoscope_app.labels.exchange.training_selection import ProcedureFrames, TrainingSelection
from endoscope_app.labels.exchange.training_set import FrameSource, encoded_png, folder_name
from kd_core.schema.unlabelled import COLUMNS, MOST_MOMENTS, UNLABELLED_NAME

#: From a frame to its neighbours: far enough for the view to be another, too near for the place to
#: be.
SECONDS_APART = 0.5
STILLS = "content"  # what a label of a still is kept under


@dataclass(frozen=True)
class Moment:
    """A frame and its neighbours by their indices, in time."""

    fingerprint: str
    frames: tuple[int, ...]


def unlabelled_moments(selection: TrainingSelection, learnt: Collection[str]) -> list[Moment]:
    """Of the procedures ``learnt`` from, the same number of each, spread evenly over its time.

    MOST_MOMENTS in all at most. No frame has a label or lies in a labelled range. Folders of stills
    have no neighbours in time, and none of theirs is taken.
    """
    chosen = [
        each
        for each in selection.procedures
        if each.procedure.fingerprint in learnt
        and each.procedure.duration_s > 0
        and each.procedure.stamp_kind != STILLS
    ]
    each_has = MOST_MOMENTS // max(1, len(chosen))
    return [moment for each in chosen for moment in _of_procedure(each, each_has)]


def _of_procedure(chosen: ProcedureFrames, most: int) -> list[Moment]:
    procedure = chosen.procedure
    count = procedure.frame_count
    apart = max(1, round(SECONDS_APART * count / procedure.duration_s))
    free = np.ones(max(0, count), np.bool_)
    own = chosen.index[chosen.span < 0]
    free[own[own < count]] = False
    for span in chosen.ranges.values():
        free[span.first_index : span.last_index + 1] = False
    free[:apart] = False
    free[max(0, count - apart) :] = False
    places = np.flatnonzero(free)
    taken = np.linspace(0, len(places) - 1, min(most, len(places))).round().astype(int)
    return [
        Moment(procedure.fingerprint, (frame - apart, frame, frame + apart))
        for frame in places[taken].tolist()
    ]


def write_unlabelled(
    moments: list[Moment],
    folder: Path,
    frames: FrameSource,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> int:
    """Write the frames as PNG with a table of them, which comes last; how many moments there are.

    A moment with a frame that cannot be read is left out. What an earlier writing left there is
    replaced. AppError where it cannot be written; nothing is left behind then, nor where
    ``should_stop`` says so or no frame can be read.
    """
    shutil.rmtree(folder, ignore_errors=True)
    rows: list[tuple[str, str, str]] = []
    try:
        for number, moment in enumerate(moments):
            if should_stop():
                shutil.rmtree(folder, ignore_errors=True)
                return 0
            rows += _written(moment, number, folder, frames)
            progress(number + 1, len(moments))
        if not rows:
            return 0
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
        files.save(folder / UNLABELLED_NAME, [text.getvalue().encode()])
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise AppError(*export_wording.TRAINING_NOT_WRITTEN, f"errno {error.errno}") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return len({moment for _, _, moment in rows})


def _written(
    moment: Moment, number: int, folder: Path, frames: FrameSource
) -> list[tuple[str, str, str]]:
    images = []
    for index in moment.frames:
        pts = frames.pts(moment.fingerprint, index)
        image = None if pts is None else frames.image(moment.fingerprint, index, pts)
        if image is None:
            return []
        images.append((index, pts, image))
    place = folder / folder_name(moment.fingerprint)
    place.mkdir(parents=True, exist_ok=True)
    rows = []
    for index, pts, image in images:
        name = f"{place.name}/m{number:03d}-f{index:06d}-p{pts}.png"
        (folder / name).write_bytes(encoded_png(image))
        rows.append((name, moment.fingerprint, str(number)))
    return rows
