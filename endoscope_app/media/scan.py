"""Building the frame index of a file: one demuxing pass, confirmed by decoding wherever its stamps
could mislead; a full decode only where they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream

from endoscope_app.media import damage, display_order, frame_index
from endoscope_app.media.container import VideoFile
from endoscope_app.media.decoder import Decoded, decode_from
from endoscope_app.media.frame_index import FrameIndex
from endoscope_app.media.opening_watch import OpeningWatch
from endoscope_app.media.packet_table import NO_TIMESTAMP, IntArray, PacketTable

# Enough to see past the longest reordering at the head of a stream; about a tenth of a second at
# 1080p.
PROBED_PACKETS = 32
DEFAULT_RATE = 25.0
HIGHEST_RATE = 300.0
TELL_EVERY = 256


@dataclass(frozen=True, slots=True)
class Scan:
    """What a look through the file has shown."""

    index: FrameIndex
    first: Decoded
    interlaced: bool
    rate: float
    damaged: bool
    promised_frames: int  # what an intact file would hold by its header; 0 where it does not say
    # Where frames are missing inside; None where they are not or it is not known
    damaged_after_ms: float | None


def scan(file: VideoFile, byte_count: int, watch: OpeningWatch) -> Scan | None:
    """Index ``file`` of ``byte_count`` bytes, or None where not one frame can be decoded.

    Raises OpeningStopped where ``watch`` says so.
    """
    table = read_packets(file, byte_count, watch.part(0.0, 0.5))
    usable = table.usable()
    if not len(usable):
        return None
    table = damage.without_false_flags(file, table)
    damaged = bool(file.problems) or bool(table.is_corrupt.any())
    start = table.key_before(int(usable[0]))
    end = int(usable[min(PROBED_PACKETS, len(usable)) - 1]) + 1
    probe = _probed(file, table, start, end)
    order = display_order.by_stamps(
        table, probe.numbers, bool(file.stream.codec_context.has_b_frames)
    )
    is_decoded_whole = True
    if order is not None and probe.had_errors:
        # A damaged beginning is no reason to decode hours of video: leave out what did not come
        # out.
        promised = _promised(order, probe)
        missing = promised[~np.isin(promised, probe.numbers)]
        order = order[~np.isin(order, missing)]
        # What a cut-off head lacks before its first frame is no damage.
        is_decoded_whole = not len(probe.numbers) or not bool((missing > probe.numbers[0]).any())
    if order is None or not _agrees(order, probe) or not _agrees_at_joins(file, table, order):
        problems = len(file.problems)
        order = _order_by_decoding(file, table, watch.part(0.5, 1.0))
        is_decoded_whole &= len(file.problems) == problems and not damage.loses_tail(table, order)
    if probe.first is None or not len(order):
        return None
    return _finished(file, table, order, probe, damaged, is_decoded_whole)


def read_packets(file: VideoFile, byte_count: int, watch: OpeningWatch) -> PacketTable:
    """Demux the whole file. Nothing is decoded, and counts in the header are not asked."""
    rows = []
    for packet in file.packets():
        rows.append(_row(packet))
        if len(rows) % TELL_EVERY == 1:
            watch.tell((packet.pos or 0) / max(byte_count, 1))
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
class _Probe:
    start: int  # packets start..end were fed to the decoder
    end: int
    numbers: IntArray  # of the packets whose frames came out, in that order
    first: Decoded | None  # only one: thirty-two at 1080p are 100 MB
    interlaced: bool
    had_errors: bool


def _probed(file: VideoFile, table: PacketTable, start: int, end: int) -> _Probe:
    problems = len(file.problems)
    numbers: list[int] = []
    first, interlaced = None, False
    for decoded in decode_from(file, table, start, end - start):
        numbers.append(decoded.number)
        first = first or decoded
        interlaced |= bool(decoded.video_frame.interlaced_frame)
    return _Probe(
        start,
        end,
        np.array(numbers, dtype=np.int64),
        first,
        interlaced,
        len(file.problems) > problems,
    )


def _promised(order: IntArray, probe: _Probe) -> IntArray:
    return order[(order >= probe.start) & (order < probe.end)]


def _agrees(order: IntArray, probe: _Probe) -> bool:
    """Whether the frames that came out are exactly those that the stamps promise, in that order.

    They differ where a packet holds no frame (fields, invisible reference frames) or several.
    """
    promised = _promised(order, probe)
    first = promised[0] if len(promised) else 0
    begin = np.flatnonzero(probe.numbers == first)
    return bool(len(begin)) and np.array_equal(promised, probe.numbers[begin[0] :])


def _agrees_at_joins(file: VideoFile, table: PacketTable, order: IntArray) -> bool:
    """Whether the decoder shows the parts of a file that was put together one after the other."""
    last = len(table)
    for join in display_order.joins(table):
        probe = _probed(
            file,
            table,
            table.key_before(max(int(join) - 1, 0)),
            min(int(join) + PROBED_PACKETS, last),
        )
        promised = _promised(order, probe)
        if not len(promised):
            if len(probe.numbers):
                return False
            continue
        # Frames that an open group of pictures shows before its keyframe cannot come out when
        # decoding begins there.
        shown = promised[int(np.argmax(promised == probe.start)) :]
        seen = probe.numbers[np.isin(probe.numbers, shown)]
        if not np.array_equal(shown[np.isin(shown, seen)], seen) or (
            not probe.had_errors and len(seen) < len(shown)
        ):
            return False
    return True


def _order_by_decoding(file: VideoFile, table: PacketTable, watch: OpeningWatch) -> IntArray:
    """Packet numbers in the order in which their frames come out: slow, and right whatever the
    timestamps say.
    """
    order: dict[int, None] = {}
    for decoded in decode_from(file, table, table.first_key()):
        order.setdefault(decoded.number)
        if len(order) % PROBED_PACKETS == 1:
            watch.tell(decoded.number / len(table))
    return np.array(list(order), dtype=np.int64)


def _finished(
    file: VideoFile,
    table: PacketTable,
    order: IntArray,
    probe: _Probe,
    damaged: bool,
    is_decoded_whole: bool,
) -> Scan:
    assert probe.first is not None
    nominal = float(file.stream.average_rate or file.stream.guessed_rate or DEFAULT_RATE)
    if nominal > HIGHEST_RATE:  # the clock's own rate, given where a file says nothing
        nominal = DEFAULT_RATE
    ms_per_tick = float((file.stream.time_base or Fraction(1, 1000)) * 1000)
    index = frame_index.build(table, order, ms_per_tick, nominal)
    promised = damage.promised_frames(file, index)
    whole = len(order)
    if damaged or promised or file.container.format.name in damage.WITHOUT_PROMISE:
        index = frame_index.build(
            table, damage.without_lost_tail(file, index), ms_per_tick, nominal
        )
    torn = damage.torn_after(file, index)
    damaged = (
        damaged or promised > 0 or len(index) < whole or torn is not None or not is_decoded_whole
    )
    last_whole = damage.first_hole(index) if torn is None and not is_decoded_whole else torn
    after_ms = None if last_whole is None else float(index.times_ms[last_whole])
    return Scan(
        index, probe.first, probe.interlaced, index.rate(nominal), damaged, promised, after_ms
    )
