"""How many bytes a file must have by what its own container says: a copy that broke off is
shorter.
"""

from __future__ import annotations

from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from endoscope_app.media.video_bytes import lacks_promised_bytes, open_video_bytes

RAW_VIDEO = b"YUV4MPEG2"  # a black frame is zeros
MAX_BOXES = 100_000
TS_PACKETS = (188, 192, 204)
SYNC = 0x47
# A copy that was given its whole length before it broke off ends in zeros; so many no recorder
# writes.
EMPTY_TAIL = 8 << 10
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")


def is_cut_off(path: Path) -> bool:
    """Whether bytes are missing at the end, by the sizes that MP4, AVI, MKV and MPEG-TS files
    state, by the zeros that streams without an index end in, or by a DICOM file around it. False
    where nothing tells.
    """
    try:
        with open_video_bytes(path) as file:
            if lacks_promised_bytes(file):
                return True
            length = file.seek(0, SEEK_END)
            file.seek(0)
            head = file.read(16)
            if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
                return _boxes_end(file, length) > length
            if head[:4] == b"RIFF":
                size = int.from_bytes(head[4:8], "little")
                # A pad byte may be lacking
                return 8 < size + 8 <= 0xFFFFFFFF and size + 8 > length + 1
            if head[:4] == b"\x1a\x45\xdf\xa3":
                return _segment_end(file) > length
            if not head.startswith(RAW_VIDEO) and _ends_in_zeros(file, length):
                return True
            if head == ASF:
                return _asf_size(file) > length
            return _has_torn_packet(file, length)
    except OSError:
        return False


def _ends_in_zeros(file: BinaryIO, length: int) -> bool:
    file.seek(max(length - EMPTY_TAIL, 0))
    return length > EMPTY_TAIL and not any(file.read(EMPTY_TAIL))


def _boxes_end(file: BinaryIO, length: int) -> int:
    """Where the last box of an MP4 ends by its own size."""
    end = 0
    for _ in range(MAX_BOXES):
        if end >= length:
            break
        file.seek(end)
        header = file.read(16)
        size = int.from_bytes(header[:4], "big")
        if size == 1:
            size = int.from_bytes(header[8:16], "big")
        # 0 means "to the end of the file"; anything else is no box
        if size < 8 or not header[4:8].isalnum():
            break
        end += size
    return end


def _segment_end(file: BinaryIO) -> int:
    """Where the segment of a Matroska file ends, 0 where its size is left open."""
    file.seek(0)
    head = file.read(256)
    header_size, place = _ebml_size(head, 4)
    place += header_size
    if header_size < 0 or head[place : place + 4] != b"\x18\x53\x80\x67":
        return 0
    size, place = _ebml_size(head, place + 4)
    return 0 if size < 0 else place + size


def _ebml_size(data: bytes, place: int) -> tuple[int, int]:
    """(size, place behind it); size -1 for one that is left open or not there."""
    if place >= len(data) or not data[place]:
        return -1, place
    width = 9 - data[place].bit_length()
    value = int.from_bytes(data[place : place + width], "big") - (1 << 7 * width)
    return (-1 if value == (1 << 7 * width) - 1 else value), place + width


def _asf_size(file: BinaryIO) -> int:
    """Bytes of a Windows Media file by its properties, 0 for a live broadcast, which has none."""
    file.seek(0)
    head = file.read(1 << 16)
    place = head.find(ASF_PROPERTIES)
    if place < 0 or len(head) < place + 92 or head[place + 88] & 1:
        return 0
    return int.from_bytes(head[place + 40 : place + 48], "little")


def _has_torn_packet(file: BinaryIO, length: int) -> bool:
    """Whether an MPEG transport stream ends within one of its packets of fixed size."""
    file.seek(0)
    head = file.read(1024)
    for size in TS_PACKETS:
        first = 4 if size == 192 else 0
        if len(head) > first + 3 * size and all(
            head[first + size * packet] == SYNC for packet in range(4)
        ):
            return length % size != 0
    return False
