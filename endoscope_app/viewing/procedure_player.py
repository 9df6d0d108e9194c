"""Opening a procedure and moving through it.

Wishes go to the playback thread, frames come onto the screen.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.errors import AppError
from endoscope_app.base.log import LOG
from endoscope_app.base.settings import Settings
from endoscope_app.base.window_port import WindowPort
from endoscope_app.media.first_image import FirstImage
from endoscope_app.media.folder_notes import NestedFolders
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.media.source import SharedFrames, SourceInfo
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.inference_thread import ClassifiedFrame, InferenceThread
from endoscope_app.viewing.opening_bar import OpeningBar
from endoscope_app.viewing.opening_screen import OpeningScreen
from endoscope_app.viewing.pause_notes import beside, passed
from endoscope_app.viewing.play_speeds import neighbour, shuttled
from endoscope_app.viewing.playback_thread import PlaybackThread
from endoscope_app.viewing.recent import RecentFiles
from endoscope_app.viewing.transport_bar import TransportBar


class ProcedurePlayer(QObject):
    """Knows which procedure is open (by generation number) and where in it we are.

    What comes late of an older one is ignored. Settings that need it open the procedure again.
    """

    opened = Signal(int, object)  # generation, SourceInfo
    playing_changed = Signal(bool)
    played_out = Signal()  # the end is reached; who goes elsewhere now lets it play on
    refused = Signal(object, object)  # Path, AppError: OpeningStopped where it was cancelled
    folders_offered = Signal(object)  # NestedFolders: what was to be opened holds several
    frame_arrived = Signal(object)  # ClassifiedFrame
    frame_shown = Signal(int)  # the place in the procedure that the screen shows
    revealed = Signal()  # ... after a step by key: it must be seen wherever the reader had scrolled

    def __init__(
        self,
        window: WindowPort,
        playback: PlaybackThread,
        inference: InferenceThread,
        recent: RecentFiles,
        settings: CurrentSettings,
        *,
        frame_view: FrameView,
        transport: TransportBar,
        opening_bar: OpeningBar,
    ) -> None:
        super().__init__(window.as_widget())
        self.generation = 0
        self.frames: SharedFrames | None = None  # of the procedure that is open
        self.speed = 1.0
        self._window, self._settings = window, settings
        self._view, self._transport = frame_view, transport
        self._opening = OpeningScreen(
            window, bar=opening_bar, frame_view=frame_view, transport=transport
        )
        self._playback = playback
        self._inference = inference
        self._recent = recent
        self._playing = 0.0  # signed speed; 0 is paused
        self._wanted = 0  # the frame asked for last; key repeats add to it before the frame arrives
        self._shown = 0  # the frame on screen
        self._asked = Path()  # what was to be opened last
        self._closed = False
        self._answered = 0  # the generation that was opened, or refused, last
        self._early: ClassifiedFrame | None = None  # came before the answer did
        # A step by key must be seen on the timeline, wherever the reader had scrolled it
        self._reveal = False
        self.times = FrameTimes.of(np.zeros(1), np.zeros(0, np.int64))
        # Of every frame: what its label is kept under
        self.stamps: NDArray[np.int64] = np.zeros(1, np.int64)
        self.first_image: FirstImage | None = None
        playback.opened.connect(self._on_opened)
        playback.refused.connect(self._on_refused)
        playback.opening_progressed.connect(self._on_opening_progressed)
        opening_bar.cancel_requested.connect(playback.cancel_opening)
        playback.playback_ended.connect(self._on_playback_ended)
        inference.frame_classified.connect(self._on_frame_classified)
        inference.failed.connect(self._on_inference_failed)
        settings.changed.connect(self._on_settings_changed)

    @property
    def info(self) -> SourceInfo | None:
        """Of the procedure that is open."""
        return self.frames.info if self.frames is not None else None

    @property
    def index(self) -> int:
        """The frame asked for last."""
        return self._wanted

    @property
    def playing(self) -> bool:
        """Whether frames advance by themselves."""
        return self._playing != 0.0

    @property
    def backwards(self) -> bool:
        """Whether they advance against time."""
        return self._playing < 0

    @property
    def last_index(self) -> int:
        """Of the last frame; -1 where nothing is open."""
        return self.info.frame_count - 1 if self.info is not None else -1

    @property
    def deinterlace(self) -> bool:
        """Whether interlaced video is made whole, as the settings say."""
        return self._settings.now.deinterlace

    def open(self, path: Path, *, stream: int | None = None) -> None:
        """Ask the playback thread for another procedure; the current one stays on screen until the
        answer.

        ``stream``: of a file that holds several; None for the likeliest.
        """
        self._remember_position()
        self.generation += 1
        self._set_playing(0.0)
        self._asked = path
        self._opening.begin(path.name, is_first=self.info is None)
        self._playback.open(self.generation, path, deinterlace=self.deinterlace, stream=stream)

    def open_at(self, path: Path, fingerprint: str, index: int) -> None:
        """Open a procedure that was seen before, at this frame."""
        self._recent.add(path, fingerprint, index)
        self.open(path)

    def go_to(self, index: int) -> None:
        """Pause on this frame, or the next where its file is away; playing continues from it."""
        if self.info is None:
            return
        wanted = min(max(index, 0), self.info.frame_count - 1)
        self._wanted = self.info.present(wanted, 1 if wanted >= self._wanted else -1)
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
        self._set_playing(0.0)
        self.go_to(self.times.moved(self._wanted, milliseconds))

    def toggle_play(self) -> None:
        """Play at the chosen speed, from the start when the end is reached; or pause."""
        if self.info is None:
            return
        if self.playing:
            self.pause()
            return
        at_end = self._wanted >= self.info.present(self.info.frame_count - 1, 1)
        self._set_playing(self.speed)
        self._playback.play(self.generation, self.speed, 0 if at_end else self._wanted)

    def pause(self) -> None:
        """Stop on the frame on screen, which is then classified if it was not."""
        if self.info is not None and self.playing:
            self._set_playing(0.0)
            self._playback.show_frame(self.generation, self._wanted)

    def shuttle(self, direction: float) -> None:
        """J and L: play in that direction at the chosen speed; pressed again, twice as fast."""
        if self.info is None:
            return
        self._set_playing(shuttled(self._playing, direction, self.speed))
        self._playback.play(self.generation, self._playing, self._wanted)

    def set_speed(self, speed: float) -> None:
        """The speed that Space plays at; applies at once while playing."""
        self.speed = speed
        self._transport.set_speed(speed)
        if self.info is not None and self._playing > 0:
            self._set_playing(speed)
            self._playback.play(self.generation, speed)

    def change_speed(self, by: int) -> None:
        """One step of the speeds faster (1) or slower (-1)."""
        self.set_speed(neighbour(self.speed, by))

    def close(self) -> None:
        """Remember where the reader was; a procedure that is opened meanwhile comes too late."""
        self._remember_position()
        self._closed = True

    def _set_playing(self, signed_speed: float) -> None:
        changed = (signed_speed != 0.0) != self.playing
        self._playing = signed_speed
        self._transport.set_playing(signed_speed != 0.0)
        if changed:
            self.playing_changed.emit(self.playing)

    def _remember_position(self) -> None:
        if self.info is not None:
            try:
                self._recent.add(self.info.path, self.info.fingerprint, self._wanted)
            except AppError as error:
                self._window.banner.show_message(str(error))

    def _on_opening_progressed(self, generation: int, share: float) -> None:
        if generation == self.generation:
            self._opening.show_progress(share)

    def _on_opened(
        self,
        generation: int,
        frames: SharedFrames,
        times: FrameTimes,
        stamps: NDArray[np.int64],
        first: FirstImage | None,
    ) -> None:
        if generation != self.generation or self._closed:
            return
        self._answered = generation
        self.frames, info = frames, frames.info
        LOG.info("opened a %s of %d frames", info.kind, info.frame_count)
        self._opening.show_opened(info)
        self._wanted, self.times, self.stamps, self.first_image = 0, times, stamps, first
        start = self._recent.position(info.fingerprint)
        self._remember_position()
        self.opened.emit(generation, info)
        if start:
            self.go_to(start)
        self._take_early()

    def _on_refused(self, generation: int, error: AppError) -> None:
        if generation != self.generation:
            return
        self._answered = generation
        self._set_playing(0.0)
        self._opening.show_refused(error, is_first=self.info is None)
        self.refused.emit(self._asked, error)
        self._take_early()
        if isinstance(error, NestedFolders):
            self.folders_offered.emit(error)

    def _on_inference_failed(self, error: AppError) -> None:
        self._window.banner.show_message(str(error))

    def _on_settings_changed(self, before: Settings, now: Settings) -> None:
        if before.deinterlace != now.deinterlace and self.info is not None:
            self.open(self.info.path, stream=self.info.stream)

    def _on_playback_ended(self, generation: int, wish: int) -> None:
        if generation != self.generation or wish != self._playback.newest:
            return
        self.played_out.emit()
        if wish == self._playback.newest:
            self._set_playing(0.0)

    def _has_been_left(self, arrived: ClassifiedFrame) -> bool:
        """Whether it was on its way when playing went on from elsewhere."""
        wish = arrived.decoded.wish
        return self.playing and wish is not None and wish < self._playback.jumped

    def _on_frame_classified(self) -> None:
        arrived: ClassifiedFrame | None = self._inference.results.take_now()
        if arrived is None or arrived.decoded.generation != self.generation:
            return
        # The newest frame is taken, whichever it was told of: a frame of the procedure that was
        # open may bring the first one of the next before that is known to be open
        self._early = arrived
        if self._answered == self.generation:
            self._take_early()

    def _take_early(self) -> None:
        arrived, self._early = self._early, None
        if (
            arrived is not None
            and self.info is not None
            and arrived.decoded.generation == self.generation
            and not self._has_been_left(arrived)
        ):
            self._show(arrived)

    def _show(self, arrived: ClassifiedFrame) -> None:
        if self.info is None:
            return
        frame = arrived.decoded.frame
        if self.playing:
            note = passed(self.times, self._shown, frame.index)
            if note:
                self._view.echo.show_act(note)
        self._shown = frame.index
        # While paused the wish may already be ahead of this frame (a held key): it must not be
        # pulled back.
        if self.playing:
            self._wanted = frame.index
        if self.info.kind == "video":
            self._transport.set_position(
                frame.index,
                frame.time_ms,
                self.info.frame_count,
                self.info.duration_ms,
                beside(self.times, frame.index),
            )
        else:
            self._transport.set_still(frame.index, self.info.frame_count)
        self.frame_shown.emit(frame.index)
        if self._reveal:
            self._reveal = False
            self.revealed.emit()
        self.frame_arrived.emit(arrived)
