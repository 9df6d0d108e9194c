"""Asking both models about the same frames, and writing what they said: the proof, the card,
every held-out frame, and the report.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.artifacts.checkpoint import load_student, writing
from kd_core.artifacts.replay import read_replay
from kd_core.evaluation.abstention import UNSURE, named
from kd_core.models.student import Student
from kd_core.retraining.evidence import Answers, Notes, proof
from kd_core.retraining.flicker import in_time
from kd_core.retraining.history import read_history
from kd_core.retraining.reader_data import ReaderData
from kd_core.retraining.report import Report, report_html
from kd_core.retraining.report_pictures import differing_frames
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.compared import ComparedFrame, ComparedFrames
from kd_core.schema.model_card import ModelCard, write_card
from kd_core.schema.run_files import COMPARED_NAME, PROOF_NAME, REPORT_NAME
from kd_core.training.train import logits_of, replayed_logits
from kd_core.vision.predictor import softmax


class Model(NamedTuple):
    """A student in eval mode and its card."""

    student: Student
    card: ModelCard


class Proved(NamedTuple):
    """``new``: the answers on held-out procedures, None where there are none; ``made``: the
    proof.
    """

    active: Model
    candidate: Model
    new: Answers | None
    made: dict[str, Any]


def prove(base: Path, out: Path, replay: Path, labels: Path, data: ReaderData) -> Proved:
    """Compare the model in ``base`` with the candidate in ``out`` on the held-out procedures and on
    the replay set's held-out part.

    Writes compared.json and proof.json into ``out`` and the proof into the card there, which comes
    last. ``labels``: the folder or the table that the data came from. Raises DataError and
    ModelError for what cannot be read or written.
    """
    active, candidate = Model(*load_student(base)), Model(*load_student(out))
    known = read_replay(replay, active.student)
    truth = known.labels[known.held_out].numpy()
    before, after = (
        _calibrated(replayed_logits(model.student, known), model.card, data)
        for model in (active, candidate)
    )
    old = Answers(before, after, truth, np.arange(len(truth)).astype(str))
    new = None
    if len(data.test.labels):
        before, after = (
            _calibrated(logits_of(model.student, data.test.squares), model.card, data)
            for model in (active, candidate)
        )
        new = Answers(
            before,
            after,
            data.test.labels,
            data.test.groups,
            in_time(data.test_paths, data.test_procedures),
        )
    made = proof(new, old, data.classes, _notes(active, candidate, data))
    frames = _compared(active.card, candidate.card, new, labels, data)
    card = msgspec.structs.replace(
        candidate.card, checks={**candidate.card.checks, "comparison": made}
    )
    with writing(out):
        # One of an earlier end of this run would contradict what follows
        (out / REPORT_NAME).unlink(missing_ok=True)
        write_atomically(out / COMPARED_NAME, msgspec.json.encode(frames))
        write_atomically(out / PROOF_NAME, msgspec.json.format(msgspec.json.encode(made), indent=1))
        write_card(out, card)
    return Proved(active, Model(candidate.student, card), new, made)


def write_report(out: Path, proved: Proved, data: ReaderData) -> None:
    """The run as one page in the candidate's folder.

    Raises DataError where it cannot be written; the candidate is safe by then.
    """
    frames = []
    if proved.new is not None:
        students = proved.active.student, proved.candidate.student
        frames = differing_frames(
            students, proved.new, data.test.squares, data.test_paths, data.classes
        )
    page = report_html(
        Report(
            proved.candidate.card,
            proved.active.card.version,
            proved.made,
            data,
            read_history(out),
            frames,
        )
    )
    with writing(out):
        write_atomically(out / REPORT_NAME, page.encode())


def _notes(active: Model, candidate: Model, data: ReaderData) -> Notes:
    few = {
        name: f"only {count} {'frame shows' if count == 1 else 'frames show'} it"
        for name, count in data.too_few.items()
    }
    none = {"learnt": len(data.none_of_these.learnt), "held_out": len(data.none_of_these.held_out)}
    if none["held_out"]:
        shares = {
            name: _unsure(model, data.none_of_these.held_out)
            for name, model in (("active", active), ("candidate", candidate))
        }
        return Notes(
            {**few, **_unnamed(candidate.card)},
            data.seen,
            {**none, "left_unsure": shares},
            len(set(data.test_procedures)),
        )
    return Notes(
        {**few, **_unnamed(candidate.card)}, data.seen, none, len(set(data.test_procedures))
    )


def _unnamed(card: ModelCard) -> dict[str, str]:
    """Why each class is not named, as the run noted it."""
    noted = card.training.get("not_yet_named", {})
    return (
        {str(name): str(reason) for name, reason in noted.items()}
        if isinstance(noted, dict)
        else {}
    )


def _unsure(model: Model, squares: NDArray[np.uint8]) -> float:
    """Of (N, S, S, 3) uint8 the share of which the model names no class."""
    probabilities = softmax(logits_of(model.student, squares) / np.float32(model.card.temperature))
    levels = np.array([model.card.threshold(name) for name in model.card.classes])
    return float((named(probabilities, levels) == UNSURE).mean())


def _calibrated(
    logits: NDArray[np.float32], card: ModelCard, data: ReaderData
) -> NDArray[np.float32]:
    """(N, C of the model) -> (N, C of the data) probabilities; 0 for a class that the model
    does not know.
    """
    made = np.zeros((len(logits), len(data.classes)), np.float32)
    made[:, : len(card.classes)] = softmax(logits / np.float32(card.temperature))
    return made


def _compared(
    active: ModelCard, candidate: ModelCard, new: Answers | None, labels: Path, data: ReaderData
) -> ComparedFrames:
    """Every held-out frame, in the order of the data's test part."""
    if new is None:
        return ComparedFrames(active.version, candidate.version, data.classes, ())
    frames = [
        ComparedFrame(
            path=_below(labels, data.test_paths[place]),
            procedure=data.test_procedures[place],
            truth=data.classes[truth],
            active=tuple(new.active[place].tolist()),
            candidate=tuple(new.candidate[place].tolist()),
        )
        for place, truth in enumerate(new.truth.tolist())
    ]
    return ComparedFrames(active.version, candidate.version, data.classes, tuple(frames))


def _below(labels: Path, path: str) -> str:
    """The path from the labels' folder on, with forward slashes; as it is where it lies
    elsewhere.
    """
    folder = Path(os.path.abspath(labels if labels.is_dir() else labels.parent))
    absolute = Path(os.path.abspath(path))
    return (
        absolute.relative_to(folder).as_posix()
        if absolute.is_relative_to(folder)
        else str(absolute)
    )
