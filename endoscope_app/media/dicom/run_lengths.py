"""Frames compressed by run lengths (RLE lossless, DICOM PS3.5 annex G)."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

_HEADER = 64
_MOST_SEGMENTS = 15


def samples_of(data: bytes, pixels: int, planes: int) -> NDArray[np.uint8] | None:
    """The (pixels * planes,) samples of a frame of 8 bits, its planes interleaved again.

    None where it does not hold as many segments, or one is too short. What a segment holds beyond
    ``pixels`` is passed over, so that a small file cannot ask for much memory.
    """
    if len(data) < _HEADER:
        return None
    count, *offsets = struct.unpack(f"<{1 + _MOST_SEGMENTS}L", data[:_HEADER])
    starts = offsets[:planes]
    if count != planes or any(not _HEADER <= start <= len(data) for start in starts):
        return None
    ends = [*starts[1:], len(data)]
    made = [_unpacked(data[a:b], pixels) for a, b in zip(starts, ends, strict=True)]
    if any(len(plane) < pixels for plane in made):
        return None
    rows = np.stack([np.frombuffer(plane, np.uint8, pixels) for plane in made], axis=1)
    return np.ascontiguousarray(rows).reshape(-1)


def _unpacked(data: bytes, most: int) -> bytes:
    """PackBits: 0 to 127 says that as many bytes and one follow, 129 to 255 repeats the next."""
    parts, place, length = [], 0, 0
    while length < most and place + 1 < len(data):
        head = data[place]
        if head < 128:
            part = data[place + 1 : place + 2 + head]
            place += 2 + head
        elif head > 128:
            part = data[place + 1 : place + 2] * (257 - head)
            place += 2
        else:
            place += 1
            continue
        parts.append(part)
        length += len(part)
    return b"".join(parts)
