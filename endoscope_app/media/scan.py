"""Building the frame index of a file: one demuxing pass, a short proof by decoding, a full decode only where stamps lie."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from endoscope_app.media import frame_index
from endoscope_app.media.container import VideoFile
from endoscope_app.media.decoder import PacketNotFound, decode_from
from endoscope_app.media.frame_index import NO_TIMESTAMP, FrameIndex, IntArray, PacketTable

# Enough to see past the longest reordering at the head of a stream; about a tenth of a second at 1080p.
PROOF_PACKETS = 32
DEFAULT_RATE = 25.0


@dataclass(frozen=True, slots=True)
class Scan:
    """What one look through the file found."""

    index: FrameIndex
    first_picture: VideoFrame
    interlaced: bool
    rate: float
    damaged: bool
    promised_frames: int  # what an intact file would hold by its header; 0 where it does not say


def scan(file: VideoFile) -> Scan | None:
    """Index ``file``, or None where not one picture can be decoded."""
    table = read_packets(file)
    if not len(table):
        return None
    damaged = bool(file.problems) or bool(table.is_corrupt[-1])
    proof = _decoded(file, table, table.first_key(), PROOF_PACKETS)
    order = frame_index.order_by_timestamp(table)
    if order is not None and proof.had_errors:
        # A damaged beginning is no reason to decode hours of video: leave out what did not come out.
        order = order[~np.isin(order, _promised(order, table, proof)) | np.isin(order, proof.numbers)]
    if order is None or not _agrees(order, table, proof):
        order = _order_by_decoding(file, table)
    if proof.first_picture is None or not len(order):
        return None
    nominal = float(file.stream.average_rate or file.stream.guessed_rate or DEFAULT_RATE)
    ms_per_tick = float((file.stream.time_base or Fraction(1, 1000)) * 1000)
    index = frame_index.build(table, order, ms_per_tick, nominal)
    promised = _promised_frames(file, index)
    if damaged or promised:
        index = frame_index.build(table, _without_lost_tail(file, index), ms_per_tick, nominal)
    return Scan(index, proof.first_picture, proof.interlaced, index.rate(nominal), damaged or promised > 0, promised)


def read_packets(file: VideoFile) -> PacketTable:
    """Demux the whole file. Nothing is decoded, and counts in the header are not asked."""
    rows = [_row(packet) for packet in file.packets()]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 7).T
    pts, dts, position, size = (np.ascontiguousarray(column) for column in columns[:4])
    is_key, is_hidden, is_corrupt = (column.astype(np.bool_) for column in columns[4:])
    return PacketTable(pts, dts, position, size, is_key, is_hidden, is_corrupt)


def _row(packet: Packet[VideoStream]) -> tuple[int, int, int, int, bool, bool, bool]:
    pts, dts, position = packet.pts, packet.dts, packet.pos
    return (
        NO_TIMESTAMP if pts is None else pts,
        NO_TIMESTAMP if dts is None else dts,
        -1 if position is None else position,
        packet.size,
        packet.is_keyframe,
        packet.is_discard,
        packet.is_corrupt,
    )


@dataclass(frozen=True, slots=True)
class _Proof:
    fed: int  # packets fed to the decoder
    numbers: IntArray  # of the packets whose pictures came out
    first_picture: VideoFrame | None  # only one: thirty-two at 1080p are 100 MB
    interlaced: bool
    had_errors: bool


def _decoded(file: VideoFile, table: PacketTable, start: int, count: int) -> _Proof:
    problems = len(file.problems)
    numbers: list[int] = []
    first, interlaced = None, False
    for number, picture in decode_from(file, table, start, count):
        numbers.append(number)
        first = first or picture
        interlaced |= bool(picture.interlaced_frame)
    return _Proof(count, np.array(numbers, dtype=np.int64), first, interlaced, len(file.problems) > problems)


def _promised(order: IntArray, table: PacketTable, proof: _Proof) -> IntArray:
    return order[order < table.first_key() + proof.fed]


def _agrees(order: IntArray, table: PacketTable, proof: _Proof) -> bool:
    """Whether the pictures that came out are exactly the frames that the timestamps promise, in that order.

    They differ where a packet holds no frame (fields, invisible reference frames) or several.
    """
    promised = _promised(order, table, proof)
    first = promised[0] if len(promised) else 0
    begin = np.flatnonzero(proof.numbers == first)
    return bool(len(begin)) and np.array_equal(promised, proof.numbers[begin[0] :])


def _order_by_decoding(file: VideoFile, table: PacketTable) -> IntArray:
    """Packet numbers in the order in which their pictures come out: slow, and right whatever the timestamps say."""
    order: dict[int, None] = {}
    for number, _ in decode_from(file, table, table.first_key()):
        order.setdefault(number)
    return np.array(list(order), dtype=np.int64)


def _promised_frames(file: VideoFile, index: FrameIndex) -> int:
    """Frames by the header if it names both more frames and a longer time than were found, else 0.

    Either alone is no damage: an edit list hides frames, and sound may outlast the picture.
    """
    promised = file.stream.frames
    duration_ms = (file.container.duration or 0) / 1000.0
    found_ms = float(index.times_ms[-1])
    interval = found_ms / max(len(index) - 1, 1)
    is_short = promised > len(index.packets) and duration_ms > found_ms + 2.5 * interval
    return promised if is_short else 0


def _without_lost_tail(file: VideoFile, index: FrameIndex) -> IntArray:
    """Frames of the last groups of pictures that a torn file can still show."""
    order = index.packet_of
    start = int(order[index.key_at(len(order) - 1)])
    try:
        shown = {number for number, _ in decode_from(file, index.packets, start)}
    except PacketNotFound:
        return order
    keep = [number < start or int(number) in shown for number in order]
    return order[np.array(keep, dtype=np.bool_)]
