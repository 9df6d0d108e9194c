"""Candidate and model in use on the same frames: what is better, and what is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.evaluation.calibration import calibration_error
from kd_core.evaluation.group_scores import PairedScores, ScoreOfTwo, among_all, compare_scores
from kd_core.evaluation.metrics import confusion_matrix, per_class, per_class_intervals
from kd_core.retraining.flicker import Sequences, flicker
from kd_core.retraining.verdict import verdict_and_sentence
from kd_core.schema.estimate import Estimate
from kd_core.schema.evidence import (
    BothEstimates,
    BothModels,
    ComparedPart,
    ComparedScore,
    Evidence,
    Flicker,
    NoneOfTheseFrames,
)
from kd_core.schema.model_scores import Bounds

Probabilities = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]
#: A class that loses more recall than this makes a candidate one that should not be promoted
#: without a reason (points).
LOSS_ALLOWED = 2.0
SEED = 0


class PairedPredictions(NamedTuple):
    """Both models on the same N frames.

    ``active`` and ``candidate``: calibrated probabilities (N, C), 0 for a class that a model does
    not know; ``truth`` (N,); ``groups`` (N,) that are drawn together (patients); ``sequences``: the
    frames of each procedure in time, none where frames are no sequence.
    """

    active: Probabilities
    candidate: Probabilities
    truth: Labels
    groups: NDArray[np.str_]
    sequences: Sequences = ()


class Notes(NamedTuple):
    """What is said beside the scores.

    ``not_yet_named``: why a class cannot be named yet; ``seen_by_teachers``: held-out frames that
    are no evidence, by name; ``procedures``: how many the held-out frames are of.
    """

    not_yet_named: Mapping[str, str] = {}
    seen_by_teachers: Sequence[str] = ()
    none_of_these: NoneOfTheseFrames = NoneOfTheseFrames()
    procedures: int = 0


def evidence_of(
    held_out: PairedPredictions | None,
    known_before: PairedPredictions,
    classes: Sequence[str],
    notes: Notes | None = None,
) -> Evidence:
    """What both models do on the same frames, what is lost, and the sentence that says it.

    ``held_out``: on held-out procedures, None where there are none; ``known_before``: on what the
    model knew before.
    """
    notes = notes or Notes()
    lost = _recall_lost(known_before, classes)
    evidence = Evidence(
        held_out=None if held_out is None else _held_out_part(held_out, classes, notes),
        known_before=_part(known_before, classes),
        recall_lost=lost,
        needs_reason=tuple(name for name, points in lost.items() if points > LOSS_ALLOWED),
        not_yet_named=dict(notes.not_yet_named),
        seen_by_teachers=tuple(notes.seen_by_teachers),
        none_of_these=notes.none_of_these,
    )
    verdict, sentence = verdict_and_sentence(evidence)
    return msgspec.structs.replace(evidence, verdict=verdict, sentence=sentence)


def _held_out_part(pair: PairedPredictions, classes: Sequence[str], notes: Notes) -> ComparedPart:
    part = _part(pair, classes)
    return msgspec.structs.replace(
        part, flicker_per_1000=_flicker(pair), procedures=notes.procedures, patients=part.groups
    )


def _part(pair: PairedPredictions, classes: Sequence[str]) -> ComparedPart:
    names = tuple(classes)
    active, candidate = pair.active.argmax(axis=1), pair.candidate.argmax(axis=1)
    scores = _corrected(compare_scores(pair.truth, active, candidate, pair.groups, names, SEED))
    confusions = [
        confusion_matrix(pair.truth, predicted, len(names)) for predicted in (active, candidate)
    ]
    before, after = (per_class_intervals(confusion, names) for confusion in confusions)
    was_right, is_right = active == pair.truth, candidate == pair.truth
    return ComparedPart(
        frames=len(pair.truth),
        groups=len(set(pair.groups.tolist())),
        accuracy=_score(scores.accuracy),
        macro_f1=_score(scores.macro_f1),
        recall={
            name: _score(score, _intervals(before[name].recall, after[name].recall))
            for name, score in scores.recall.items()
        },
        precision={
            name: _score(score, _intervals(before[name].precision, after[name].precision))
            for name, score in scores.precision.items()
        },
        calibration=BothModels(
            calibration_error(pair.active, pair.truth),
            calibration_error(pair.candidate, pair.truth),
        ),
        corrected=int((~was_right & is_right).sum()),
        broken=int((was_right & ~is_right).sum()),
        wrong_before=int((~was_right).sum()),
        confusion=tuple(
            tuple(tuple(row) for row in confusion.tolist()) for confusion in confusions
        ),
    )


def _corrected(scores: PairedScores) -> PairedScores:
    """Accuracy is what a candidate is judged by, alone; all others are corrected together."""
    rows = {("macro_f1", ""): scores.macro_f1}
    rows |= {("recall", name): row for name, row in scores.recall.items()}
    rows |= {("precision", name): row for name, row in scores.precision.items()}
    found = among_all(rows)
    return scores._replace(
        macro_f1=found["macro_f1", ""],
        recall={name: found["recall", name] for name in scores.recall},
        precision={name: found["precision", name] for name in scores.precision},
    )


def _intervals(active: Bounds, candidate: Bounds) -> BothEstimates:
    return BothEstimates(*(Estimate(b.value, b.low, b.high) for b in (active, candidate)))


def _score(score: ScoreOfTwo, intervals: BothEstimates | None = None) -> ComparedScore:
    difference = Estimate(*score.comparison.difference)
    return ComparedScore(score.a, score.b, difference, score.comparison.verdict, intervals)


def _flicker(pair: PairedPredictions) -> Flicker:
    """What is below that of the labels is too calm, what is above it too restless."""
    rows = (pair.active.argmax(axis=1), pair.candidate.argmax(axis=1), pair.truth)
    return Flicker(*(flicker(row, pair.sequences) for row in rows))


def _recall_lost(pair: PairedPredictions, classes: Sequence[str]) -> dict[str, float]:
    """Points that each class lost, 0 for none; classes that no frame shows are left out."""
    tables = [
        confusion_matrix(pair.truth, probabilities.argmax(axis=1), len(classes))
        for probabilities in (pair.active, pair.candidate)
    ]
    before, after = (per_class(table, tuple(classes)) for table in tables)
    return {
        name: max(0.0, 100.0 * (row.recall - after[name].recall))
        for name, row in before.items()
        if row.support
    }
