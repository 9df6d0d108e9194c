"""What a comparison found, as the sentences that a reader decides by. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from endoscope_app.base.wording import counted

NOTHING_KEPT = "no procedure is kept for checking yet"
ALL_SEEN = "a reference model has seen every frame that is kept for checking"
NOTHING_LOST = "no class lost any sensitivity"


def not_yet_named(name: str, reason: str) -> str:
    """A class that the new model has not learnt well enough."""
    return f"{name} cannot be named yet: {reason}."


def unchecked(why: str, loss: str) -> str:
    """Nothing could be compared on new frames; ``loss``: what was lost on the old ones."""
    return f"Not proved better: {why}. On what the model knew before, {loss}."


def better(changes: str, loss: str) -> str:
    return f"Better: {changes}; {loss}."


def mixed(changes: str, loss: str) -> str:
    return f"Better on the procedures kept for checking ({changes}), but {loss}."


def worse(changes: str, loss: str) -> str:
    return f"Worse: {changes}; {loss}."


def undecided(changes: str, loss: str) -> str:
    return f"Not proved better: {changes}, which may be chance; {loss}."


def changes(corrected: int, wrong_before: int, broken: int, procedures: int, patients: int) -> str:
    """Frames that are right now, and frames that no longer are; ``patients`` is said where the
    procedures are of fewer.
    """
    now_wrong = "1 right one is" if broken == 1 else f"{broken:,} right ones are"
    of_patients = "" if patients == procedures else f" of {counted(patients, 'patient')}"
    return (
        f"{corrected:,} of {counted(wrong_before, 'wrong frame')} are now right and"
        f" {now_wrong} now wrong, on {counted(procedures, 'procedure')}{of_patients}"
    )


def sensitivity_lost(classes: Sequence[tuple[str, float]]) -> str:
    """``classes``: names with the percentage points that each lost; at least one."""
    each = [f"{name} lost {points:.1f}" for name, points in classes]
    listed = each[0] if len(each) == 1 else f"{', '.join(each[:-1])} and {each[-1]}"
    return f"{listed} points of sensitivity"


def and_worse_before(loss: str, points: float) -> str:
    """The whole of what the model knew before suffered too, by so many points of accuracy."""
    return (
        f"{loss}, and the model is worse at what it knew before ({points:+.1f} points of accuracy)"
    )
