"""The recommendation that a reader decides by, from what a comparison found. No Qt."""

from __future__ import annotations

from collections.abc import Mapping

from endoscope_app.retraining import recommendation_wording as wording
from kd_core.schema.evidence import ComparedPart, Evidence
from kd_core.schema.taxonomy import display_name


def recommendation(evidence: Evidence, names: Mapping[str, str]) -> str:
    """Better, worse or not proved, on how much, and what was lost.

    ``names``: class key to what the reader calls it; others are called as usual.
    """
    unnamed = (
        wording.not_yet_named(_name(key, names), reason)
        for key, reason in evidence.not_yet_named.items()
    )
    return " ".join((*unnamed, _verdict(evidence, names)))


def _verdict(evidence: Evidence, names: Mapping[str, str]) -> str:
    part, loss = evidence.held_out, _loss(evidence, names)
    if part is None:
        why = wording.ALL_SEEN if evidence.seen_by_teachers else wording.NOTHING_KEPT
        return wording.unchecked(why, loss)
    changes = _changes(part)
    match evidence.verdict:
        case "better":
            return wording.better(changes, loss)
        case "mixed":
            return wording.mixed(changes, loss)
        case "worse":
            return wording.worse(changes, loss)
        case _:
            return wording.undecided(changes, loss)


def _changes(part: ComparedPart) -> str:
    """Where nobody said how many procedures there are, patients are procedures."""
    procedures = max(part.procedures, part.groups)
    return wording.changes(part.corrected, part.wrong_before, part.broken, procedures, part.groups)


def _loss(evidence: Evidence, names: Mapping[str, str]) -> str:
    """Every class that needs a reason, or the one that lost most; and the old knowledge in all."""
    lost = evidence.recall_lost
    order = sorted((key for key in lost if lost[key] > 0), key=lambda key: -lost[key])
    named = [key for key in order if key in evidence.needs_reason] or order[:1]
    if not named:
        return wording.NOTHING_LOST
    loss = wording.sensitivity_lost([(_name(key, names), lost[key]) for key in named])
    before = evidence.known_before
    if before is None or before.accuracy.verdict != "worse":
        return loss
    return wording.and_worse_before(loss, 100 * (before.accuracy.difference.value or 0.0))


def _name(key: str, names: Mapping[str, str]) -> str:
    return names.get(key) or display_name(key)
