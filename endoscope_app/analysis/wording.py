"""What the analysis says to the reader. No Qt."""

from __future__ import annotations

from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.base.wording import clock, counted

NOT_YET = "Not analysed yet by this model – Ctrl+R analyses"
DAMAGED = "Damaged frame: not as it was recorded"
PROGRESS_NAME, CANCEL, CANCEL_NAME = "Analysis progress", "Cancel", "Cancel the analysis"
FAULT = "The analysis ended because of a fault in the program."
NOT_READ, NOT_READ_WAY_OUT = (
    "Earlier predictions could not be read.",
    "The procedure is analysed again.",
)
KEPT = "the analysis of this procedure"
"""What could not be saved."""
#: An estimate from less is a guess.
ESTIMATE_AFTER_S = 1.0


def no_finding_further(forwards: bool) -> str:
    """There is no further finding, or none yet."""
    return f"There is no finding {'after' if forwards else 'before'} this frame."


def looking(done: int, wanted: int, one_in: int) -> str:
    """While a quick look goes on: ``done`` of the frames that it takes."""
    return f"Quick look at one frame in {one_in}: {done:,} of {wanted:,}, then every frame"


def coverage(timeline: Timeline) -> str:
    """Of how much of the procedure the findings are; empty where every frame was tried."""
    known, total = timeline.known_count, timeline.frame_count
    if known:
        return "" if timeline.tried.all() else f"{min(99, 100 * known // total)} % analysed"
    return "quick look only" if timeline.quick is not None else ""


def running(timeline: Timeline, done: int, seconds: float) -> str:
    """While frames are being analysed; ``done`` of them in ``seconds``."""
    total, known = timeline.frame_count, timeline.known_count
    left = (
        f" · {clock(1000 * (total - known) * seconds / done)} left"
        if done and seconds > ESTIMATE_AFTER_S
        else ""
    )
    look = "" if timeline.quick is None else "Quick look shown · "
    return f"{look}Analysing {known:,} of {total:,}{left}{_damage(timeline)}"


def measuring(done: int, total: int) -> str:
    """While frames that are analysed are only looked through for their image quality."""
    return f"Measuring image quality: {done:,} of {total:,}"


def state(timeline: Timeline, one_in: int = 0) -> str:
    """While nothing runs; ``one_in``: of how many frames a quick look took one, 0 without one."""
    total, known = timeline.frame_count, timeline.known_count
    if known == total:
        text = "All frames analysed"
    elif timeline.tried.all():
        text = f"{known:,} of {total:,} frames analysed, the others cannot be read"
    else:
        text = f"{known:,} of {total:,} frames analysed – Ctrl+R continues" if known else NOT_YET
        if one_in and timeline.quick is not None:
            rest = f"{known:,} of {total:,} frames analysed"
            text = f"Quick look at one frame in {one_in} · {rest} – Ctrl+R continues"
    return text + _damage(timeline)


def offer(version: str, before: str) -> str:
    """Another model is in use; ``before``: the one that analysed this procedure, or none."""
    if not before:
        return f"Ctrl+R analyses this procedure with model {version}."
    return (
        f"This procedure was analysed by model {before}: Ctrl+R analyses it again with model"
        f" {version}."
    )


def _damage(timeline: Timeline) -> str:
    damaged = int(timeline.damaged.sum())
    return f" · {counted(damaged, 'damaged frame')}" if damaged else ""
