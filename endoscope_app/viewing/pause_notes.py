"""What is said of the recorder's pauses while a procedure is played. No Qt."""

from __future__ import annotations

from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.viewing import wording


def pause_passed(times: FrameTimes, before: int, now: int) -> str:
    """Playing has passed over a pause between two frames; empty where there was none."""
    paused_ms = times.paused_between(min(before, now), max(before, now))
    return wording.paused_here(paused_ms) if paused_ms > 0 else ""


def pause_beside(times: FrameTimes, index: int) -> str:
    """A pause follows or precedes a frame; empty where none does."""
    after = times.paused_between(index, index + 1)
    if after > 0:
        return wording.paused_after(after)
    before = times.paused_between(index - 1, index)
    return wording.paused_before(before) if before > 0 else ""
