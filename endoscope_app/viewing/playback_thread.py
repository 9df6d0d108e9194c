"""Opens and decodes the procedure on screen: exact seeks, paced playback, and an end in words
when the file ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QThread, Signal

from endoscope_app.base.errors import AppError
from endoscope_app.base.faults import fault_in_words
from endoscope_app.base.mailbox import Mailbox
from endoscope_app.media.first_image import first_image
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.opening import OpeningStopped, open_source
from endoscope_app.media.source import FrameSource, SourceInfo
from endoscope_app.media.source_times import times_of
from endoscope_app.viewing import wording
from endoscope_app.viewing.inference_thread import DecodedFrame, milliseconds_since

#: No screen shows more; frames beyond it are skipped by plan and not counted as dropped.
FASTEST_SHOWN_FPS = 60.0
#: How far an opening is, is told no oftener.
PROGRESS_EVERY_S = 0.1
#: Being later than this for a frame means that its turn is over.
LATE_MS = 40.0


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the reader wants next.

    ``index`` says where (None: here); ``speed`` 0 is paused, below 0 backwards; ``number`` counts
    all wishes.
    """

    generation: int
    path: Path | None = None
    deinterlace: bool = True
    stream: int | None = None
    index: int | None = None
    speed: float = 0.0
    number: int = 0


class PlaybackThread(QThread):
    """One wish at a time, the newest wins.

    Frames go to ``outbox``; signals tell how it goes, each with its generation.
    """

    # generation, SharedFrames, FrameTimes of N frames, stamp of each (N,) int64, FirstImage or None
    opened = Signal(int, object, object, object, object)
    opening_progressed = Signal(int, float)  # generation, share 0..1
    refused = Signal(int, object)  # generation, AppError; OpeningStopped where it was cancelled
    playback_ended = Signal(int, int)  # generation, number of the wish that was played to its end

    def __init__(self, outbox: Mailbox[DecodedFrame]) -> None:
        super().__init__()
        self.setObjectName("playback")
        self._outbox = outbox
        self._wishes: Mailbox[_Wish] = Mailbox()
        self._opening: Mailbox[_Wish] = Mailbox()
        self._wake = threading.Event()
        self._stopping = False
        self._source: FrameSource | None = None
        self._times = FrameTimes.of(np.zeros(0), np.zeros(0, np.int64))
        self._wanted = -1  # the generation of the opening that the reader still waits for
        self._generation = -1
        self._index = 0
        self._following = 0
        self.dropped = 0
        self.newest = 0
        """Number of the newest wish: an end that is told of an older one has been left since."""
        self.jumped = 0
        """Number of the newest wish that says where: frames of older ones come from elsewhere."""

    def open(
        self,
        generation: int,
        path: Path,
        *,
        deinterlace: bool,
        stream: int | None = None,
        index: int = 0,
    ) -> None:
        """Leave the current file and open another; answers ``opened`` or ``refused``.

        An opening that is under way is stopped.
        """
        self._wishes.clear()
        self._wanted = generation
        self._opening.put(
            _Wish(generation, path=path, deinterlace=deinterlace, stream=stream, index=index)
        )
        self._wake.set()

    def cancel_opening(self) -> None:
        """The file that is being opened is not wanted any more; answers ``refused`` unless it
        was open already.
        """
        self._wanted = -1

    def show_frame(self, generation: int, index: int) -> None:
        """Pause and show this frame."""
        self._wish(_Wish(generation, index=index))

    def play(self, generation: int, speed: float, index: int | None = None) -> None:
        """Play from ``index`` (None: from here), backwards when ``speed`` is negative."""
        self._wish(_Wish(generation, index=index, speed=speed))

    def stop(self) -> None:
        """End the loop; wait() returns after the frame in hand."""
        self._stopping = True
        self._wake.set()

    def _wish(self, wish: _Wish) -> None:
        before = self._wishes.take_now()
        if wish.index is None and before is not None and before.generation == wish.generation:
            wish = replace(wish, index=before.index)  # "here" is where it was about to go
        self.newest += 1
        if wish.index is not None:
            self.jumped = self.newest
        self._wishes.put(replace(wish, number=self.newest))
        self._wake.set()

    def run(self) -> None:
        """The loop: a file to open comes first, then the newest wish."""
        try:
            while not self._stopping:
                self._wake.wait()
                self._wake.clear()
                if self._stopping:
                    break
                if (opening := self._opening.take_now()) is not None:
                    self._guarded(self._open, opening)
                if (
                    wish := self._wishes.take_now()
                ) is not None and wish.generation == self._generation:
                    self._guarded(self._follow, wish)
        finally:
            if self._source is not None:
                self._source.close()

    def _guarded(self, step: object, wish: _Wish) -> None:
        try:
            step(wish)  # type: ignore[operator]
        except AppError as error:
            self.refused.emit(wish.generation, error)
        except (
            Exception
        ) as error:  # top of a thread loop: a bug must reach the reader, not end in silence
            fault = fault_in_words(error, wording.SHOWING_FAILED, "fault in the playback")
            self.refused.emit(wish.generation, fault)

    def _open(self, wish: _Wish) -> None:
        assert wish.path is not None
        # Whatever comes of it, later wishes carry this generation: after a refusal they go to the
        # file that stayed open.
        self._generation = wish.generation
        source = self._opened(wish, wish.path)
        if self._source is not None:
            self._source.close()
        self._source, self._index = source, 0
        self._wishes.clear()  # made while the procedure before was still on screen
        self._times = times = times_of(source)
        stamps = np.fromiter(
            (source.stamp(index) for index in range(source.info.frame_count)), np.int64
        )
        self.opened.emit(wish.generation, source, times, stamps, first_image(source))
        first = min(max(wish.index or 0, 0), source.info.frame_count - 1)
        self._show(source.info.present(first, 1), playing=False, wish=None)

    def _opened(self, wish: _Wish, path: Path) -> FrameSource:
        """Raises OpeningStopped where the file is not wanted any more, even if it was opened
        before that was noticed.
        """

        def is_unwanted() -> bool:
            return self._stopping or self._wanted != wish.generation

        tell = self._progress_of(wish.generation)
        source = open_source(
            path,
            deinterlace=wish.deinterlace,
            stream=wish.stream,
            progress=tell,
            should_stop=is_unwanted,
        )
        if is_unwanted():
            source.close()
            raise OpeningStopped
        return source

    def _progress_of(self, generation: int) -> Callable[[float], None]:
        """Tells how far an opening is, but not oftener than a reader can see."""
        said_at = time.monotonic()

        def tell(share: float) -> None:
            nonlocal said_at
            now = time.monotonic()
            if now - said_at >= PROGRESS_EVERY_S:
                said_at = now
                self.opening_progressed.emit(generation, share)

        return tell

    def _follow(self, wish: _Wish) -> None:
        source = self._source
        if source is None:
            return
        self._following = wish.number
        last = source.info.frame_count - 1
        index = min(max(self._index if wish.index is None else wish.index, 0), last)
        if wish.speed == 0.0:
            self._show(index, playing=False, wish=wish.number)
            return
        if index != self._index:
            self._show(index, playing=True, wish=wish.number)
        self._play(source, wish.speed)

    def _show(self, index: int, *, playing: bool, wish: int | None) -> None:
        assert self._source is not None
        begun = time.perf_counter()
        self._index = index
        frame = self._source.read(index)
        self._outbox.put(
            DecodedFrame(
                self._generation,
                frame,
                milliseconds_since(begun),
                time.perf_counter(),
                playing,
                wish,
            )
        )

    def _play(self, source: FrameSource, speed: float) -> None:
        """Follow the clock: decode the next frame early, wait until it is due, hand it over; catch
        up by leaving frames out.

        The clock does not run while the recorder paused, nor over a file that is away.
        """
        info, step = source.info, 1 if speed > 0 else -1
        end = info.present(info.frame_count - 1 if speed > 0 else 0, step)
        moments = self._times.playing_ms
        started, media_start = time.perf_counter(), float(moments[self._index])
        paced = 1000.0 / self._times.usual_ms * abs(speed) <= FASTEST_SHOWN_FPS
        shown_at = started
        while not self._wake.is_set():
            if self._index == end:
                self.playback_ended.emit(self._generation, self._following)
                return
            now_ms = media_start + milliseconds_since(started) * speed
            target = info.present(_next_index(moments, self._index, now_ms, speed, paced), step)
            if paced and speed > 0:
                self.dropped += _between(info, self._index, target)
            begun = time.perf_counter()
            frame = source.read(target)
            decode_ms = milliseconds_since(begun)
            due = started + (float(moments[target]) - media_start) / speed / 1000.0
            if not paced:
                due = max(due, shown_at + 1.0 / FASTEST_SHOWN_FPS)
            if self._wake.wait(max(0.0, due - time.perf_counter())):
                return
            shown_at = time.perf_counter()
            self._index = target
            self._outbox.put(
                DecodedFrame(self._generation, frame, decode_ms, shown_at, True, self._following)
            )


def _between(info: SourceInfo, index: int, target: int) -> int:
    """Frames that are there between two."""
    away = sum(
        part.frame_count for part in info.parts if part.is_missing and index < part.first < target
    )
    return target - index - 1 - away


def _next_index(
    moments: NDArray[np.float64], index: int, now_ms: float, speed: float, paced: bool
) -> int:
    """The neighbour in playing direction, or the frame the clock asks for where the neighbour's
    turn is over.

    ``moments`` (N,): when each frame's turn is while playing, ms.
    """
    last = len(moments) - 1
    step = 1 if speed > 0 else -1
    neighbour = min(max(index + step, 0), last)
    late = (now_ms - float(moments[neighbour])) * step
    if paced and late <= LATE_MS * abs(speed):
        return neighbour
    wanted = min(max(int(np.searchsorted(moments, now_ms, side="right")) - 1, 0), last)
    return max(neighbour, wanted) if speed > 0 else min(neighbour, wanted)
