"""When the frames of an opened procedure are shown, and after which of them nothing is known of
what came next.
"""

from __future__ import annotations

import itertools

import numpy as np

from endoscope_app.media.frame_times import FrameTimes, Integers
from endoscope_app.media.gaps import gaps
from endoscope_app.media.source import FrameSource, SourceInfo


def times_of(source: FrameSource) -> FrameTimes:
    """The recorder's pauses count as gaps, and so do the borders of files between which the clock
    does not go on, or of which one is away.
    """
    count = source.info.frame_count
    times = np.fromiter((source.time_ms(index) for index in range(count)), np.float64, count)
    return FrameTimes.of(times, np.union1d(gaps(times), borders(source.info)), source.info.parts)


def borders(info: SourceInfo) -> Integers:
    """The last frame (G,) of each file after which the next one does not go on at once."""
    return np.array(
        [
            part.first - 1
            for before, part in itertools.pairwise(info.parts)
            if part.is_missing or before.is_missing or not part.is_continued
        ],
        np.int64,
    )
