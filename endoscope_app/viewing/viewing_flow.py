"""Opening a procedure and moving through it: keys and buttons in, wishes to the playback
thread, frames onto the screen.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from endoscope_app.base.errors import AppError
from endoscope_app.base.time_text import lasting
from endoscope_app.media.first_image import FirstImage
from endoscope_app.media.folder_notes import NestedFolders
from endoscope_app.media.frame_times import ROUNDING_MS, FrameTimes
from endoscope_app.media.opening import OpeningStopped
from endoscope_app.media.source import SourceInfo
from endoscope_app.shell.main_window import EMPTY_HINT, MainWindow
from endoscope_app.viewing.commands import (
    BACK_1,
    BACK_10,
    BACK_SECOND,
    FASTER,
    FIRST,
    FIT,
    FORWARD_1,
    FORWARD_10,
    FORWARD_SECOND,
    LAST,
    NORMAL_SPEED,
    PAUSE,
    PLAY_BACKWARDS,
    PLAY_FORWARDS,
    PLAY_PAUSE,
    SLOWER,
)
from endoscope_app.viewing.inference_thread import ClassifiedFrame, InferenceThread
from endoscope_app.viewing.opening_progress import OpeningProgress
from endoscope_app.viewing.playback_thread import PlaybackThread
from endoscope_app.viewing.recent import RecentFiles

SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0)
SECOND_MS = 1000.0
FASTEST_SHUTTLE = 8.0


class Viewing(QObject):
    """Knows which procedure is open (by generation number) and where in it we are.

    Late answers of an older one are ignored.
    """

    opened = Signal(int, object)  # generation, SourceInfo
    playing_changed = Signal(bool)
    folders_offered = Signal(object)  # NestedFolders: what was to be opened holds several
    frame_arrived = Signal(object)  # ClassifiedFrame

    def __init__(
        self,
        window: MainWindow,
        playback: PlaybackThread,
        inference: InferenceThread,
        recent: RecentFiles,
        *,
        deinterlace: bool,
    ) -> None:
        super().__init__(window)
        self.generation = 0
        self.info: SourceInfo | None = None
        self.speed = 1.0
        self.deinterlace = deinterlace
        self._window = window
        self._playback = playback
        self._inference = inference
        self._recent = recent
        self._playing = 0.0  # signed speed; 0 is paused
        self._wanted = 0  # the frame asked for last; key repeats add to it before the frame arrives
        self._shown = 0  # the frame on screen
        # A step by key must be seen on the timeline, wherever the reader had scrolled it
        self._reveal = False
        self.times = FrameTimes.of(np.zeros(1), np.zeros(0, np.int64))
        # Of every frame: what its label is kept under
        self.stamps: NDArray[np.int64] = np.zeros(1, np.int64)
        self.first_image: FirstImage | None = None
        playback.opened.connect(self._on_opened)
        playback.refused.connect(self._on_refused)
        playback.opening_progressed.connect(self._on_opening_progressed)
        self._opening = OpeningProgress(window.opening_bar)
        window.opening_bar.cancel_requested.connect(playback.cancel_opening)
        playback.playback_ended.connect(self._on_playback_ended)
        inference.frame_classified.connect(self._on_frame_classified)
        self._connect_commands()
        window.transport.set_enabled_for_source(False)

    def _connect_commands(self) -> None:
        window = self._window
        steps = {BACK_1: -1, FORWARD_1: 1, BACK_10: -10, FORWARD_10: 10}
        for command, frames in steps.items():
            window.action(command).triggered.connect(
                lambda _=False, frames=frames: self.step(frames)
            )
        window.action(BACK_SECOND).triggered.connect(lambda: self.step_time(-SECOND_MS))
        window.action(FORWARD_SECOND).triggered.connect(lambda: self.step_time(SECOND_MS))
        window.action(FIRST).triggered.connect(lambda: self.go_to(0))
        window.action(LAST).triggered.connect(self.go_to_last)
        window.action(PLAY_PAUSE).triggered.connect(self.toggle_play)
        window.action(PAUSE).triggered.connect(self.pause)
        window.action(PLAY_FORWARDS).triggered.connect(lambda: self.shuttle(1.0))
        window.action(PLAY_BACKWARDS).triggered.connect(lambda: self.shuttle(-1.0))
        window.action(SLOWER).triggered.connect(lambda: self._change_speed(-1))
        window.action(FASTER).triggered.connect(lambda: self._change_speed(1))
        window.action(NORMAL_SPEED).triggered.connect(lambda: self.set_speed(1.0))
        window.action(FIT).triggered.connect(window.frame_view.fit)
        window.transport.play_toggled.connect(self.toggle_play)
        window.transport.step_requested.connect(self.step)
        window.transport.home_requested.connect(lambda: self.go_to(0))
        window.transport.end_requested.connect(self.go_to_last)
        window.transport.speed_changed.connect(self.set_speed)
        window.timeline.seek_requested.connect(self.go_to)
        window.findings.chosen.connect(self.go_to)
        window.path_dropped.connect(self.open)

    @property
    def index(self) -> int:
        """The frame asked for last."""
        return self._wanted

    @property
    def playing(self) -> bool:
        """Whether frames advance by themselves."""
        return self._playing != 0.0

    def open(self, path: Path, *, stream: int | None = None) -> None:
        """Ask the playback thread for another procedure; the current one stays on screen until the
        answer.

        ``stream``: of a file that holds several; None for the likeliest.
        """
        self._remember_position()
        self.generation += 1
        self._set_playing(0.0)
        self._window.show_message("")
        if self.info is None:
            self._window.frame_view.set_message("Opening…")
        self._opening.begin(path.name)
        self._playback.open(self.generation, path, deinterlace=self.deinterlace, stream=stream)

    def go_to(self, index: int) -> None:
        """Pause on this frame; playing goes on from it."""
        if self.info is None:
            return
        self._wanted = min(max(index, 0), self.info.frame_count - 1)
        if self.playing:
            self._playback.play(self.generation, self._playing, self._wanted)
        else:
            self._playback.show_frame(self.generation, self._wanted)

    @property
    def times_ms(self) -> NDArray[np.float64]:
        """Of every frame, in order."""
        return self.times.times_ms

    def go_to_last(self) -> None:
        """Pause on the last frame."""
        if self.info is not None:
            self.pause()
            self.go_to(self.info.frame_count - 1)

    def step(self, frames: int) -> None:
        """Pause and move by frames."""
        if self.info is not None:
            self._set_playing(0.0)
            self._reveal = True
            self.go_to(self._wanted + frames)

    def step_time(self, milliseconds: float) -> None:
        """Pause and move by recorded time: over a pause of the recorder, and by a frame where
        frames are rarer.
        """
        if self.info is None:
            return
        moments, here = self.times.playing_ms, self._wanted
        there = float(moments[here]) + milliseconds + ROUNDING_MS
        index = max(0, int(np.searchsorted(moments, there, side="right")) - 1)
        index = max(index, here + 1) if milliseconds > 0 else min(index, here - 1)
        self._set_playing(0.0)
        self.go_to(index)

    def toggle_play(self) -> None:
        """Play at the chosen speed, from the start when the end is reached; or pause."""
        if self.info is None:
            return
        if self.playing:
            self.pause()
            return
        at_end = self._wanted >= self.info.frame_count - 1
        self._set_playing(self.speed)
        self._playback.play(self.generation, self.speed, 0 if at_end else self._wanted)

    def pause(self) -> None:
        """Stop on the frame on screen, which is then classified if it was not."""
        if self.info is not None and self.playing:
            self._set_playing(0.0)
            self._playback.show_frame(self.generation, self._wanted)

    def shuttle(self, direction: float) -> None:
        """J and L: play in that direction; pressed again, twice as fast."""
        if self.info is None:
            return
        same = self._playing * direction > 0
        speed = min(abs(self._playing) * 2, FASTEST_SHUTTLE) if same else 1.0
        self._set_playing(direction * speed)
        self._playback.play(self.generation, self._playing, self._wanted)

    def set_speed(self, speed: float) -> None:
        """The speed that Space plays at; applies at once while playing."""
        self.speed = speed
        self._window.transport.set_speed(speed)
        if self.info is not None and self._playing > 0:
            self._set_playing(speed)
            self._playback.play(self.generation, speed)

    def close(self) -> None:
        """Remember where the reader was."""
        self._remember_position()

    def _change_speed(self, by: int) -> None:
        nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - self.speed))
        self.set_speed(SPEEDS[min(max(nearest + by, 0), len(SPEEDS) - 1)])

    def _set_playing(self, signed_speed: float) -> None:
        changed = (signed_speed != 0.0) != self.playing
        self._playing = signed_speed
        self._window.transport.set_playing(signed_speed != 0.0)
        if changed:
            self.playing_changed.emit(self.playing)

    def _remember_position(self) -> None:
        if self.info is not None:
            try:
                self._recent.add(self.info.path, self.info.fingerprint, self._wanted)
            except AppError as error:
                self._window.show_message(str(error))

    def _on_opening_progressed(self, generation: int, share: float) -> None:
        if generation == self.generation:
            self._opening.tell(share)

    def _on_opened(
        self,
        generation: int,
        info: SourceInfo,
        times: FrameTimes,
        stamps: NDArray[np.int64],
        first: FirstImage | None,
    ) -> None:
        if generation != self.generation:
            return
        self._opening.end()
        self.info = info
        window = self._window
        window.setWindowTitle(f"{info.path.name} – Endoscope")
        # The frame of the procedure before must not stand under this one's name
        window.frame_view.clear()
        window.frame_view.set_message("Reading the first frame…")
        window.transport.set_enabled_for_source(True)
        window.show_message(" ".join(info.notes))
        self._wanted, self.times, self.stamps, self.first_image = 0, times, stamps, first
        start = self._recent.position(info.fingerprint)
        self._remember_position()
        self.opened.emit(generation, info)
        if start:
            self.go_to(start)

    def _on_refused(self, generation: int, error: AppError) -> None:
        if generation != self.generation:
            return
        self._opening.end()
        self._set_playing(0.0)
        if self.info is None:
            self._window.frame_view.set_message(EMPTY_HINT)
        if isinstance(error, OpeningStopped):
            return
        self._window.show_message(str(error))
        if isinstance(error, NestedFolders):
            self.folders_offered.emit(error)

    def _on_playback_ended(self, generation: int) -> None:
        if generation == self.generation:
            self._set_playing(0.0)

    def _on_frame_classified(self) -> None:
        arrived: ClassifiedFrame | None = self._inference.results.take_now()
        if arrived is None or arrived.decoded.generation != self.generation or self.info is None:
            return
        frame = arrived.decoded.frame
        if self.playing:
            self._say_pause(self._shown, frame.index)
        self._shown = frame.index
        # While paused the wish may already be ahead of this frame (a held key): it must not be
        # pulled back.
        if self.playing:
            self._wanted = frame.index
        self._window.transport.set_position(
            frame.index,
            frame.time_ms,
            self.info.frame_count,
            self.info.duration_ms,
            self._pause_beside(frame.index),
        )
        self._window.timeline.set_current(frame.index)
        if self._reveal:
            self._reveal = False
            self._window.timeline.reveal_current()
        self.frame_arrived.emit(arrived)

    def _say_pause(self, before: int, now: int) -> None:
        """Playing passes over the recorder's pauses, and says so."""
        paused_ms = self.times.paused_between(min(before, now), max(before, now))
        if paused_ms > 0:
            self._window.frame_view.echo.show_act(
                f"The recorder paused here for {lasting(paused_ms)}"
            )

    def _pause_beside(self, index: int) -> str:
        """What to say of a frame that a pause of the recorder follows or precedes."""
        after, before = (
            self.times.paused_between(index, index + 1),
            self.times.paused_between(index - 1, index),
        )
        if after > 0:
            return f"then the recorder paused for {lasting(after)}"
        return f"after a pause of {lasting(before)}" if before > 0 else ""
