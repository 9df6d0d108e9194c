"""What is said of the recorder's pauses, and of the file that a frame is in where there are
several: while a procedure is played, and beside the position. No Qt.
"""

from __future__ import annotations

from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.part import part_at
from endoscope_app.viewing import part_wording, wording


def passed(times: FrameTimes, before: int, now: int) -> str:
    """Playing has passed over a pause, or into another file; empty where it has not."""
    paused_ms = times.paused_between(min(before, now), max(before, now))
    begun = times.file_begun(before, now)
    return part_wording.and_also(
        part_wording.file_begins(times.files.index(begun) + 1, len(times.files), begun.path.name)
        if begun is not None
        else "",
        wording.paused_here(paused_ms) if paused_ms > 0 else "",
    )


def beside(times: FrameTimes, index: int) -> str:
    """In which file a frame is, and whether a pause or a file of which nobody knows how much later
    it begins is next to it; empty where there is nothing to say.
    """
    part = part_at(times.files, index)
    if part is None:
        return _pause_beside(times, index)
    place = part_wording.file_of(times.files.index(part) + 1, len(times.files), part.path.name)
    return part_wording.and_also(place, _pause_beside(times, index) or _border_beside(times, index))


def _pause_beside(times: FrameTimes, index: int) -> str:
    after = times.paused_between(index, index + 1)
    if after > 0:
        return wording.paused_after(after)
    before = times.paused_between(index - 1, index)
    return wording.paused_before(before) if before > 0 else ""


def _border_beside(times: FrameTimes, index: int) -> str:
    if index in times.gaps:
        return part_wording.UNKNOWN_TIME_AFTER
    return part_wording.UNKNOWN_TIME_BEFORE if index - 1 in times.gaps else ""
