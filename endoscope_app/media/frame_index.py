"""The exact frame index of a video: which packet holds which frame, when it is shown, and where
decoding may start.

Frames are numbered in display order. A packet number is its place in decode order, counted from the
first packet of the file; the decoder labels each packet with it, and the label comes back on the
frame whatever order frames come out in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from endoscope_app.media import cutting
from endoscope_app.media.clock import presentation_times, stamps_of, steps_without_gaps
from endoscope_app.media.packet_table import FloatArray, IntArray, PacketTable


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """Display order on top of a packet table.

    Arrays are never written after building, so threads may share them.
    """

    packets: PacketTable
    packet_of: IntArray  # frame -> packet number
    frame_of: IntArray  # packet number -> frame, -1 where the packet holds none
    key_frames: IntArray  # frames at which decoding may begin, ascending; the first is frame 0
    # Per key frame the packet to begin with: its own, or for frame 0 a hidden one before it
    key_packets: IntArray
    times_ms: FloatArray  # frame -> presentation time from the first frame, rising
    stamps: IntArray  # frame -> what a label is kept under; unique
    stamp_kind: str  # "pts", "position" or "count": see FrameSource.stamp

    def __len__(self) -> int:
        return len(self.packet_of)

    def key_place(self, frame: int) -> int:
        """Place in ``key_frames`` of where to start decoding so that ``frame`` comes out whole.

        By display order, not decode order: frames that an open group of pictures shows before its
        keyframe need the group before.
        """
        return max(int(np.searchsorted(self.key_frames, frame, side="right")) - 1, 0)

    def key_at(self, frame: int) -> int:
        return int(self.key_frames[self.key_place(frame)])

    def at(self, time_ms: float) -> int:
        frame = int(np.searchsorted(self.times_ms, time_ms + 1e-6, side="right")) - 1
        return min(max(frame, 0), len(self) - 1)

    def rate(self, fallback: float) -> float:
        """Average frames per second while the recorder ran: gaps are left out."""
        steps = steps_without_gaps(self.times_ms)
        return 1000.0 / float(steps.mean()) if len(steps) else fallback

    def last_step_ms(self, fallback: float) -> float:
        """How long the last frame is shown: as long as the ones just before it."""
        steps = steps_without_gaps(self.times_ms)[-5:]
        return float(np.median(steps)) if len(steps) else fallback

    def segments(self, parts: int, start: int) -> list[tuple[int, int]]:
        """At most ``parts`` half-open ranges of about equal length from ``start`` to the end,
        cut at keyframes.
        """
        return cutting.at_keys(self.key_frames, len(self), parts, start)


def build(
    table: PacketTable, order: IntArray, ms_per_tick: float, nominal_rate: float
) -> FrameIndex:
    """The index for packets shown in ``order``."""
    frame_of = np.full(len(table), -1, dtype=np.int64)
    frame_of[order] = np.arange(len(order))
    keys = np.flatnonzero(table.is_key[order]).astype(np.int64)
    key_packets = order[keys]
    if not len(keys) or keys[0] != 0:
        keys = np.concatenate([np.zeros(1, dtype=np.int64), keys])
        key_packets = np.concatenate([[table.key_before(int(order[0]))], key_packets]).astype(
            np.int64
        )
    times = presentation_times(
        table.pts[order], table.dts[np.sort(order)], ms_per_tick, 1000.0 / nominal_rate
    )
    stamps, kind = stamps_of(table, order)
    return FrameIndex(table, order, frame_of, keys, key_packets, times, stamps, kind)
