"""Several files on one axis: when each begins, and stamps that are unique over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from endoscope_app.media.gaps import GAP_MS
from endoscope_app.media.packet_table import IntArray
from endoscope_app.media.part import Part
from endoscope_app.media.part_memory import KnownPart

#: Of a clock that goes on; beyond it the next file's clock is another one.
LONGEST_PAUSE_MS = 3600 * 1000.0
#: Files that are cut from one another may share a frame or two.
OVERLAP_MS = 100.0
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def laid_out(files: Sequence[tuple[Path, KnownPart, bool]]) -> tuple[Part, ...]:
    """The files one after the other; the flag of each says whether it is missing.

    Where a file's clock goes on from the one before, the time between them is kept; elsewhere it
    follows at once, and nothing says how much time lies between.
    """
    parts: list[Part] = []
    first, begin_ms = 0, 0.0
    for place, (path, known, is_missing) in enumerate(files):
        pause_ms = _pause_ms(files[place - 1], files[place]) if place else None
        begin_ms += pause_ms or 0.0
        is_continued = pause_ms is not None and pause_ms <= GAP_MS
        count = len(known.stamps)
        parts.append(
            Part(path, first, count, begin_ms, is_continued, is_missing, known.fingerprint)
        )
        first += count
        begin_ms += known.duration_ms
    return tuple(parts)


def _pause_ms(
    before: tuple[Path, KnownPart, bool], after: tuple[Path, KnownPart, bool]
) -> float | None:
    """How long nothing was recorded between two files; None where their clocks do not tell."""
    ended, begun = before[1].clock_ms, after[1].clock_ms
    if ended is None or begun is None or before[0].suffix.lower() != after[0].suffix.lower():
        return None
    pause_ms = begun[0] - ended[1]
    return max(pause_ms, 0.0) if -OVERLAP_MS <= pause_ms <= LONGEST_PAUSE_MS else None


def stamps_of_parts(parts: Sequence[KnownPart]) -> IntArray:
    """What labels of all frames are kept under: positive 63-bit numbers from the file's
    fingerprint and the frame's stamp in it, so that a label stays with its frame in whatever
    company, and equal stamps of two files never meet.

    A file that is there twice counts as another one the second time.
    """
    round_ = 0
    while True:
        seen: dict[str, int] = {}
        stamps = []
        for part in parts:
            copy = seen[part.fingerprint] = seen.get(part.fingerprint, -1) + 1
            stamps.append(_mixed(part.stamps, f"{part.fingerprint} {copy} {round_}"))
        whole = np.concatenate(stamps)
        if len(np.unique(whole)) == len(whole):
            return whole
        round_ += 1


def _mixed(stamps: IntArray, seed: str) -> IntArray:
    """SplitMix64 over the stamps (N,), begun where the seed's hash says."""
    begin = int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=8).digest(), "big")
    mixed = stamps.astype(np.uint64) * np.uint64(_MIX[0]) + np.uint64(begin)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_MIX[1])
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_MIX[2])
    mixed ^= mixed >> np.uint64(31)
    return np.maximum((mixed >> np.uint64(1)).astype(np.int64), 1)
