"""How fast frames reach the screen, and whether all of them do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from endoscope_app.viewing.inference_thread import ClassifiedFrame, DecodedFrame

#: Medians and the rate are of so many frames: single figures jump too much to be read.
FRAMES = 25


@dataclass(frozen=True, slots=True)
class LiveSpeed:
    """Milliseconds are medians per frame; ``per_second`` is None while paused.

    ``shown`` and ``dropped`` count frames since the procedure was opened.
    """

    per_second: float | None
    decode_ms: float
    infer_ms: float
    draw_ms: float
    shown: int
    dropped: int
    keeps_up: bool


class LiveSpeedCount:
    """Counts the frames of the procedure that is open."""

    def __init__(self, dropped: Callable[[], int]) -> None:
        """``dropped()``: frames that never came out of the threads, of all procedures."""
        self._dropped_before_us = dropped
        self.shown = 0
        self._overtaken = 0  # frames that a newer one replaced before Qt painted them
        self._dropped_at_start = dropped()
        self._dropped_before = 0
        self._painted: DecodedFrame | None = None
        self._costs: deque[tuple[float, float, float]] = deque(maxlen=FRAMES)
        self._painted_at: deque[float] = deque(maxlen=FRAMES)

    @property
    def dropped(self) -> int:
        """Frames that should have been seen while playing and were not."""
        return self._dropped_before_us() - self._dropped_at_start + self._overtaken

    def restart(self) -> None:
        """Another procedure: counts begin at 0."""
        self.shown = self._overtaken = self._dropped_before = 0
        self._dropped_at_start = self._dropped_before_us()
        self._costs.clear()
        self._painted_at.clear()

    def replaced(self, frame: DecodedFrame) -> None:
        """A newer one takes its place on the screen."""
        if frame.playing and frame is not self._painted:
            self._overtaken += 1

    def painted(self, frame: ClassifiedFrame, draw_ms: float, at_s: float) -> LiveSpeed:
        """The frame was painted in ``draw_ms``, at ``at_s`` of perf_counter."""
        if frame.decoded is not self._painted:
            self.shown += 1
            self._note_time(frame.decoded, at_s)
        self._painted = frame.decoded
        self._costs.append((frame.decoded.decode_ms, frame.infer_ms, draw_ms))
        decode, infer, draw = np.median(np.array(self._costs), axis=0).tolist()
        dropped = self.dropped
        keeps_up, self._dropped_before = dropped == self._dropped_before, dropped
        return LiveSpeed(self._rate(), decode, infer, draw, self.shown, dropped, keeps_up)

    def _note_time(self, frame: DecodedFrame, at_s: float) -> None:
        if frame.playing:
            self._painted_at.append(at_s)
        else:
            self._painted_at.clear()

    def _rate(self) -> float | None:
        if len(self._painted_at) < 2:
            return None
        seconds = self._painted_at[-1] - self._painted_at[0]
        return (len(self._painted_at) - 1) / seconds if seconds > 0 else None
