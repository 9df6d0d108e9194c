"""Asking both models about the same frames, and writing what came of it.

That is the evidence, the card, every held-out frame, and the report.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.artifacts.checkpoint import load_student, writing
from kd_core.artifacts.replay import Replay, read_replay
from kd_core.evaluation.abstention import UNSURE, named
from kd_core.models.student import Student
from kd_core.retraining.class_shift import shifted_apart
from kd_core.retraining.evidence import Notes, PairedPredictions, evidence_of
from kd_core.retraining.flicker import in_time
from kd_core.retraining.reader_data import ReaderData
from kd_core.retraining.report import Report, report_html
from kd_core.retraining.report_images import differing_frames
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.compared import ComparedFrame, ComparedFrames
from kd_core.schema.evidence import BothModels, Evidence, NoneOfTheseFrames, write_evidence
from kd_core.schema.model_card import ModelCard, write_card
from kd_core.schema.run_files import COMPARED_NAME, REPORT_NAME
from kd_core.training.history import read_history
from kd_core.training.validation import logits_of, replayed_logits
from kd_core.vision.head_probabilities import softmax


class Model(NamedTuple):
    """A student in eval mode and its card."""

    student: Student
    card: ModelCard


class Comparison(NamedTuple):
    """``held_out``: what both predict on held-out procedures, None where there are none."""

    active: Model
    candidate: Model
    held_out: PairedPredictions | None
    evidence: Evidence


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
    held_out = _on_held_out(active, candidate, data)
    known_before = _on_replay(active, candidate, read_replay(replay, active.student), data)
    evidence = evidence_of(held_out, known_before, data.classes, _notes(active, candidate, data))
    frames = _frames(active.card, candidate.card, held_out, labels, data)
    checks = msgspec.structs.replace(candidate.card.checks, comparison=evidence)
    card = msgspec.structs.replace(candidate.card, checks=checks)
    with writing(out):
        # One of an earlier end of this run would contradict what follows
        (out / REPORT_NAME).unlink(missing_ok=True)
        write_atomically(out / COMPARED_NAME, msgspec.json.encode(frames))
        write_evidence(out, evidence)
        write_card(out, card)
    return Comparison(active, Model(candidate.student, card), held_out, evidence)


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
            data.test.crops,
            data.test_paths,
            data.classes,
        )
    history = read_history(out)
    report = Report(candidate.card, active.card.version, comparison.evidence, data, history, frames)
    with writing(out):
        write_atomically(out / REPORT_NAME, report_html(report).encode())


def _on_held_out(active: Model, candidate: Model, data: ReaderData) -> PairedPredictions | None:
    if not len(data.test.labels):
        return None
    before, after = (
        _calibrated(logits_of(model.student, data.test.crops), model.card, data)
        for model in (active, candidate)
    )
    sequences = in_time(data.test_paths, data.test_procedures)
    return PairedPredictions(before, after, data.test.labels, data.test.groups, sequences)


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
        after = shifted_apart(after - settled, before, truth)
    return PairedPredictions(
        _calibrated(before, active.card, data),
        _calibrated(after, candidate.card, data),
        truth,
        np.arange(len(truth)).astype(str),
    )


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
    probabilities = softmax(logits_of(model.student, crops) / np.float32(model.card.temperature))
    levels = np.array([model.card.threshold(name) for name in model.card.classes])
    return float((named(probabilities, levels) == UNSURE).mean())


def _calibrated(
    logits: NDArray[np.float32], card: ModelCard, data: ReaderData
) -> NDArray[np.float32]:
    """(N, C of the model) -> (N, C of the data) probabilities.

    0 for a class that the model does not know.
    """
    probabilities = np.zeros((len(logits), len(data.classes)), np.float32)
    probabilities[:, : len(card.classes)] = softmax(logits / np.float32(card.temperature))
    return probabilities


def _frames(
    active: ModelCard,
    candidate: ModelCard,
    held_out: PairedPredictions | None,
    labels: Path,
    data: ReaderData,
) -> ComparedFrames:
    """Every held-out frame, in the order of the data's test part."""
    if held_out is None:
        return ComparedFrames(active.version, candidate.version, data.classes, ())
    frames = [
        ComparedFrame(
            path=_below(labels, data.test_paths[place]),
            procedure=data.test_procedures[place],
            truth=data.classes[truth],
            active=tuple(held_out.active[place].tolist()),
            candidate=tuple(held_out.candidate[place].tolist()),
        )
        for place, truth in enumerate(held_out.truth.tolist())
    ]
    return ComparedFrames(active.version, candidate.version, data.classes, tuple(frames))


def _below(labels: Path, path: str) -> str:
    """The path below the labels' folder, with forward slashes; as it is where it lies elsewhere."""
    folder = Path(os.path.abspath(labels if labels.is_dir() else labels.parent))
    absolute = Path(os.path.abspath(path))
    return (
        absolute.relative_to(folder).as_posix()
        if absolute.is_relative_to(folder)
        else str(absolute)
    )
