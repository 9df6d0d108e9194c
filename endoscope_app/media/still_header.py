"""What the first bytes of an image file say: its kind, how many images it holds, and how many
of its bits count.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from io import SEEK_CUR, SEEK_END
from typing import BinaryIO

from endoscope_app.media.still_size import MOST_PIXELS, pixels_of

HEAD = 4096
MAX_PAGES = 100_000
PNG = b"\x89PNG\r\n\x1a\n"
TIFF = {
    b"II*\0": ("<", False),
    b"MM\0*": (">", False),
    b"II+\0": ("<", True),
    b"MM\0+": (">", True),
}
# TIFF tags
SUBFILE, WIDTH, LENGTH, BITS_PER_SAMPLE, MAX_SAMPLE = 254, 256, 257, 258, 281
REDUCED = 1  # bit of SUBFILE: a smaller copy of another page


@dataclass(frozen=True, slots=True)
class StillHeader:
    pages: tuple[int, ...] = (0,)  # images to show, by their number in the file
    animation: int = 1  # frames of an animation of which only the first can be shown
    depth: int = 0  # bits per sample that count, by the file's own word; 0 where it says nothing
    may_be_deep: bool = False  # samples may have more than 8 bits
    promised: int = 0  # images that the file says it holds; 0 where it says nothing
    pixels: int = 0  # of the largest image, by the file's own word; 0 where it says nothing

    @property
    def is_too_large(self) -> bool:
        """Whether decoding it could take the memory of this machine."""
        return self.pixels > MOST_PIXELS


def read_header(file: BinaryIO) -> StillHeader | None:
    """None for a file that is no JPEG, PNG, BMP, TIFF or WebP, or is torn off. Raises OSError."""
    file.seek(0)
    head = file.read(HEAD)
    try:
        if head[:4] in TIFF:
            return _tiff(file, *TIFF[head[:4]])
        found = _kind(file, head)
        return None if found is None else replace(found, pixels=pixels_of(file, head))
    except (struct.error, IndexError, OverflowError):  # the last: a place beyond 64 bits
        return None


def _kind(file: BinaryIO, head: bytes) -> StillHeader | None:
    if head.startswith(PNG):
        return _png(head)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return StillHeader(
            animation=_webp_frames(file) if head[12:16] == b"VP8X" and head[20] & 2 else 1
        )
    return StillHeader() if head.startswith((b"\xff\xd8\xff", b"BM")) else None


def _png(head: bytes) -> StillHeader:
    """Chunks before the image data: acTL tells of an animation, sBIT of bits that count."""
    animation, depth, place = 1, 0, len(PNG)
    while place + 8 <= len(head):
        length, kind = int.from_bytes(head[place : place + 4], "big"), head[place + 4 : place + 8]
        body = head[place + 8 : place + 8 + length]
        if kind == b"IDAT":
            break
        if kind == b"acTL" and len(body) >= 4:
            animation = max(1, int.from_bytes(body[:4], "big"))
        if kind == b"sBIT" and body:
            depth = max(body[:3])
        place += 12 + length
    return StillHeader(animation=animation, depth=depth, may_be_deep=head[24:25] == b"\x10")


def _tiff(file: BinaryIO, order: str, is_big: bool) -> StillHeader:
    """Pages by the chain of directories; thumbnails of other pages are left out."""
    file.seek(8 if is_big else 4)
    pages: list[int] = []
    seen: set[int] = set()
    depth, may_be_deep, pixels = 0, False, 0
    place = _number(file, order, 8 if is_big else 4)
    while place and place not in seen and len(seen) < MAX_PAGES:
        seen.add(place)
        file.seek(place)
        tags, place = _directory(file, order, is_big)
        if not tags.get(SUBFILE, 0) & REDUCED:
            pages.append(len(seen) - 1)
        pixels = max(pixels, tags.get(WIDTH, 0) * tags.get(LENGTH, 0))
        sample_bits = tags.get(BITS_PER_SAMPLE, 0)
        may_be_deep |= sample_bits > 8
        # Whole bytes say nothing of how many bits a camera filled
        bits = sample_bits if sample_bits % 8 else 0
        depth = max(depth, tags.get(MAX_SAMPLE, 0).bit_length(), bits)
    return StillHeader(
        pages=tuple(pages) or (0,), depth=depth, may_be_deep=may_be_deep, pixels=pixels
    )


def _directory(file: BinaryIO, order: str, is_big: bool) -> tuple[dict[int, int], int]:
    """First value of each short or long tag, and where the next directory stands (0: nowhere)."""
    count = _number(file, order, 8 if is_big else 2)
    entry_size, value_size = (20, 8) if is_big else (12, 4)
    entries = file.read(min(count, 4096) * entry_size)
    following = _number(file, order, value_size)
    tags: dict[int, int] = {}
    for start in range(0, len(entries) - entry_size + 1, entry_size):
        tag, kind = struct.unpack_from(order + "HH", entries, start)
        amount = int.from_bytes(
            entries[start + 4 : start + 4 + value_size], "little" if order == "<" else "big"
        )
        width = {3: 2, 4: 4}.get(kind, 0)
        if tag not in (SUBFILE, WIDTH, LENGTH, BITS_PER_SAMPLE, MAX_SAMPLE) or not width:
            continue
        place = start + 4 + value_size
        if amount * width > value_size:  # the values stand elsewhere
            here = file.tell()
            file.seek(
                int.from_bytes(
                    entries[place : place + value_size], "little" if order == "<" else "big"
                )
            )
            tags[tag] = _number(file, order, width)
            file.seek(here)
        else:
            tags[tag] = int.from_bytes(
                entries[place : place + width], "little" if order == "<" else "big"
            )
    return tags, following


def _number(file: BinaryIO, order: str, width: int) -> int:
    return int.from_bytes(file.read(width), "little" if order == "<" else "big")


def _webp_frames(file: BinaryIO) -> int:
    """Frames of a WebP animation: its ANMF chunks."""
    end = file.seek(0, SEEK_END)
    file.seek(12)
    frames = 0
    while file.tell() + 8 <= end:
        kind, size = struct.unpack("<4sI", file.read(8))
        frames += kind == b"ANMF"
        file.seek(size + size % 2, SEEK_CUR)
    return max(1, frames)
