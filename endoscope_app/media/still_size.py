"""How many pixels an image file says it has, before any are made: a file of 1 MB can hold 1.6
billion.

PNG (RFC 2083, 4.1.1), JPEG (ITU T.81, B.2.2), BMP, WebP (RFC 9649, 2.5 to 2.7); of TIFF see
still_header.
"""

from __future__ import annotations

import struct
from io import SEEK_CUR
from typing import BinaryIO

#: No endoscope makes images of half of this; above it one image takes over 400 MB.
MOST_PIXELS = 100_000_000
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_MOST_MARKERS = 10_000


def pixels_of(file: BinaryIO, head: bytes) -> int:
    """By the file's own word; 0 where it says nothing. Raises OSError and struct.error."""
    if head.startswith(b"\x89PNG"):
        width, height = struct.unpack_from(">II", head, 16)
    elif head.startswith(b"\xff\xd8"):
        width, height = _jpeg(file)
    elif head.startswith(b"BM"):
        old = int.from_bytes(head[14:18], "little") == 12
        width, height = struct.unpack_from("<HH" if old else "<ii", head, 18)
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        width, height = _webp(head)
    else:
        return 0
    return abs(int(width) * int(height))


def _jpeg(file: BinaryIO) -> tuple[int, int]:
    """Of the first frame header; markers before it are passed over, EXIF with its thumbnail too."""
    file.seek(2)
    for _ in range(_MOST_MARKERS):
        byte = file.read(1)
        while byte and byte != b"\xff":
            byte = file.read(1)
        while byte == b"\xff":
            byte = file.read(1)
        if not byte or byte[0] in (0xD9, 0xDA):
            break
        if byte[0] in _STANDALONE:
            continue
        (length,) = struct.unpack(">H", file.read(2))
        if byte[0] in _FRAME_HEADERS:
            height, width = struct.unpack(">xHH", file.read(5))
            return width, height
        file.seek(max(length - 2, 0), SEEK_CUR)
    return 0, 0


def _webp(head: bytes) -> tuple[int, int]:
    kind = head[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (each & 0x3FFF for each in struct.unpack_from("<HH", head, 26))
    return width, height
