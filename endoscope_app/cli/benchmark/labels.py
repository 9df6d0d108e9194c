"""Labels to measure on: a library of 100,000, 45,000 of them on the frames of one recording
with drawn predictions; an export.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.base.paths import DataDir
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Context, FrameMoment, Procedure
from endoscope_app.media.opening import open_source
from kd_core.schema.model_card import ModelCard, read_card

LABELS = 100_000
AT_ONCE = 5_000  # labels an act, as an import of a file writes them
DIFFERING = 0.02  # of the labels, from the model
SURE = 0.999  # above every threshold of the shipped student
READER = Context("benchmark", "always")


def make_library(data: Path, clip: Path, model: Path, labels: int = LABELS) -> int:
    """Fill a new data folder; returns how many of the labels are on the frames of ``clip``:
    every one has a label.
    """
    folder, card = DataDir.open(str(data)), read_card(model)
    with open_source(clip) as source:
        info = source.info
        moments = [FrameMoment(source.stamp(index), index) for index in range(info.frame_count)]
    procedure = Procedure(
        info.fingerprint,
        clip.name,
        str(clip.absolute()),
        info.frame_count,
        info.duration_ms / 1000.0,
    )
    generator = np.random.default_rng(0)
    class_of_frame = np.repeat(
        generator.integers(0, len(card.classes), info.frame_count // 50 + 1), 50
    )[: info.frame_count]
    _draw_predictions(folder, procedure.fingerprint, card, class_of_frame)
    with LabelStore(folder.labels) as store:
        store.set_reader_name(READER.reader)
        for place, name in enumerate(card.classes):
            colour = f"#{40 * place:02x}80{255 - 40 * place:02x}"
            store.apply(
                class_edits.add_class(store.read, name, colour, store.new_id("classes")), READER
            )
        ids = np.array([item.id for item in store.read.classes()])
        other = (
            class_of_frame + generator.integers(1, len(card.classes), len(class_of_frame))
        ) % len(card.classes)
        _label(
            store,
            procedure,
            moments,
            ids[np.where(generator.random(len(class_of_frame)) < DIFFERING, other, class_of_frame)],
        )
        left, number = labels - len(moments), 0
        while left > 0:
            number += 1
            count = min(AT_ONCE, left)
            elsewhere = Procedure(
                f"{number:040x}",
                f"other {number}.mp4",
                f"/videos/other {number}.mp4",
                count,
                count / 25,
            )
            frames = [FrameMoment(40 * index, index) for index in range(count)]
            _label(store, elsewhere, frames, ids[generator.integers(0, len(ids), count)])
            left -= count
    return len(moments)


def _draw_predictions(
    folder: DataDir, fingerprint: str, card: ModelCard, class_of_frame: NDArray[np.int64]
) -> None:
    """As an analysis of the whole recording leaves them: (N,) classes, each with SURE."""
    raw = np.full(
        (len(class_of_frame), len(card.classes)), (1 - SURE) / (len(card.classes) - 1), np.float16
    )
    raw[np.arange(len(class_of_frame)), class_of_frame] = SURE
    PredictionStore(folder.predictions).save(
        fingerprint, card.version, raw, np.ones(len(class_of_frame), np.bool_)
    )


def _label(
    store: LabelStore, procedure: Procedure, frames: list[FrameMoment], ids: NDArray[np.int64]
) -> None:
    store.apply(edits.register_procedure(store.read, procedure), READER)
    for start in range(0, len(frames), AT_ONCE):
        stop = min(start + AT_ONCE, len(frames))
        acts = []
        for class_id in np.unique(ids[start:stop]).tolist():
            these = [frames[index] for index in range(start, stop) if ids[index] == class_id]
            acts.append(edits.label_frames(store.read, procedure.fingerprint, these, class_id))
        store.apply(edits.compound("drawn labels", acts), READER)


def make_label_export(clip: Path, folder: Path, classes: Sequence[str], frames: int = 60) -> Path:
    """Images of the clip with drawn labels, in two procedures, as kd-core retrain reads them.

    Returns ``folder``.
    """
    folder.mkdir(parents=True)
    with open_source(clip) as source, (folder / "manifest.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "label", "group"])
        step = max(1, source.info.frame_count // frames)
        for number in range(min(frames, source.info.frame_count)):
            image = source.read(number * step).image
            cv2.imwrite(str(folder / f"{number:03d}.png"), image[..., :3])
            rows.writerow(
                [
                    f"{number:03d}.png",
                    classes[number % len(classes)],
                    f"procedure {2 * number // frames}",
                ]
            )
    return folder
