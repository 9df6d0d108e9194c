"""Every packet of a video stream, and how a packet met again after a seek is known to be the
same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # the window reads tables too, and FFmpeg takes a while to load
    from av.packet import Packet
    from av.video.stream import VideoStream

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

NO_TIMESTAMP = np.iinfo(np.int64).min
#: Answers of PacketTable.number_of beside packet numbers.
UNKNOWN = -1
AMBIGUOUS = -2


@dataclass(frozen=True)
class PacketTable:
    """Packets in decode order, that is in file order. Arrays are never written after building."""

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
        """Where decoding can begin.

        A stream without any keyframe flag is tried from its first packet.
        """
        return int(self.keys[0]) if len(self.keys) else 0

    def key_before(self, number: int) -> int:
        """The last keyframe packet at or before ``number``, hidden ones included; the first
        packet where there is none.
        """
        place = int(np.searchsorted(self.keys, number, side="right")) - 1
        return int(self.keys[place]) if place >= 0 else 0

    def usable(self) -> IntArray:
        """Numbers of packets that can hold a shown frame: from the first keyframe on, not
        hidden, not in a torn-off tail.
        """
        end = len(self)
        while end and self.is_corrupt[end - 1]:
            end -= 1
        numbers = np.arange(self.first_key(), end, dtype=np.int64)
        return numbers[~self.is_hidden[numbers]]

    @cached_property
    def keys(self) -> IntArray:
        return np.flatnonzero(self.is_key).astype(np.int64)

    @cached_property
    def clock_goes_back(self) -> bool:
        known = self.dts[self.dts != NO_TIMESTAMP]
        return bool((np.diff(known) < 0).any())

    @cached_property
    def positions_are_unique(self) -> bool:
        return bool((self.position >= 0).all()) and len(np.unique(self.position)) == len(self)

    def number_of(self, packet: Packet[VideoStream]) -> int:
        """The number of ``packet`` by its byte position, else by position, size and pts
        together; UNKNOWN or AMBIGUOUS.
        """
        if self.positions_are_unique:
            number = self._by_position.get(-1 if packet.pos is None else packet.pos, UNKNOWN)
            return number if number >= 0 and self.size[number] == packet.size else UNKNOWN
        pts = NO_TIMESTAMP if packet.pts is None else packet.pts
        return self._by_signature.get(
            (-1 if packet.pos is None else packet.pos, packet.size, pts), UNKNOWN
        )

    @cached_property
    def _by_position(self) -> dict[int, int]:
        return {position: number for number, position in enumerate(self.position.tolist())}

    @cached_property
    def _by_signature(self) -> dict[tuple[int, int, int], int]:
        signatures = list(
            zip(self.position.tolist(), self.size.tolist(), self.pts.tolist(), strict=True)
        )
        counts = Counter(signatures)
        return {
            signature: number if counts[signature] == 1 else AMBIGUOUS
            for number, signature in enumerate(signatures)
        }
