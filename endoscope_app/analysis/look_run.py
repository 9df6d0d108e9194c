"""The quick look of the procedure that is open: planned, under way, kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from endoscope_app.analysis.kept_predictions import KeptPredictions, Known
from endoscope_app.analysis.quick_look import QuickLook
from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.source import SharedFrames, SourceInfo
from endoscope_app.viewing.classifier import Classifier


class LookRun:
    """``is_under_way``: key frames are looked at before all others. Nothing of it is anything where
    no look is worth it.
    """

    def __init__(self) -> None:
        self.is_under_way = False
        self._look: QuickLook | None = None
        self._kept_frames = 0

    def plan(
        self, frames: SharedFrames, times: FrameTimes, classes: int, found: Known, onto: Timeline
    ) -> None:
        """What it would take, with what is kept of it, shown on ``onto``."""
        self._look = QuickLook.planned(frames.key_frames(), times, classes)
        if self._look is not None and found.quick is not None:
            self._look.restore(found.quick.raw, found.quick.known)
            self._look.show_on(onto)

    def wanted(self, timeline: Timeline) -> Sequence[NDArray[np.int64]]:
        """Frames still to look at, from coarse to fine."""
        return () if self._look is None else self._look.missing(timeline.known)

    def begin(self, *, is_under_way: bool) -> None:
        """With an analysis, which looks at frames first or not."""
        self.is_under_way, self._kept_frames = is_under_way, 0

    def take(self, looks: Iterable[tuple[int, NDArray[np.float32]]], onto: Timeline) -> None:
        """What was seen in frames (C,), by their numbers."""
        for frame, looked in looks:
            if self._look is not None and (span := self._look.put(frame, looked)) is not None:
                onto.write_quick(*span, looked)

    def save(
        self, kept: KeptPredictions, info: SourceInfo, classifier: Classifier, timeline: Timeline
    ) -> None:
        """Where more was seen than is kept, and the complete analysis has not taken its place."""
        if self._look is not None and self.seen > self._kept_frames:
            self._kept_frames = self.seen
            if not timeline.known.all():
                kept.save_quick(info, classifier, self._look)

    @property
    def seen(self) -> int:
        """Frames that were looked at."""
        return 0 if self._look is None else int(self._look.known.sum())

    @property
    def total(self) -> int:
        """Frames that all of it takes."""
        return 0 if self._look is None else len(self._look.frames)

    @property
    def one_in(self) -> int:
        """Of so many frames one is looked at; 0 without a look."""
        return 0 if self._look is None else self._look.one_in
