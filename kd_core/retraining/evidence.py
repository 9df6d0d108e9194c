"""Candidate and active model on the same frames: what is better, what is lost, and the sentence
that a reader decides by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kd_core.evaluation.calibration import calibration_error
from kd_core.evaluation.group_scores import compare_scores
from kd_core.evaluation.intervals import FEWEST_GROUPS
from kd_core.evaluation.metrics import confusion_matrix, per_class, per_class_intervals
from kd_core.retraining.flicker import Sequences, flicker
from kd_core.schema.taxonomy import display_name

Probabilities = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]
#: A class that loses more recall than this makes a candidate one that should not be promoted
#: without a reason (points).
LOSS_ALLOWED = 2.0
SEED = 0
FLICKER = "flicker per 1000 frames"


class Answers(NamedTuple):
    """Both models on the same N frames: calibrated probabilities (N, C) of the active model and of
    the candidate (unknown classes 0), truth (N,), groups (N,) that are drawn together (patients);
    the frames of each procedure in time (none where frames are no sequence).
    """

    active: Probabilities
    candidate: Probabilities
    truth: Labels
    groups: NDArray[np.str_]
    sequences: Sequences = ()


class Notes(NamedTuple):
    """What is said beside the scores.

    ``unnamed``: why a class cannot be named yet; ``seen``: held-out frames that are no evidence, by
    name; ``none_of_these``: frames of none of the classes; ``procedures``: how many the held-out
    frames are of.
    """

    unnamed: Mapping[str, str] = {}
    seen: Sequence[str] = ()
    none_of_these: Mapping[str, Any] = {}
    procedures: int = 0


def proof(
    new: Answers | None, old: Answers, classes: Sequence[str], notes: Notes | None = None
) -> dict[str, Any]:
    """Ready for JSON: "new" (held-out procedures, None where there are none), "old" (the replay
    check), what is lost, the sentence.

    Both hold accuracy, macro-F1 and recall with the interval of the difference by paired bootstrap
    and what it says, Wilson's interval of each recall, the expected calibration error, and
    confusions (active, candidate). Flicker is of the held-out procedures alone.
    """
    notes = notes or Notes()
    made: dict[str, Any] = {
        "new": None if new is None else _compared(new, classes),
        "old": _compared(old, classes),
    }
    if new is not None:
        made["new"][FLICKER] = _flicker(new)
    lost = _losses(old, classes)
    made["recall lost on old knowledge"] = lost
    made["needs a reason"] = [name for name, points in lost.items() if points > LOSS_ALLOWED]
    made["not_yet_named"] = dict(notes.unnamed)
    made["left_out_seen"] = list(notes.seen)
    made["none_of_these"] = dict(notes.none_of_these)
    if new is not None:
        made["new"]["procedures"], made["new"]["patients"] = notes.procedures, made["new"]["groups"]
    made["verdict"], sentence = _sentence(new, made, lost, notes)
    first = [
        f"{display_name(name)} cannot be named yet: {reason}."
        for name, reason in notes.unnamed.items()
    ]
    made["sentence"] = " ".join([*first, sentence])
    return made


def _compared(answers: Answers, classes: Sequence[str]) -> dict[str, Any]:
    active, candidate = answers.active.argmax(axis=1), answers.candidate.argmax(axis=1)
    found = compare_scores(answers.truth, active, candidate, answers.groups, tuple(classes), SEED)
    confusions = [
        confusion_matrix(answers.truth, called, len(classes)) for called in (active, candidate)
    ]
    before, after = (per_class_intervals(confusion, tuple(classes)) for confusion in confusions)
    return {
        "frames": len(answers.truth),
        "groups": len(set(answers.groups.tolist())),
        "accuracy": _plain(found.accuracy),
        "macro_f1": _plain(found.macro_f1),
        "recall": {
            name: {
                **_plain(score),
                "intervals": {"active": before[name]["recall"], "candidate": after[name]["recall"]},
            }
            for name, score in found.recall.items()
        },
        "calibration": {
            "active": calibration_error(answers.active, answers.truth),
            "candidate": calibration_error(answers.candidate, answers.truth),
        },
        "corrected": int(((active != answers.truth) & (candidate == answers.truth)).sum()),
        "broken": int(((active == answers.truth) & (candidate != answers.truth)).sum()),
        "wrong before": int((active != answers.truth).sum()),
        "confusion": [confusion.tolist() for confusion in confusions],
    }


def _plain(score: Any) -> dict[str, Any]:
    return {
        "active": score.a,
        "candidate": score.b,
        "difference": score.comparison.difference._asdict(),
        "verdict": score.comparison.verdict,
    }


def _flicker(answers: Answers) -> dict[str, float | None]:
    """Of both models, and of the reader's own labels: what is below that is too calm, what is
    above it too restless.
    """
    called = {
        "active": answers.active.argmax(axis=1),
        "candidate": answers.candidate.argmax(axis=1),
        "labels": answers.truth,
    }
    return {name: flicker(row, answers.sequences) for name, row in called.items()}


def _losses(old: Answers, classes: Sequence[str]) -> dict[str, float]:
    """Points of recall that each class lost, 0 for those that lost none; classes without a
    frame are not in it.
    """
    tables = [
        confusion_matrix(old.truth, made.argmax(axis=1), len(classes))
        for made in (old.active, old.candidate)
    ]
    before, after = (per_class(table, tuple(classes)) for table in tables)
    return {
        name: max(0.0, 100.0 * (row["recall"] - after[name]["recall"]))
        for name, row in before.items()
        if row["support"]
    }


def _sentence(
    new: Answers | None, made: dict[str, Any], lost: dict[str, float], notes: Notes
) -> tuple[str, str]:
    loss = _loss_words(made, lost)
    if new is None:
        why = (
            "every held-out frame was seen by a teacher"
            if notes.seen
            else "no procedure is held out yet"
        )
        return "undecided", f"Not proved: {why}. On what was known before, {loss}."
    score = made["new"]
    broken = f"{score['broken']} right {'one' if score['broken'] == 1 else 'ones'} now wrong"
    fixed = f"{score['corrected']} of {score['wrong before']} wrong frames are now right, {broken}"
    if score["groups"] < FEWEST_GROUPS:
        return (
            "undecided",
            f"Not proved better: {fixed}, {_scope(score['groups'], notes.procedures)}; {loss}.",
        )
    verdict = score["accuracy"]["verdict"]
    if verdict == "better" and not made["needs a reason"]:
        return "better", f"Better: {fixed}, and {loss}."
    if verdict == "better":
        return "mixed", f"Better on the held-out procedures ({fixed}), but {loss}."
    if verdict == "worse":
        return "worse", f"Worse: {fixed}; {loss}."
    return "undecided", f"Not proved better: {fixed}, which may be chance; {loss}."


def _scope(patients: int, procedures: int) -> str:
    """What a result of so few is a result of; where nobody said how many procedures there are,
    patients are procedures.
    """
    procedures = max(procedures, patients)
    if procedures == 1:
        return "on this procedure only"
    whose = (
        ""
        if patients == procedures
        else f" of {patients} {'patient' if patients == 1 else 'patients'}"
    )
    return f"on these {procedures} procedures{whose} only"


def _loss_words(made: dict[str, Any], lost: dict[str, float]) -> str:
    """Every class that needs a reason, or the one that lost most; and whether old knowledge is
    worse in all.
    """
    order = sorted((name for name in lost if lost[name] > 0), key=lambda name: -lost[name])
    named = [name for name in order if name in made["needs a reason"]] or order[:1]
    if not named:
        return "no class lost any recall"
    loss = (
        f"{_and([f'{display_name(name)} lost {lost[name]:.1f}' for name in named])} points of"
        " recall"
    )
    accuracy = made["old"]["accuracy"]
    if accuracy["verdict"] != "worse":
        return loss
    return (
        f"{loss}, and what was known before is answered worse"
        f" ({100 * accuracy['difference']['value']:+.1f} points of accuracy)"
    )


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
