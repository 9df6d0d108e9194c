"""Packets with their numbers from any place of the file on: a seek only lands near, and where
it landed must be certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from endoscope_app.media.container import VideoFile
from endoscope_app.media.packet_table import AMBIGUOUS, NO_TIMESTAMP, UNKNOWN, PacketTable

# So many packets in a row that look like others of the file, and the place stays unknown.
MAX_AMBIGUOUS = 512
# Keyframes back that are tried, because containers disagree on what a timestamp seek goes by.
STEPS_BACK = (1, 4, 16)


class PacketNotFound(Exception):
    """The file no longer holds a packet it held when it was indexed."""


def packets_from(
    file: VideoFile, table: PacketTable, start: int
) -> Iterator[tuple[int, Packet[VideoStream]]]:
    """(number, packet) from packet ``start`` on.

    Raises PacketNotFound where the file is not the one that was indexed.
    """
    for seek in _seeks(file, table, start):
        try:
            seek()
        except MemoryError:  # FFmpeg has one of its own: it says nothing of the file
            raise
        except (FFmpegError, OSError):
            continue
        file.stream.codec_context.flush_buffers()
        packets = file.packets()
        landed = _landed(packets, table, start)
        if landed is not None:
            first, pending = landed
            yield from _counted(chain(pending, packets), table, first, start)
            return
    file.reopen()
    yield from _counted(file.packets(), table, 0, start)


def _seeks(file: VideoFile, table: PacketTable, start: int) -> Iterator[Callable[[], None]]:
    """Ways to get near packet ``start``, nearest first.

    Some containers know only bytes, some only stamps.
    """
    if start == 0 and file.is_fresh:
        return
    if table.clock_goes_back and "matroska" in file.container.format.name:
        return  # of several videos in one file, FFmpeg plays only the one that it seeks in
    seek = partial(file.container.seek, stream=file.stream, backward=True)
    position = int(table.position[start])
    in_bytes = partial(seek, position, unsupported_byte_offset=True)
    bytes_first = (
        position > 0
        and file.seeks_bytes
        and (table.clock_goes_back or file.container.format.name == "mpegts")
    )
    if bytes_first:
        yield in_bytes
    place = int(table.keys.searchsorted(start))
    numbers = [start, *(int(table.keys[place - back]) for back in STEPS_BACK if back <= place)]
    for number in numbers:
        known = [
            stamp
            for stamp in (int(table.dts[number]), int(table.pts[number]))
            if stamp != NO_TIMESTAMP
        ]
        if known:
            yield partial(seek, min(known))
    if position > 0 and file.seeks_bytes and not bytes_first:
        yield in_bytes


def _landed(
    packets: Iterator[Packet[VideoStream]], table: PacketTable, start: int
) -> tuple[int, list[Packet[VideoStream]]] | None:
    """Number of the first of the packets read to find out where this is, and those packets;
    None where it is behind ``start``.
    """
    pending: list[Packet[VideoStream]] = []
    for packet in packets:
        number = table.number_of(packet)
        if number == UNKNOWN:  # the rest of a packet that the seek has cut
            pending.clear()
            continue
        pending.append(packet)
        if number == AMBIGUOUS:
            if len(pending) > MAX_AMBIGUOUS:
                return None
            continue
        first = number - len(pending) + 1
        if first < 0 or any(
            table.size[first + place] != before.size for place, before in enumerate(pending)
        ):
            first, pending = number, [packet]
        return (first, pending) if first <= start else None
    return None


def _counted(
    packets: Iterator[Packet[VideoStream]], table: PacketTable, first: int, start: int
) -> Iterator[tuple[int, Packet[VideoStream]]]:
    """Count on from packet ``first``; each has to be the one that was indexed, or to say by
    itself which one it is.
    """
    number = first
    for packet in packets:
        if number >= len(table):  # the file has grown since
            return
        if packet.size != table.size[number]:
            number = table.number_of(packet)
            if number < 0:
                raise PacketNotFound
        if number >= start:
            yield number, packet
        number += 1
    if number <= start:
        raise PacketNotFound
