"""What the window says of an analysis and of a finding. No Qt."""

from __future__ import annotations

from endoscope_app.analysis.findings import Finding
from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.base.time_text import clock
from endoscope_app.base.wording import counted, percent
from endoscope_app.media.frame_times import FrameTimes

NOT_YET = "Not analysed yet by this model – Ctrl+R analyses"
#: An estimate from less is a guess.
ESTIMATE_AFTER_S = 1.0


def finding_words(finding: Finding, name: str, times: FrameTimes | None) -> str:
    """When, what, how long and how sure; of stills (no times) which and how many."""
    at, long = f"{finding.start:,}", counted(finding.stop - finding.start, "image")
    if times is not None:
        at = clock(float(times.times_ms[finding.start]))
        long = f"{times.span_ms(finding.start, finding.stop) / 1000:.1f} s"
    # Where the name is long, on the next line
    figures = f"{long}   {percent(finding.mean_probability)}".replace(" ", "\N{NO-BREAK SPACE}")
    return f"{at}   {name}   {figures}"


def running_words(timeline: Timeline, done: int, seconds: float) -> str:
    """While frames are being analysed; ``done`` of them in ``seconds``."""
    total, known = timeline.frame_count, timeline.known_count
    left = (
        f" · {clock(1000 * (total - known) * seconds / done)} left"
        if done and seconds > ESTIMATE_AFTER_S
        else ""
    )
    return f"Analysing {known:,} of {total:,}{left}{_damage_words(timeline)}"


def state_words(timeline: Timeline) -> str:
    """While nothing runs."""
    total, known = timeline.frame_count, timeline.known_count
    if known == total:
        words = "All frames analysed"
    elif timeline.tried.all():
        words = f"{known:,} of {total:,} frames analysed, the others cannot be read"
    else:
        words = f"{known:,} of {total:,} frames analysed – Ctrl+R goes on" if known else NOT_YET
    return words + _damage_words(timeline)


def _damage_words(timeline: Timeline) -> str:
    damaged = int(timeline.damaged.sum())
    return f" · {counted(damaged, 'damaged frame')}" if damaged else ""
