"""What a keeper says of the file that it has opened, checked before anything rests on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from endoscope_app.media import cutting
from endoscope_app.media.apart.messages import MOST_FRAMES, Opened, unpacked
from endoscope_app.media.packet_table import FloatArray, IntArray
from endoscope_app.media.source import SourceInfo, StreamChoice


@dataclass(frozen=True)
class OpenedFile:
    """``times`` and ``stamps`` (N,); ``keys`` (K,), None where every frame stands alone; ``names``
    of N frames, or none.
    """

    info: SourceInfo
    times: FloatArray
    stamps: IntArray
    keys: IntArray | None
    names: tuple[str, ...]
    corrupt: frozenset[int]

    @classmethod
    def of(cls, path: Path, opened: Opened) -> OpenedFile:
        """Raises ValueError where it contradicts itself."""
        times = np.frombuffer(opened.times, np.float64)
        stamps = np.frombuffer(opened.stamps, np.int64)
        count = len(times)
        keys = None if opened.keys is None else np.frombuffer(opened.keys, np.int64)
        names = tuple(unpacked(name) for name in opened.names.split(b"\0")) if opened.names else ()
        corrupt = np.frombuffer(opened.corrupt, np.int64)
        _require(0 < count <= MOST_FRAMES and len(stamps) == count)
        _require(bool(np.isfinite(times).all()) and times[0] == 0.0)
        _require(bool((np.diff(times) >= 0).all()))
        _require(
            keys is None or (len(keys) > 0 and keys[0] == 0 and bool((np.diff(keys) > 0).all()))
        )
        _require(keys is None or int(keys[-1]) < count)
        _require(len(names) in (0, count))
        _require(not len(corrupt) or 0 <= int(corrupt.min()) <= int(corrupt.max()) < count)
        _require(all(map(np.isfinite, (opened.fps, opened.duration_ms, *(opened.clock_ms or ())))))
        _require(opened.fps > 0 and opened.duration_ms >= 0 and bool(opened.fingerprint))
        return cls(
            _info(path, opened, count), times, stamps, keys, names, frozenset(corrupt.tolist())
        )

    def segments(self, parts: int, start: int) -> list[tuple[int, int]]:
        """As FrameSource says."""
        count = self.info.frame_count
        if self.keys is None:
            return cutting.evenly(count, parts, start)
        return cutting.at_keys(self.keys, count, parts, start)

    def next_key(self, frame: int) -> int:
        """The first frame after this one at which decoding may begin; the count where there is
        none.
        """
        if self.keys is None:
            return frame + 1
        place = int(np.searchsorted(self.keys, frame, side="right"))
        return int(self.keys[place]) if place < len(self.keys) else self.info.frame_count


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("an opened file that cannot be")


def _info(path: Path, opened: Opened, count: int) -> SourceInfo:
    return SourceInfo(
        path,
        opened.kind,
        count,
        opened.fps,
        opened.width,
        opened.height,
        opened.duration_ms,
        opened.fingerprint,
        tuple(unpacked(note) for note in opened.notes),
        opened.interlaced,
        stamp_kind=opened.stamp_kind,
        legacy_fingerprint=opened.legacy_fingerprint,
        damaged=opened.damaged,
        streams=tuple(
            StreamChoice(one.index, one.width, one.height, one.rate, one.is_default, one.is_chosen)
            for one in opened.streams
        ),
        siblings=frozenset(opened.siblings),
        clock_ms=opened.clock_ms,
    )
