"""JPEG 2000 and JPEG-LS images of DICOM files as samples, decoded by FFmpeg."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Codec = Literal["jpeg2000", "jpegls"]
CODESTREAM = b"\xff\x4f\xff\x51"
"""How a JPEG 2000 image begins, by itself or inside the boxes of a JP2 file."""
HEAD = 4096
_SAMPLES = {"gray": 1, "rgb24": 3}


def decoded(data: bytes, codec: Codec, rows: int, columns: int, samples: int) -> Image | None:
    """(H, W) or (H, W, 3) as the samples lie in the stream, or None: it is broken, or of another
    size, depth or number of components than ``rows``, ``columns``, 8 bits and ``samples``.
    """
    said = _jpeg_2000_size(data) if codec == "jpeg2000" else _jpeg_ls_size(data)
    if said != (rows, columns, samples):  # before memory is taken for it
        return None
    import av  # what only looks at a file's head does without it

    context = av.codec.CodecContext.create(codec, "r")
    context.thread_count = 1
    context.options = {"err_detect": "explode"}
    try:
        frames = [*context.decode(av.Packet(data)), *context.decode(None)]
    except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
        raise
    except (av.error.FFmpegError, ValueError):
        return None
    if len(frames) != 1 or not isinstance(frames[0], av.VideoFrame):
        return None
    frame = frames[0]
    is_whole = not frame.is_corrupt and _SAMPLES.get(frame.format.name) == samples
    if not is_whole or (frame.height, frame.width) != (rows, columns):
        return None
    return np.asarray(frame.to_ndarray(), np.uint8)


def mixes_samples(head: bytes) -> bool:
    """Whether a JPEG-LS image keeps the components of each pixel together, which FFmpeg cannot
    read; ``head``: its first bytes, with all of its headers.
    """
    for kind, place, length in _segments(head):
        if kind == 0xDA:
            end = place + 2 + length
            return end <= len(head) and head[end - 2] == 2
    return False


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, place and length of each segment of a JPEG-LS image's head."""
    place = 2
    while place + 4 <= min(len(data), HEAD) and data[place] == 0xFF:
        (length,) = struct.unpack_from(">H", data, place + 2)
        yield data[place + 1], place, length
        place += 2 + length


def _jpeg_2000_size(data: bytes) -> tuple[int, int, int] | None:
    """(rows, columns, components of 8 bits) by the codestream's SIZ segment."""
    begin = data.find(CODESTREAM, 0, HEAD)
    segment = data[begin + 8 : begin + HEAD] if begin >= 0 else b""
    try:
        right, below, left, above = struct.unpack_from(">4I", segment)
        (components,) = struct.unpack_from(">H", segment, 32)
        depths = {segment[34 + 3 * number] for number in range(components)}
    except (struct.error, IndexError):
        return None
    return (below - above, right - left, components) if depths == {7} else None


def _jpeg_ls_size(data: bytes) -> tuple[int, int, int] | None:
    """(rows, columns, components of 8 bits) by the frame's header, SOF55."""
    for kind, place, _ in _segments(data):
        if kind == 0xF7 and place + 10 <= len(data):
            bits, rows, columns, components = struct.unpack_from(">BHHB", data, place + 4)
            return (rows, columns, components) if bits == 8 else None
    return None
