"""What of a damaged or cut-off file can still be shown, and which warnings of a container are
false.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from endoscope_app.media import matroska
from endoscope_app.media.container import VideoFile
from endoscope_app.media.decoder import PacketNotFound, decode_from
from endoscope_app.media.frame_index import FrameIndex
from endoscope_app.media.packet_table import IntArray, PacketTable

# Where videos were joined, the packet counters of a transport stream leap and the packets just
# before the next keyframe are flagged as damaged although nothing of them is lost.
BEFORE_KEY = 4
AFTER_KEY = 2
MAX_DECODED = 3000
# A step this much longer than usual may be a frame that is missing.
HOLE = 1.5
# Decoders hold back at most so many frames; more packets without one at the end are lost frames.
MAX_HELD_BACK = 16
# Formats that never say how long they are: whether they end whole shows only where they end.
WITHOUT_PROMISE = frozenset({"mpeg", "mpegvideo", "h264", "hevc", "m4v"})


def without_false_flags(file: VideoFile, table: PacketTable) -> PacketTable:
    """``table`` without the flags of packets just before a keyframe that decode without a fault."""
    is_corrupt = table.is_corrupt.copy()
    budget = MAX_DECODED
    for number in np.flatnonzero(table.is_corrupt):
        following = table.keys[np.searchsorted(table.keys, number, side="right") :][:1]
        start = table.key_before(int(number))
        end = int(following[0]) + AFTER_KEY if len(following) else 0
        if (
            not 0 < end - number <= BEFORE_KEY + AFTER_KEY
            or not table.is_key[start]
            or end - start > budget
        ):
            continue
        budget -= end - start
        is_corrupt[number] = not _decodes(file, table, start, min(end, len(table)))
    return replace(table, is_corrupt=is_corrupt)


def _decodes(file: VideoFile, table: PacketTable, start: int, end: int) -> bool:
    problems = len(file.problems)
    try:
        is_whole = not any(
            decoded.is_corrupt for decoded in decode_from(file, table, start, end - start)
        )
    except PacketNotFound:
        return False
    return is_whole and len(file.problems) == problems


def promised_frames(file: VideoFile, index: FrameIndex) -> int:
    """Frames by the header if it names both more frames and a longer time than were found, else 0.

    Either alone is no damage: an edit list hides frames, and sound may outlast the video.
    """
    promised = file.stream.frames
    duration_ms = (file.container.duration or 0) / 1000.0
    found_ms = float(index.times_ms[-1])
    interval = found_ms / max(len(index) - 1, 1)
    is_short = promised > len(index.packets) and duration_ms > found_ms + 2.5 * interval
    return promised if is_short else 0


def torn_after(file: VideoFile, index: FrameIndex) -> int | None:
    """The last frame before the place where a Matroska file is torn, None where it is whole.

    Raises OSError.
    """
    short_by_ms = (file.container.duration or 0) / 1000.0 - float(index.times_ms[-1])
    step_ms = index.last_step_ms(0.0)
    lacks_frames = first_hole(index) < len(index) - 1 or short_by_ms > 2.5 * step_ms
    # Looking at every element takes a second per hour of video, so only where frames may be
    # missing.
    if "matroska" not in file.container.format.name or not lacks_frames:
        return None
    torn = matroska.first_break(file.path)
    if torn is None:
        return None
    before = np.flatnonzero(index.packets.position[index.packet_of] < torn)
    return int(before.max()) if len(before) else 0


def first_hole(index: FrameIndex) -> int:
    """The first frame after which more time passes than usual; the last frame where there is
    none.
    """
    steps = np.diff(index.times_ms)
    holes = np.flatnonzero(steps > HOLE * np.median(steps)) if len(steps) else steps
    return int(holes[0]) if len(holes) else len(index) - 1


def loses_tail(table: PacketTable, order: IntArray) -> bool:
    """Whether the last packets gave no frame: more of them than a decoder may hold back."""
    usable = table.usable()
    return bool(len(order)) and int(usable[-1]) - int(order.max()) > MAX_HELD_BACK


def without_lost_tail(file: VideoFile, index: FrameIndex) -> IntArray:
    """Packet numbers of the frames that a torn file can still show: of its last group of
    images those that come out.
    """
    order = index.packet_of
    place = index.key_place(len(order) - 1)
    try:
        shown = {
            decoded.number
            for decoded in decode_from(file, index.packets, int(index.key_packets[place]))
        }
    except PacketNotFound:
        return order
    # Frames shown before that keyframe belong to the group before.
    begin = int(index.key_frames[place])
    keep = [frame < begin or int(number) in shown for frame, number in enumerate(order)]
    return order[np.array(keep, dtype=np.bool_)]
