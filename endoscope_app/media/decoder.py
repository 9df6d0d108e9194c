"""Decoding from a keyframe on, each picture labelled with the number of the packet it came from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
from av.error import EOFError as EndOfStream
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from endoscope_app.media.container import VideoFile
from endoscope_app.media.frame_index import NO_TIMESTAMP, PacketTable

# Each error while draining costs one decoder thread's picture; more than this many in a row is a decoder that is done.
MAX_DRAIN_FAILURES = 8


class PacketNotFound(Exception):
    """The file no longer holds a packet it held when it was indexed."""


def decode_from(
    file: VideoFile, table: PacketTable, start: int, count: int | None = None, wanted: NDArray[np.bool_] | None = None
) -> Iterator[tuple[int, VideoFrame]]:
    """Yield (packet number, picture) from packet ``start`` on, feeding ``count`` packets or all. Broken packets yield nothing.

    ``wanted`` (packets,) marks the pictures that will be looked at: of the others, those that no picture refers to are not
    decoded at all, which makes a seek with B-frames up to twice as fast.
    """
    context = file.stream.codec_context
    context.skip_frame = "DEFAULT"
    numbered = _packets_from(file, table, start)
    for number, packet in numbered if count is None else islice(numbered, count):
        if wanted is not None:
            context.skip_frame = "DEFAULT" if wanted[number] else "NONREF"
        # The decoder hands a packet's pts to its picture untouched, so the pts can carry the packet number.
        packet.pts = number
        try:
            pictures = context.decode(packet)
        except (FFmpegError, OSError) as error:
            file.problems.append(type(error).__name__)
            continue
        for picture in pictures:
            if picture.pts is not None:
                yield picture.pts, picture
    yield from _drain(file)


def _drain(file: VideoFile) -> Iterator[tuple[int, VideoFrame]]:
    for _ in range(MAX_DRAIN_FAILURES):
        try:
            pictures = file.stream.codec_context.decode(None)
        except EndOfStream:
            return
        except (FFmpegError, OSError) as error:
            file.problems.append(type(error).__name__)
            continue
        for picture in pictures:
            if picture.pts is not None:
                yield picture.pts, picture
        return


def _packets_from(file: VideoFile, table: PacketTable, start: int) -> Iterator[tuple[int, Packet[VideoStream]]]:
    """Packets with their numbers from ``start`` on. A seek only lands near: packets before the wanted one are passed over."""
    for target, in_bytes in _seek_targets(table, start):
        is_last = in_bytes and target == 0
        try:
            file.container.seek(target, stream=file.stream, backward=True, unsupported_byte_offset=in_bytes)
        except (FFmpegError, OSError):
            continue
        file.stream.codec_context.flush_buffers()
        packets = file.packets()
        for packet in packets:
            if _is_same(packet, table, start):
                yield start, packet
                yield from enumerate(packets, start + 1)
                return
            if not is_last and _is_past(packet, table, start):
                break
    raise PacketNotFound


def _seek_targets(table: PacketTable, start: int) -> Iterator[tuple[int, bool]]:
    """(place, whether in bytes) to try, nearest first: containers disagree on what a timestamp seek goes by, and some know only bytes."""
    earlier = table.keys_before(start)
    numbers = [start, *(int(earlier[-back]) for back in (1, 4, 16) if back <= len(earlier))]
    for number in numbers:
        stamps = (int(table.dts[number]), int(table.pts[number]))
        known = [stamp for stamp in stamps if stamp != NO_TIMESTAMP]
        if known:
            yield min(known), False
    first = min(int(table.dts[0]), int(table.pts[0]))
    if first != NO_TIMESTAMP:
        yield first, False
    if table.position[start] > 0:
        yield int(table.position[start]), True
    yield 0, True


def _is_same(packet: Packet[VideoStream], table: PacketTable, number: int) -> bool:
    if packet.size != table.size[number] or packet.is_keyframe != table.is_key[number]:
        return False
    if packet.pos is not None and packet.pos >= 0 and table.position[number] >= 0 and packet.pos == table.position[number]:
        return True
    return packet.pts is not None and packet.pts == table.pts[number]


def _is_past(packet: Packet[VideoStream], table: PacketTable, number: int) -> bool:
    dts = int(table.dts[number])
    return packet.dts is not None and dts != NO_TIMESTAMP and packet.dts > dts
