"""The sentence that a reader decides by, from what a comparison found. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from endoscope_app.base.wording import counted
from kd_core.schema.evidence import ComparedPart, Evidence
from kd_core.schema.taxonomy import display_name


def recommendation(evidence: Evidence, names: Mapping[str, str]) -> str:
    """Better, worse or not proved, on how much, and what was lost.

    ``names``: class key to what the reader calls it; others are called as usual.
    """
    unnamed = (
        f"{_name(key, names)} cannot be named yet: {reason}."
        for key, reason in evidence.not_yet_named.items()
    )
    return " ".join((*unnamed, _verdict(evidence, names)))


def _verdict(evidence: Evidence, names: Mapping[str, str]) -> str:
    part, loss = evidence.held_out, _loss(evidence, names)
    if part is None:
        why = (
            "a reference model has seen every frame that is kept for checking"
            if evidence.seen_by_teachers
            else "no procedure is kept for checking yet"
        )
        return f"Not proved better: {why}. On what the model knew before, {loss}."
    changes = _changes(part)
    match evidence.verdict:
        case "better":
            return f"Better: {changes}; {loss}."
        case "mixed":
            return f"Better on the procedures kept for checking ({changes}), but {loss}."
        case "worse":
            return f"Worse: {changes}; {loss}."
        case _:
            return f"Not proved better: {changes}, which may be chance; {loss}."


def _changes(part: ComparedPart) -> str:
    broken = "1 right one is" if part.broken == 1 else f"{part.broken:,} right ones are"
    return (
        f"{part.corrected:,} of {counted(part.wrong_before, 'wrong frame')} are now right and"
        f" {broken} now wrong, on {_scope(part)}"
    )


def _scope(part: ComparedPart) -> str:
    """Where nobody said how many procedures there are, patients are procedures."""
    procedures = max(part.procedures, part.groups)
    patients = "" if part.groups == procedures else f" of {counted(part.groups, 'patient')}"
    return f"{counted(procedures, 'procedure')}{patients}"


def _loss(evidence: Evidence, names: Mapping[str, str]) -> str:
    """Every class that needs a reason, or the one that lost most; and the old knowledge in all."""
    lost = evidence.recall_lost
    order = sorted((key for key in lost if lost[key] > 0), key=lambda key: -lost[key])
    named = [key for key in order if key in evidence.needs_reason] or order[:1]
    if not named:
        return "no class lost any sensitivity"
    each = _joined([f"{_name(key, names)} lost {lost[key]:.1f}" for key in named])
    loss = f"{each} points of sensitivity"
    before = evidence.known_before
    if before is None or before.accuracy.verdict != "worse":
        return loss
    points = 100 * (before.accuracy.difference.value or 0.0)
    return (
        f"{loss}, and the model is worse at what it knew before ({points:+.1f} points of accuracy)"
    )


def _name(key: str, names: Mapping[str, str]) -> str:
    return names.get(key) or display_name(key)


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
