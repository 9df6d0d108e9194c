"""The frames that a retraining learns from, as images with a manifest.csv for kd_core. No Qt."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import exchange_files as files
from endoscope_app.labels.exchange import export_wording
from endoscope_app.labels.exchange.near_frames import THIN_BELOW, Thumbnail, difference, thumbnail
from endoscope_app.labels.exchange.training_selection import ProcedureFrames, TrainingSelection
from endoscope_app.labels.library.effective_labels import GROUPS
from endoscope_app.labels.library.frame_pngs import FramePngs

Image = NDArray[np.uint8]
MANIFEST = "manifest.csv"
COLUMNS = ("file", "label", "group", "patient", *(group.casefold() for group in GROUPS))
_PLAIN = re.compile(r"[0-9a-f]{8,128}")


class FrameSource(Protocol):
    """Frames of procedures by index, as labels.recordings.Recordings gives them.

    None where the procedure's file is gone or another now.
    """

    def pts(self, fingerprint: str, index: int) -> int | None:
        """The frame's time stamp in ticks."""

    def image(self, fingerprint: str, index: int, pts: int) -> Image | None:
        """(H, W, 3) uint8 RGB."""


@dataclass(frozen=True, slots=True)
class TrainingSample:
    """One frame to learn from.

    ``label`` is the class's key; ``png`` the content hash of its kept image; ``pts`` is None where
    the procedure's file, which alone knows it, is gone. ``span``: the id of its range, -1 for none.
    ``by_group``: the key of its class of each group, empty where it has none.
    """

    fingerprint: str
    pts: int | None
    frame_index: int
    label: str
    png: str | None = None
    span: int = -1
    by_group: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """What was written.

    ``near``: frames left out as nearly the one before; ``missing``: frames without an image;
    ``lost``: ids of labels (TrainingSelection.label_id) of which no frame could be written.
    ``stopped`` leaves nothing behind.
    """

    written: int
    near: int = 0
    missing: int = 0
    lost: tuple[str, ...] = ()
    stopped: bool = False


def samples_of(
    selection: TrainingSelection, chosen: ProcedureFrames, frames: FrameSource
) -> Iterator[TrainingSample]:
    """The frames of one procedure in time, with the pts that only its file knows."""
    where = chosen.procedure.fingerprint
    for place, index in enumerate(chosen.index.tolist()):
        pts = int(chosen.pts[place]) if chosen.has_pts[place] else frames.pts(where, index)
        span, code = int(chosen.span[place]), int(chosen.label[place])
        png = chosen.pngs.get(pts) if pts is not None and span < 0 else None
        by_group = tuple(
            selection.labels[each] if each >= 0 else "" for each in chosen.by_group[place].tolist()
        )
        yield TrainingSample(where, pts, index, selection.labels[code], png, span, by_group)


def write_training_set(
    selection: TrainingSelection,
    folder: Path,
    kept: FramePngs,
    frames: FrameSource,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> TrainingSet:
    """Write the images as PNG, and a manifest of them.

    Its label is the class's key, its group the procedure, and it names the patient and the class of
    each group. The kept image
    comes first, which is what the reader saw, and is not encoded again; else the procedure's file
    has it. With thinning, a frame of a range that differs by less than THIN_BELOW from the last one
    written of the same range is left out, the range's ends never.

    The images show a patient: ``folder`` belongs into the reader's data folder. What an earlier
    writing left there without a manifest is replaced: the manifest comes last. AppError where it
    holds a manifest, or cannot be written; nothing is left behind then.
    """
    if (folder / MANIFEST).exists():
        raise AppError(*export_wording.TRAINING_FOLDER_NOT_EMPTY)
    shutil.rmtree(folder, ignore_errors=True)
    export = _TrainingExport(selection, folder, kept, frames)
    done = 0
    try:
        for chosen in selection.procedures:
            export.begin(chosen)
            for place, sample in enumerate(samples_of(selection, chosen, frames)):
                if should_stop():
                    shutil.rmtree(folder, ignore_errors=True)
                    return TrainingSet(0, stopped=True)
                export.take(place, sample)
                done += 1
                progress(done, selection.count)
        return export.finish()
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise AppError(*export_wording.TRAINING_NOT_WRITTEN, f"errno {error.errno}") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


class _TrainingExport:
    """One export under way."""

    def __init__(
        self, selection: TrainingSelection, folder: Path, kept: FramePngs, frames: FrameSource
    ) -> None:
        self._selection, self._folder, self._kept, self._frames = selection, folder, kept, frames
        self._rows: list[tuple[str, ...]] = []
        self._near = self._missing = 0
        self._label_ids: dict[str, bool] = {}  # whether anything was written of the label
        self._chosen: ProcedureFrames | None = None
        self._last: dict[int, Thumbnail] = {}  # of the last frame written, by range

    def begin(self, chosen: ProcedureFrames) -> None:
        """Another procedure; the last one's thumbnails are let go."""
        self._chosen, self._last = chosen, {}
        (self._folder / folder_name(chosen.procedure.fingerprint)).mkdir(
            parents=True, exist_ok=True
        )

    def take(self, place: int, sample: TrainingSample) -> None:
        """Write one frame, or count why not. Raises OSError and AppError."""
        assert self._chosen is not None
        label_ids = {
            self._selection.label_id(self._chosen, place),
            *self._selection.said(self._chosen, place, all_groups=True).values(),
        }
        name = f"{folder_name(sample.fingerprint)}/f{sample.frame_index:06d}-p{sample.pts}.png"
        is_there = False
        if sample.png is not None and self._kept.place(sample.png, self._folder / name):
            is_there = True
        elif sample.pts is not None:
            rgb = self._frames.image(sample.fingerprint, sample.frame_index, sample.pts)
            if rgb is not None and self._is_near(sample, rgb):
                self._near += 1
                self._label_ids.update(dict.fromkeys(label_ids, True))
                return
            is_there = rgb is not None
            if rgb is not None:
                (self._folder / name).write_bytes(encoded_png(rgb))
        if is_there:
            patient = self._chosen.procedure.patient
            row = (name, sample.label, sample.fingerprint, patient, *sample.by_group)
            self._rows.append(row)
        else:
            self._missing += 1
        for label_id in label_ids:
            self._label_ids[label_id] = self._label_ids.get(label_id, False) or is_there

    def finish(self) -> TrainingSet:
        """The manifest.

        Images are not synced on purpose: after a power cut without a manifest they are made again.
        """
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([COLUMNS, *self._rows])
        files.save(self._folder / MANIFEST, [text.getvalue().encode()])
        lost = tuple(each for each, is_there in self._label_ids.items() if not is_there)
        return TrainingSet(len(self._rows), self._near, self._missing, lost)

    def _is_near(self, sample: TrainingSample, rgb: Image) -> bool:
        """Whether a frame of a range is to be left out; else the next is compared with it."""
        if sample.span < 0 or not self._selection.sampling.thin or self._chosen is None:
            return False
        span = self._chosen.ranges[sample.span]
        seen, last = thumbnail(rgb), self._last.get(sample.span)
        is_end = sample.frame_index in (span.first_index, span.last_index)
        if last is not None and not is_end and difference(seen, last) < THIN_BELOW:
            return True
        self._last[sample.span] = seen
        return False


def folder_name(fingerprint: str) -> str:
    """The procedure's folder among the images: a name of plain letters."""
    return (
        fingerprint
        if _PLAIN.fullmatch(fingerprint)
        else hashlib.sha256(fingerprint.encode()).hexdigest()
    )


def encoded_png(rgb: Image) -> bytes:
    """(H, W, 3) uint8 RGB as PNG, quickly. AppError where that cannot be done."""
    done, data = cv2.imencode(
        ".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 1]
    )
    if not done:
        raise AppError(*export_wording.TRAINING_IMAGE_NOT_MADE)
    return data.tobytes()
