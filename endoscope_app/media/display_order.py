"""The order in which packets' frames are shown, as their stamps tell it; decoding some of them
has to confirm it.
"""

from __future__ import annotations

import numpy as np

from endoscope_app.media.packet_table import NO_TIMESTAMP, IntArray, PacketTable

# H.264 reorders at most 16 frames; a larger distance between decode and display order means the
# timestamps jump.
MAX_REORDER = 64


def joins(table: PacketTable) -> IntArray:
    """Packet numbers at which the decode clock goes back: parts of a video were put
    together there.
    """
    numbers = np.flatnonzero(table.dts != NO_TIMESTAMP)
    steps_back = np.flatnonzero(np.diff(table.dts[numbers]) < 0)
    return numbers[steps_back + 1].astype(np.int64)


def by_stamps(table: PacketTable, observed: IntArray, reorders: bool) -> IntArray | None:
    """Packet numbers in display order, or None where the stamps cannot tell it.

    Parts of the file between ``joins`` are shown one after the other, whatever their stamps.
    ``observed`` are the numbers of the first frames in the order in which the decoder gave them: it
    places packets without stamps at the front. ``reorders`` says whether the decoder may show
    frames in another order than that of the file.
    """
    numbers = table.usable()
    if not len(numbers):
        return None
    head = _head_without_stamps(table, numbers, observed)
    rest = numbers[~np.isin(numbers, head)]
    ordered = [head]
    for part in np.split(rest, np.searchsorted(rest, joins(table))):
        shown = _by_rank(table, part)
        if shown is None and reorders:
            return None
        ordered.append(part if shown is None else shown)
    order: IntArray = np.concatenate(ordered)
    return order[_not_before_first_key(table, order)]


def _head_without_stamps(table: PacketTable, numbers: IntArray, observed: IntArray) -> IntArray:
    missing = numbers[table.pts[numbers] == NO_TIMESTAMP]
    if (
        not len(missing)
        or len(missing) == len(numbers)
        or not bool(np.isin(missing, observed).all())
    ):
        return np.zeros(0, dtype=np.int64)
    last = int(np.flatnonzero(np.isin(observed, missing))[-1])
    return observed[: last + 1]


def _by_rank(table: PacketTable, part: IntArray) -> IntArray | None:
    pts = table.pts[part]
    if bool((pts == NO_TIMESTAMP).any()) or len(np.unique(pts)) != len(pts):
        return None
    rank = np.argsort(pts, kind="stable")
    if len(rank) and int(np.abs(rank - np.arange(len(rank))).max()) > MAX_REORDER:
        return None
    return part[rank]


def _not_before_first_key(table: PacketTable, order: IntArray) -> IntArray:
    """Places in ``order`` without frames shown before the first keyframe: they refer to frames
    that were cut away.
    """
    key = table.first_key()
    is_leading = (
        (table.pts[order] < table.pts[key])
        & (table.pts[order] != NO_TIMESTAMP)
        & (order - key < MAX_REORDER)
    )
    return np.flatnonzero(~is_leading)
