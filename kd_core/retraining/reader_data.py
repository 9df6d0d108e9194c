"""What a reader's labels become: pictures to learn from, procedures to be proved on, and warnings in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from kd_core.contract.errors import DataError
from kd_core.contract.manifest import Sample
from kd_core.contract.reader_labels import FEW, FEWEST_OF_NEW, NONE_OF_THESE, HeldOut, patient_units
from kd_core.contract.taxonomy import resolve
from kd_core.datasets.folders import read_samples
from kd_core.datasets.labelled import DataSet, Part
from kd_core.datasets.pictures import content_of, load_squares
from kd_core.retraining.flicker import in_time

#: Frames of one procedure resemble their neighbours: so many in a row are drawn together when a score's certainty is asked for.
IN_A_ROW = 8


@dataclass(frozen=True)
class ReaderData(DataSet):
    """A data set whose frames of the test part are known by name: (N,) absolute paths and procedures."""

    test_paths: tuple[str, ...]
    test_procedures: tuple[str, ...]


def read_labels(source: Path, known: Sequence[str]) -> tuple[list[Sample], tuple[str, ...], list[str]]:
    """The reader's samples in the model's words; all classes, the model's first; and warnings. Raises DataError where nothing is left.

    A class that the model does not know is a new one, if there are enough frames of it.
    """
    samples = [
        msgspec.structs.replace(sample, label=resolve(sample.label, known) or sample.label)
        for sample in read_samples(source)
        if sample.label != NONE_OF_THESE
    ]
    counts = Counter(sample.label for sample in samples)
    new = sorted(name for name in counts if name not in known and counts[name] >= FEWEST_OF_NEW)
    left_out = sorted(name for name in counts if name not in known and name not in new)
    warnings = [f"{name} has only {counts[name]} frames: too few to teach a new class, so they are left out." for name in left_out]
    classes = (*known, *new)
    kept = [sample for sample in samples if sample.label in classes]
    if not kept:
        raise DataError("There is no labelled frame to learn from.", "Label some frames first.")
    return kept, classes, warnings


def data_set(
    samples: Sequence[Sample], classes: tuple[str, ...], held_out: HeldOut, source: str, warnings: Sequence[str] = ()
) -> ReaderData:
    """Train: procedures that are learnt from; test: those that are held out; no validation part. Raises DataError for unreadable ones.

    ``warnings`` come first among the data set's own. Raises ValueError for sides that part a patient (``settled`` makes others).
    """
    units = patient_units(samples)
    parted = {units[group] for group in units if group in held_out.held_out} & {
        units[group] for group in units if group not in held_out.held_out
    }
    if parted:
        raise ValueError(f"{len(parted)} patients would be both learnt from and held out")
    learnt = [sample for sample in samples if sample.group not in held_out.held_out]
    tested = [sample for sample in samples if sample.group in held_out.held_out]
    if not learnt:
        raise DataError("All labelled procedures are held out.", "Label another procedure.")
    squares, kept, broken = load_squares([*learnt, *tested])
    held = np.array([sample.group in held_out.held_out for sample in kept])
    labels = np.array([classes.index(sample.label) for sample in kept], np.int64)
    groups = np.array(_rows_of_neighbours(kept))
    train, test = (Part(squares[side], labels[side], groups[side]) for side in (~held, held))
    empty = Part(squares[:0], labels[:0], groups[:0])
    shown = [sample for sample in kept if sample.group in held_out.held_out]
    words = {
        "source": source,
        "images": len(kept),
        "procedures": len({sample.group for sample in kept}),
        "held out": f"{len(test.labels)} frames of {len({sample.group for sample in shown})} procedures",
        "unreadable": len(broken),
    }
    told = (*warnings, *warnings_of(train, test, classes))
    paths, procedures = tuple(sample.path for sample in shown), tuple(sample.group for sample in shown)
    return ReaderData(classes, train, empty, test, tuple(broken), told, words, paths, procedures)


def warnings_of(train: Part, test: Part, classes: Sequence[str]) -> list[str]:
    """Sentences for the reader on what makes the result less sure."""
    made = []
    for index, name in enumerate(classes):
        count = int((train.labels == index).sum())
        if 0 < count < FEW:
            made.append(f"{name} has only {count} frames to learn from.")
    if not len(test.labels):
        made.append("All labels are of one procedure: the new model cannot be proved on another.")
    made += _contradictions(train)
    return made


def _contradictions(train: Part) -> list[str]:
    """The same picture under two labels."""
    seen: dict[str, set[int]] = {}
    for square, label in zip(train.squares, train.labels, strict=True):
        seen.setdefault(content_of(square), set()).add(int(label))
    count = sum(len(labels) > 1 for labels in seen.values())
    return [f"{count} pictures have labels that contradict each other."] if count else []


def _rows_of_neighbours(samples: Sequence[Sample]) -> list[str]:
    """Group of each sample: its procedure and the number of its run of IN_A_ROW frames, in time."""
    made = [""] * len(samples)
    for places in in_time([sample.path for sample in samples], [sample.group for sample in samples]):
        for number, place in enumerate(places):
            made[place] = f"{samples[place].group}/{number // IN_A_ROW}"
    return made
