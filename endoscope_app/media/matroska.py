"""Whether the elements of a Matroska or WebM file follow one another without a break: past a torn
one FFmpeg leaves out frames without a word.
"""

from __future__ import annotations

from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from endoscope_app.media.video_bytes import open_video_bytes

MAGIC = b"\x1a\x45\xdf\xa3"
LONGEST_ID, LONGEST_SIZE = 4, 8
SEGMENT, CLUSTER = 0x18538067, 0x1F43B675
ANYWHERE = frozenset({0xEC, 0xBF})  # Void, CRC-32
# SeekHead, Info, Tracks, Cluster, Cues, Attachments, Chapters, Tags, signature
IN_SEGMENT = ANYWHERE | {
    0x114D9B74,
    0x1549A966,
    0x1654AE6B,
    CLUSTER,
    0x1C53BB6B,
    0x1941A469,
    0x1043A770,
    0x1254C367,
    0x1B538667,
}
# Timestamp, SilentTracks, Position, PrevSize, SimpleBlock, BlockGroup, EncryptedBlock
IN_CLUSTER = ANYWHERE | {0xE7, 0x5854, 0xA7, 0xAB, 0xA3, 0xA0, 0xAF}


def first_break(path: Path) -> int | None:
    """Byte position of the first element that is none or outlasts what it lies in; None for an
    intact file and for other formats.

    Raises OSError.
    """
    with open_video_bytes(path) as file:
        length = file.seek(0, SEEK_END)
        file.seek(0)
        if file.read(len(MAGIC)) != MAGIC:
            return None
        header = _element(file, 0)
        segment = None if header is None or header[2] is None else _element(file, header[2])
        if segment is None or segment[0] != SEGMENT:
            return None
        _, place, end = segment
        return _walked(file, place, length if end is None else end, length)


def _walked(file: BinaryIO, place: int, end: int, length: int) -> int | None:
    """Walk the segment; clusters are not skipped but entered, as one whose size is open only
    ends where another element begins.
    """
    cluster_end: int | None = None
    is_inside = False
    while place < min(end, length):
        if is_inside and place == cluster_end:
            is_inside = False
        element = _element(file, place)
        if element is None:
            return place
        kind, content, behind = element
        may_leave = not is_inside or cluster_end is None
        if kind == CLUSTER and may_leave:
            is_inside, cluster_end, place = True, behind, content
            continue
        if not (is_inside and kind in IN_CLUSTER) and not (may_leave and kind in IN_SEGMENT):
            return place
        is_inside = is_inside and kind in IN_CLUSTER
        limit = end if cluster_end is None or not is_inside else cluster_end
        if behind is None or behind > min(limit, length):
            return place
        place = behind
    return None


def _element(file: BinaryIO, place: int) -> tuple[int, int, int | None] | None:
    """(kind, where its content begins, where it ends: None where that is left open); None where
    no element stands here.
    """
    file.seek(place)
    head = file.read(LONGEST_ID + LONGEST_SIZE)
    if not head or not head[0]:
        return None
    width = 9 - head[0].bit_length()
    if width > LONGEST_ID or len(head) <= width or not head[width]:
        return None
    kind = int.from_bytes(head[:width], "big")
    size_width = 9 - head[width].bit_length()
    size_bytes = head[width : width + size_width]
    if len(size_bytes) < size_width:
        return None
    size, open_size = (
        int.from_bytes(size_bytes, "big") - (1 << 7 * size_width),
        (1 << 7 * size_width) - 1,
    )
    content = place + width + size_width
    return kind, content, None if size == open_size else content + size
