"""What retraining learns from: labelled frames, and of labelled ranges every n-th frame that is not nearly its predecessor."""

from __future__ import annotations

import csv
import io
import itertools
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.errors import AppError
from endoscope_app.store.exchange import files
from endoscope_app.store.exchange.near_frames import THIN_BELOW, Thumbnail, difference, thumbnail
from endoscope_app.store.labels.frame_pngs import FramePngs
from endoscope_app.store.labels.reading import LabelReader
from endoscope_app.store.labels.records import RangeLabel

Image = NDArray[np.uint8]
MANIFEST = "manifest.csv"
COLUMNS = ("file", "label", "group")


class FrameSource(Protocol):
    """Frames of recordings by index, as flows.labels.recordings.Recordings gives them; None where a recording is gone or another now."""

    def pts(self, fingerprint: str, index: int) -> int | None:
        """The frame's time stamp in ticks."""

    def picture(self, fingerprint: str, index: int, pts: int) -> Image | None:
        """(H, W, 3) uint8 RGB."""


@dataclass(frozen=True, slots=True)
class TrainingSample:
    """One frame to learn from; ``png`` is the content hash of its kept picture."""

    fingerprint: str
    pts: int
    frame_index: int
    class_name: str
    png: str | None = None


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """What was written: pictures, and samples without pixels, which were left out. ``stopped`` leaves nothing behind."""

    written: int
    without_pixels: int
    stopped: bool = False


def training_samples(
    reader: LabelReader, fingerprints: Collection[str], every_nth: int, frame_of: FrameSource, thin: bool,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[TrainingSample]:  # fmt: skip
    """Samples of these procedures in their order, each procedure's by pts. Classes by their key, merged ones by that of
    the one that they went into.

    Frames labelled with a class or agreed on; unusable ones are left out. Of a range its first frame, every n-th after it and its last:
    a frame's own label wins over ranges, and of overlapping ranges the one that was made later. With ``thin``, a frame of a range that
    differs by less than THIN_BELOW from the last one kept of the same range is left out, the range's first and last never. Frames whose
    recording is gone have no pts and are left out. ``should_stop`` ends it early, with what was found. ValueError for a step below 1.
    """
    if every_nth < 1:
        raise ValueError(f"every {every_nth}th frame means nothing")
    names = {one.id: reader.resolved_class(one.id).key for one in reader.classes()}
    made: list[TrainingSample] = []
    for fingerprint in fingerprints:
        labels = reader.frame_labels(fingerprint)
        found = {
            one.frame_index: TrainingSample(fingerprint, one.pts, one.frame_index, names[one.class_id], one.png)
            for one in labels
            if one.class_id is not None
        }
        taken = {one.frame_index for one in labels}
        newest_first = sorted(reader.ranges(fingerprint), key=lambda one: -one.id)
        for place, one in enumerate(newest_first):
            free = (index for index in _every(one, every_nth) if index not in taken and not _covered(index, newest_first[:place]))
            going = itertools.takewhile(lambda _: not should_stop(), free)
            for index, pts in _kept(fingerprint, one, going, frame_of, thin):
                found[index] = TrainingSample(fingerprint, pts, index, names[one.class_id])
        made += sorted(found.values(), key=lambda sample: (sample.pts, sample.frame_index))
    return made


def write_training_set(
    samples: Collection[TrainingSample], folder: Path, kept: FramePngs, frame_of: FrameSource, *,
    progress: Callable[[int, int], None] = lambda done, total: None, should_stop: Callable[[], bool] = lambda: False,
) -> TrainingSet:  # fmt: skip
    """Write the samples' pictures as PNG, and a manifest.csv that kd_core's read_samples reads, the procedure being the group.

    The kept picture comes first, which is what the reader saw, else the recording. The pictures show a patient: ``folder`` belongs into
    the reader's data folder. It must be empty or new. The manifest comes last: a folder without one was not finished. AppError where it
    cannot be written; nothing is left behind then.
    """
    if folder.exists() and any(folder.iterdir()):
        raise AppError("The folder for the training pictures is not empty.", "Choose an empty folder.")
    rows: list[tuple[str, str, str]] = []
    try:
        for done, sample in enumerate(samples, 1):
            if should_stop():
                _remove(folder, rows)
                return TrainingSet(0, done - 1 - len(rows), stopped=True)
            pixels = _pixels(sample, kept, frame_of)
            if pixels is not None:
                name = f"{sample.fingerprint}/f{sample.frame_index:06d}-p{sample.pts}.png"
                rows.append((name, sample.class_name, sample.fingerprint))
                _write(folder / name, pixels)
            progress(done, len(samples))
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
        files.save(folder / MANIFEST, [text.getvalue().encode()])
    except (AppError, OSError) as error:
        _remove(folder, rows)
        if isinstance(error, AppError):
            raise
        raise AppError("The training pictures could not be written.", "Free some space, or choose another folder.", str(error)) from error
    return TrainingSet(len(rows), len(samples) - len(rows))


def _every(one: RangeLabel, step: int) -> Iterator[int]:
    yield from range(one.first_index, one.last_index, step)
    yield one.last_index


def _covered(index: int, later: list[RangeLabel]) -> bool:
    return any(one.first_index <= index <= one.last_index for one in later)


def _kept(fingerprint: str, one: RangeLabel, indices: Iterator[int], frame_of: FrameSource, thin: bool) -> Iterator[tuple[int, int]]:
    """(index, pts) of the range's frames that stay."""
    ends = {one.first_index: one.first_pts, one.last_index: one.last_pts}
    last: Thumbnail | None = None
    for index in indices:
        pts = ends[index] if index in ends else frame_of.pts(fingerprint, index)
        if pts is None:
            continue
        picture = frame_of.picture(fingerprint, index, pts) if thin and index != one.last_index else None
        if picture is not None:
            seen = thumbnail(picture)
            if last is not None and index not in ends and difference(seen, last) < THIN_BELOW:
                continue
            last = seen
        yield index, pts


def _pixels(sample: TrainingSample, kept: FramePngs, frame_of: FrameSource) -> Image | None:
    found = kept.find(sample.png)
    return found if found is not None else frame_of.picture(sample.fingerprint, sample.frame_index, sample.pts)


def _write(path: Path, rgb: Image) -> None:
    done, data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise AppError("A training picture could not be made.", "Please report it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.tobytes())  # not durable on purpose: after a power cut there is no manifest, and it is made again


def _remove(folder: Path, rows: list[tuple[str, str, str]]) -> None:
    for procedure in {name.split("/")[0] for name, _, _ in rows}:
        shutil.rmtree(folder / procedure, ignore_errors=True)
