"""What opening a part once has shown: kept beside the list of parts, so that a file that is away
keeps its place, its frames' numbers and what labels of them are kept by.
"""

from __future__ import annotations

import io
import tokenize
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.errors import AppError
from endoscope_app.media import part_wording as wording
from endoscope_app.media.packet_table import FloatArray, IntArray
from endoscope_app.media.part_list import MEMORY_NAME
from endoscope_app.media.source import FrameSource

#: What numpy and zipfile raise for archives with damaged bytes.
_DAMAGED = (
    *(OSError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, MemoryError),
    *(BadZipFile, zlib.error, tokenize.TokenError, SyntaxError, RuntimeError),
)


@dataclass(frozen=True)
class KnownPart:
    """``times_ms`` (N,) from the file's first frame; ``stamps`` (N,) by FrameSource.stamp;
    ``clock_ms`` as SourceInfo has it; ``size``: width and height.
    """

    fingerprint: str
    times_ms: FloatArray
    stamps: IntArray
    duration_ms: float
    size: tuple[int, int]
    clock_ms: tuple[float, float] | None

    @classmethod
    def of(cls, source: FrameSource) -> KnownPart:
        """Of a file that is open."""
        info = source.info
        frames = range(info.frame_count)
        return cls(
            info.fingerprint,
            np.fromiter(map(source.time_ms, frames), np.float64, info.frame_count),
            np.fromiter(map(source.stamp, frames), np.int64, info.frame_count),
            info.duration_ms,
            (info.width, info.height),
            info.clock_ms,
        )


def recall(part_list: Path, count: int) -> list[KnownPart | None]:
    """What is known of each of ``count`` parts of this list; None for those never opened."""
    try:
        # Of a file that is damaged numpy leaves the handle open
        content = io.BytesIO((part_list.parent / MEMORY_NAME).read_bytes())
        with np.load(content, allow_pickle=False) as kept:
            return [_part(kept, place) for place in range(count)]
    except _DAMAGED:
        return [None] * count


def remember(part_list: Path, parts: Sequence[KnownPart]) -> None:
    """Keep it for the time when one of them is away. Where it cannot be kept, nothing happens: only
    a missing file will be missed then.
    """
    arrays = {}
    for place, part in enumerate(parts):
        begin, end = part.clock_ms or (np.nan, np.nan)
        arrays[f"{place} fingerprint"] = np.array(part.fingerprint)
        arrays[f"{place} times"], arrays[f"{place} stamps"] = part.times_ms, part.stamps
        arrays[f"{place} figures"] = np.array([part.duration_ms, *part.size, begin, end])
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    with suppress(AppError):
        write_atomically(part_list.parent / MEMORY_NAME, [content.getvalue()], wording.THE_LIST)


def _part(kept: np.lib.npyio.NpzFile, place: int) -> KnownPart:
    duration, width, height, begin, end = kept[f"{place} figures"].tolist()
    times, stamps = kept[f"{place} times"], kept[f"{place} stamps"]
    if times.shape != stamps.shape or times.ndim != 1 or not len(times):
        raise ValueError("other times than stamps")
    return KnownPart(
        str(kept[f"{place} fingerprint"]),
        times.astype(np.float64),
        stamps.astype(np.int64),
        duration,
        (int(width), int(height)),
        None if np.isnan(begin) else (begin, end),
    )
