"""What the statistics of labels say. No Qt."""

from __future__ import annotations

from endoscope_app.base.wording import NO_BREAK, counted
from endoscope_app.labels.wording import NONE_OF_THESE

STATISTICS_TITLE = "Statistics of the labels"
STATISTICS_HEADINGS = ("Class", "This procedure", "Library", "Agreement", "Time spent")
PROCEDURE_HEADINGS = ("Procedure", "Labelled frames", "From ranges", NONE_OF_THESE)
BY_CLASS, BY_PROCEDURE = "Labels by class", "Labels by procedure"
SUMMARY = "Summary"
ALL = "All"
REST = f"{NONE_OF_THESE}, cleared, undone"
AGREEMENT_NOTE = (
    "Agreement with the model counts labelled frames that the model had classified. It does not say"
    " who is right."
)


def library_summary(
    labelled_frames: int, procedures: int, from_ranges: int, ranges: int, agreed: int
) -> str:
    """Above the table; numbers of frames, but ``procedures`` and ``ranges``."""
    frames = f"{counted(labelled_frames, 'labelled frame')} in {counted(procedures, 'procedure')}"
    by_ranges = f", {from_ranges:,} of them by {counted(ranges, 'range')}" if ranges else ""
    return (
        f"The library: {frames}{by_ranges}. On {counted(agreed, 'frame')} you said that the model"
        " is right."
    )


def agreement(agreed: int, compared: int) -> str:
    """Per cent with the counts behind it, because 100 % of two frames says little; cut so that
    only all of them are 100 %.
    """
    if compared == 0:
        return "–"
    return f"{agreed * 100 // compared}{NO_BREAK}%  ({agreed:,} of {compared:,})"


def duration(seconds: float) -> str:
    """As "42 s", "3 min 05 s" or "1 h 07 min"; cut, not rounded."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
