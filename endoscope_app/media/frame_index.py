"""The exact frame index of a video: which packet holds which frame, when it is shown, and where decoding may start.

Frames are numbered in display order. A packet number is its place in decode order, counted from the first packet of the
file; the decoder labels each packet with it, and the label comes back on the picture whatever order the pictures come in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

NO_TIMESTAMP = np.iinfo(np.int64).min
# H.264 reorders at most 16 frames; a larger distance between decode and display order means the timestamps jump.
MAX_REORDER = 64


@dataclass(frozen=True, slots=True)
class PacketTable:
    """Every packet of the picture stream, in decode order."""

    pts: IntArray
    dts: IntArray
    position: IntArray  # byte position in the file, -1 where the container gives none
    size: IntArray
    is_key: NDArray[np.bool_]
    is_hidden: NDArray[np.bool_]  # flagged "discard": decoded for reference, never shown
    is_corrupt: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.pts)

    def first_key(self) -> int:
        """Where decoding can begin. A stream without any keyframe flag is tried from its first packet."""
        keys = np.flatnonzero(self.is_key)
        return int(keys[0]) if len(keys) else 0

    def keys_before(self, number: int) -> IntArray:
        return np.flatnonzero(self.is_key[:number]).astype(np.int64)

    def usable(self) -> IntArray:
        """Numbers of packets that can hold a shown frame: from the first keyframe on, not hidden, not in a torn-off tail."""
        end = len(self)
        while end and self.is_corrupt[end - 1]:
            end -= 1
        numbers = np.arange(self.first_key(), end, dtype=np.int64)
        return numbers[~self.is_hidden[numbers]]


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """Display order on top of a packet table. Arrays are never written after building, so threads may share one."""

    packets: PacketTable
    packet_of: IntArray  # frame -> packet number
    frame_of: IntArray  # packet number -> frame, -1 where the packet holds none
    key_frames: IntArray  # frames that are keyframes, ascending
    times_ms: FloatArray  # frame -> presentation time from the first frame
    stamps: IntArray  # frame -> what a label is kept under; unique
    stamp_kind: str  # "pts", "position" or "count": see FrameSource.stamp

    def __len__(self) -> int:
        return len(self.packet_of)

    def key_at(self, frame: int) -> int:
        """The frame to start decoding at so that ``frame`` comes out whole.

        By display order, not decode order: the frames an open group of pictures shows before its keyframe need the group before.
        """
        place = int(np.searchsorted(self.key_frames, frame, side="right")) - 1
        return int(self.key_frames[max(place, 0)])

    def at(self, time_ms: float) -> int:
        frame = int(np.searchsorted(self.times_ms, time_ms + 1e-6, side="right")) - 1
        return min(max(frame, 0), len(self) - 1)

    def rate(self, fallback: float) -> float:
        """Average frames per second."""
        if len(self) < 2 or self.times_ms[-1] <= 0:
            return fallback
        return float((len(self) - 1) * 1000.0 / self.times_ms[-1])

    def segments(self, parts: int, start: int) -> list[tuple[int, int]]:
        """At most ``parts`` half-open ranges of about equal length from ``start`` to the end, cut at keyframes."""
        end = len(self)
        start = max(start, 0)
        if start >= end:
            return []
        cuts = [start]
        keys = self.key_frames[self.key_frames > start]
        for part in range(1, max(parts, 1)):
            wanted = start + (end - start) * part / parts
            if len(keys):
                nearest = int(keys[np.argmin(np.abs(keys - wanted))])
                if nearest > cuts[-1]:
                    cuts.append(nearest)
        return list(zip(cuts, [*cuts[1:], end], strict=True))


def order_by_timestamp(table: PacketTable) -> IntArray | None:
    """Packet numbers in display order, or None where the timestamps cannot carry an exact index."""
    numbers = table.usable()
    pts = table.pts[numbers]
    if not len(numbers) or bool((pts == NO_TIMESTAMP).any()) or len(np.unique(pts)) != len(pts):
        return None
    rank = np.argsort(pts, kind="stable")
    if int(np.abs(rank - np.arange(len(rank))).max()) > MAX_REORDER:
        return None
    ordered = numbers[rank]
    # Frames shown before the first keyframe refer to pictures that were cut away.
    first: int = int(table.pts[table.first_key()])
    return ordered[table.pts[ordered] >= first]


def build(table: PacketTable, order: IntArray, ms_per_tick: float, nominal_rate: float) -> FrameIndex:
    """The index for packets shown in ``order``."""
    frame_of = np.full(len(table), -1, dtype=np.int64)
    frame_of[order] = np.arange(len(order))
    keys = np.flatnonzero(table.is_key[order]).astype(np.int64)
    if not len(keys) or keys[0] != 0:
        keys = np.concatenate([np.zeros(1, dtype=np.int64), keys])
    times, stamps, kind = _times(table, order, ms_per_tick, nominal_rate)
    return FrameIndex(table, order, frame_of, keys, times, stamps, kind)


def _times(table: PacketTable, order: IntArray, ms_per_tick: float, nominal_rate: float) -> tuple[FloatArray, IntArray, str]:
    """Times and stamps from presentation stamps, else from sorted decode stamps, else from the nominal rate: whichever rises first."""
    for ticks in (table.pts[order], np.sort(table.dts[order])):
        if len(ticks) and not bool((ticks == NO_TIMESTAMP).any()) and bool((np.diff(ticks) > 0).all()):
            times: FloatArray = (ticks - ticks[0]).astype(np.float64) * ms_per_tick
            return times, ticks, "pts"
    counted: IntArray = np.arange(len(order), dtype=np.int64)
    return counted.astype(np.float64) * (1000.0 / nominal_rate), counted, "count"
