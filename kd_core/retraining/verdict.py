"""The sentence that a reader decides by, from the numbers of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kd_core.evaluation.intervals import FEWEST_GROUPS
from kd_core.schema.evidence import ComparedPart, Evidence
from kd_core.schema.taxonomy import display_name

Verdict = Literal["better", "worse", "mixed", "undecided"]


def verdict_and_sentence(evidence: Evidence) -> tuple[Verdict, str]:
    """What may be said of the candidate; classes that it does not name yet come first."""
    verdict, sentence = _judged(evidence)
    first = [
        f"{display_name(name)} cannot be named yet: {reason}."
        for name, reason in evidence.not_yet_named.items()
    ]
    return verdict, " ".join([*first, sentence])


def _judged(evidence: Evidence) -> tuple[Verdict, str]:
    part, loss = evidence.held_out, _loss(evidence)
    if part is None:
        why = (
            "every held-out frame was seen by a teacher"
            if evidence.seen_by_teachers
            else "no procedure is held out yet"
        )
        return "undecided", f"Not proved: {why}. On what was known before, {loss}."
    broken = f"{part.broken} right {'one' if part.broken == 1 else 'ones'} now wrong"
    changes = f"{part.corrected} of {part.wrong_before} wrong frames are now right, {broken}"
    if part.groups < FEWEST_GROUPS:
        return "undecided", f"Not proved better: {changes}, {_scope(part)}; {loss}."
    if part.accuracy.verdict == "better":
        if evidence.needs_reason:
            return "mixed", f"Better on the held-out procedures ({changes}), but {loss}."
        return "better", f"Better: {changes}, and {loss}."
    if part.accuracy.verdict == "worse":
        return "worse", f"Worse: {changes}; {loss}."
    return "undecided", f"Not proved better: {changes}, which may be chance; {loss}."


def _scope(part: ComparedPart) -> str:
    """What a result of so few is a result of.

    Where nobody said how many procedures there are, patients are procedures.
    """
    patients, procedures = part.groups, max(part.procedures, part.groups)
    if procedures == 1:
        return "on this procedure only"
    whose = (
        ""
        if patients == procedures
        else f" of {patients} {'patient' if patients == 1 else 'patients'}"
    )
    return f"on these {procedures} procedures{whose} only"


def _loss(evidence: Evidence) -> str:
    """Every class that needs a reason, or the one that lost most.

    And whether what was known before is worse in all.
    """
    lost = evidence.recall_lost
    order = sorted((name for name in lost if lost[name] > 0), key=lambda name: -lost[name])
    named = [name for name in order if name in evidence.needs_reason] or order[:1]
    if not named:
        return "no class lost any recall"
    points = _and([f"{display_name(name)} lost {lost[name]:.1f}" for name in named])
    loss = f"{points} points of recall"
    accuracy = None if evidence.known_before is None else evidence.known_before.accuracy
    if accuracy is None or accuracy.verdict != "worse" or accuracy.difference.value is None:
        return loss
    return (
        f"{loss}, and what was known before is recognised worse"
        f" ({100 * accuracy.difference.value:+.1f} points of accuracy)"
    )


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
