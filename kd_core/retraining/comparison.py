"""Asking both models about the same frames, and writing what came of it.

That is the evidence, the card, every held-out frame, and the report.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.artifacts.checkpoint import load_student, writing
from kd_core.artifacts.replay import Replay, read_replay
from kd_core.evaluation.abstention import UNSURE, named
from kd_core.evaluation.label_cases import label_cases, named_of_groups, names_of
from kd_core.models.student import Student
from kd_core.retraining.class_shift import shifted_apart
from kd_core.retraining.evidence import Notes, PairedPredictions, evidence_of
from kd_core.retraining.flicker import in_time
from kd_core.retraining.reader_data import ReaderData
from kd_core.retraining.report import Report, report_html
from kd_core.retraining.report_images import differing_frames
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.class_heads import NO_LABEL
from kd_core.schema.compared import ComparedFrame, ComparedFrames
from kd_core.schema.evidence import BothModels, Evidence, NoneOfTheseFrames, write_evidence
from kd_core.schema.model_card import ModelCard, write_card
from kd_core.schema.run_files import COMPARED_NAME, REPORT_NAME
from kd_core.training.history import read_history
from kd_core.training.validation import logits_of, replayed_logits
from kd_core.vision.head_probabilities import class_probabilities


class Model(NamedTuple):
    """A student in eval mode and its card."""

    student: Student
    card: ModelCard


class Comparison(NamedTuple):
    """``held_out``: what both predict on held-out procedures, None where there are none.

    ``names`` of what they tell apart, and the (M,) ``images`` of the test part that the predictions
    are about: each once, but of models with a softmax for each class group once for each label.
    """

    active: Model
    candidate: Model
    held_out: PairedPredictions | None
    evidence: Evidence
    names: tuple[str, ...]
    images: NDArray[np.int64]


def compare_with_base(
    base: Path, out: Path, replay: Path, labels: Path, data: ReaderData
) -> Comparison:
    """Compare the model in ``base`` with the candidate in ``out``.

    On the held-out procedures and on the replay set's held-out part. Writes the frames and the
    evidence into ``out``, and the evidence into the card there, which comes last. ``labels``: the
    folder or the table that the data came from. Raises DataError and ModelError for what cannot be
    read or written.
    """
    active, candidate = Model(*load_student(base)), Model(*load_student(out))
    held_out, images = _on_held_out(active, candidate, data)
    known_before = _on_replay(active, candidate, read_replay(replay, active.student), data)
    names = names_of(data.classes, data.heads)
    evidence = evidence_of(held_out, known_before, names, _notes(active, candidate, data))
    frames = _frames(active.card, candidate.card, held_out, labels, data, names, images)
    checks = msgspec.structs.replace(candidate.card.checks, comparison=evidence)
    card = msgspec.structs.replace(candidate.card, checks=checks)
    with writing(out):
        # One of an earlier end of this run would contradict what follows
        (out / REPORT_NAME).unlink(missing_ok=True)
        write_atomically(out / COMPARED_NAME, msgspec.json.encode(frames))
        write_evidence(out, evidence)
        write_card(out, card)
    made = Model(candidate.student, card)
    return Comparison(active, made, held_out, evidence, names, images)


def write_report(out: Path, comparison: Comparison, data: ReaderData) -> None:
    """The run as one page in the candidate's folder.

    Raises DataError where it cannot be written; the candidate is safe by then.
    """
    active, candidate = comparison.active, comparison.candidate
    frames = []
    if comparison.held_out is not None:
        frames = differing_frames(
            (active.student, candidate.student),
            comparison.held_out,
            data.test.crops[comparison.images],
            [data.test_paths[place] for place in comparison.images.tolist()],
            comparison.names,
        )
    history = read_history(out)
    told = replace(data, classes=comparison.names)
    report = Report(candidate.card, active.card.version, comparison.evidence, told, history, frames)
    with writing(out):
        write_atomically(out / REPORT_NAME, report_html(report).encode())


def _on_held_out(
    active: Model, candidate: Model, data: ReaderData
) -> tuple[PairedPredictions | None, NDArray[np.int64]]:
    """What both predict, and of which images; see Comparison."""
    every = np.arange(len(data.test.labels))
    if not len(every):
        return None, every
    before, after = (
        _calibrated(logits_of(model.student, data.test.crops), model.card, data)
        for model in (active, candidate)
    )
    if data.test.head_labels is None:
        sequences = in_time(data.test_paths, data.test_procedures)
        truth, groups = data.test.labels, data.test.groups
        return PairedPredictions(before, after, truth, groups, sequences), every
    first, second = (
        label_cases(table, data.test.head_labels, data.classes, data.heads)
        for table in (before, after)
    )
    images = first.images
    sequences = in_time(
        [data.test_paths[place] for place in images.tolist()],
        [
            f"{data.test_procedures[place]} {head}"
            for place, head in zip(images.tolist(), first.heads.tolist(), strict=True)
        ],
    )
    groups = data.test.groups[images]
    said = first.probabilities, second.probabilities
    return PairedPredictions(*said, first.truth, groups, sequences), images


def _on_replay(
    active: Model, candidate: Model, replay: Replay, data: ReaderData
) -> PairedPredictions:
    """Shifts of classes were settled on these images: each half is asked with the other's.

    What is counted here would say too well of them otherwise.
    """
    truth = replay.labels[replay.held_out].numpy()
    before, after = (replayed_logits(model.student, replay) for model in (active, candidate))
    if shift := candidate.card.training.class_shift:
        settled = np.array([shift.get(name, 0.0) for name in candidate.card.classes], np.float32)
        after = _apart(after - settled, before, truth, candidate.card)
    known, now = _calibrated(before, active.card, data), _calibrated(after, candidate.card, data)
    if data.heads:
        labels = np.full((len(truth), len(data.heads)), NO_LABEL, np.int64)
        for number, head in enumerate(data.heads):
            for place, column in enumerate(head.columns(data.classes)):
                labels[truth == column, number] = place
        first, second = (
            label_cases(table, labels, data.classes, data.heads) for table in (known, now)
        )
        known, now, truth = first.probabilities, second.probabilities, first.truth
    return PairedPredictions(known, now, truth, np.arange(len(truth)).astype(str))


def _apart(
    logits: NDArray[np.float32],
    before: NDArray[np.float32],
    truth: NDArray[np.int64],
    card: ModelCard,
) -> NDArray[np.float32]:
    """``shifted_apart``, of each class group by itself where a model tells them apart."""
    if not card.heads:
        return shifted_apart(logits, before, truth)
    moved = logits.copy()
    for head in card.heads:
        columns = head.columns(card.classes)
        old = [column for column in columns if column < before.shape[1]]
        rows = np.flatnonzero(np.isin(truth, columns))
        if len(old) < 2 or not len(rows):
            continue
        places = np.array([columns.index(label) for label in truth[rows].tolist()], np.int64)
        own = shifted_apart(logits[rows][:, columns], before[rows][:, old], places)
        moved[np.ix_(rows, np.array(columns))] = own
    return moved


def _notes(active: Model, candidate: Model, data: ReaderData) -> Notes:
    few = {
        name: f"only {count} {'frame shows' if count == 1 else 'frames show'} it"
        for name, count in data.too_few.items()
    }
    shown, unsure = data.none_of_these.held_out, None
    if len(shown):
        unsure = BothModels(_share_unsure(active, shown), _share_unsure(candidate, shown))
    return Notes(
        {**few, **candidate.card.training.not_yet_named},
        data.seen,
        NoneOfTheseFrames(len(data.none_of_these.learnt), len(shown), unsure),
        len(set(data.test_procedures)),
    )


def _share_unsure(model: Model, crops: NDArray[np.uint8]) -> float:
    """Of (N, S, S, 3) uint8 the share of which the model names no class."""
    card = model.card
    probabilities = class_probabilities(logits_of(model.student, crops), card)
    levels = np.array([card.threshold(name) for name in card.classes])
    if card.heads:
        called = named_of_groups(probabilities, levels, card.classes, card.heads)
        return float((called == UNSURE).all(axis=1).mean())
    return float((named(probabilities, levels) == UNSURE).mean())


def _calibrated(
    logits: NDArray[np.float32], card: ModelCard, data: ReaderData
) -> NDArray[np.float32]:
    """(N, C of the model) -> (N, C of the data) probabilities.

    0 for a class that the model does not know.
    """
    probabilities = np.zeros((len(logits), len(data.classes)), np.float32)
    probabilities[:, : len(card.classes)] = class_probabilities(logits, card)
    return probabilities


def _frames(
    active: ModelCard,
    candidate: ModelCard,
    held_out: PairedPredictions | None,
    labels: Path,
    data: ReaderData,
    names: tuple[str, ...],
    images: NDArray[np.int64],
) -> ComparedFrames:
    """Every held-out frame, in the order of the data's test part; see Comparison."""
    if held_out is None:
        return ComparedFrames(active.version, candidate.version, names, ())
    frames = [
        ComparedFrame(
            path=_below(labels, data.test_paths[images[place]]),
            procedure=data.test_procedures[images[place]],
            truth=names[truth],
            active=tuple(held_out.active[place].tolist()),
            candidate=tuple(held_out.candidate[place].tolist()),
        )
        for place, truth in enumerate(held_out.truth.tolist())
    ]
    return ComparedFrames(active.version, candidate.version, names, tuple(frames))


def _below(labels: Path, path: str) -> str:
    """The path below the labels' folder, with forward slashes; as it is where it lies elsewhere."""
    folder = Path(os.path.abspath(labels if labels.is_dir() else labels.parent))
    absolute = Path(os.path.abspath(path))
    return (
        absolute.relative_to(folder).as_posix()
        if absolute.is_relative_to(folder)
        else str(absolute)
    )
