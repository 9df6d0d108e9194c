"""Whether a PNG holds what it says (RFC 2083, 3.2), before a decoder makes room for it."""

from __future__ import annotations

import struct


def is_torn_png(data: bytes | memoryview) -> bool:
    """Whether a chunk of a PNG says it is longer than the file. No decoder here reads such a file,
    and OpenCV makes room for all that it says: 4 GB for an image of 64 x 48.
    """
    if bytes(data[:8]) != b"\x89PNG\r\n\x1a\n":
        return False
    place = 8
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        place += 12 + length
        if place > len(data):
            return True
        if kind == b"IEND":
            break
    return False
