"""How long the procedure on screen is read: while it is in front and the reader does something."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QCursor, QWindow
from PySide6.QtWidgets import QApplication

from endoscope_app.base.errors import AppError
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.reading_times import add_seconds
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.worklist import wording
from endoscope_app.worklist.page_switch import PageSwitch

IDLE_S = 60.0
"""Without a key, the mouse, or another frame: nobody reads any more."""
PLAYING_IDLE_S = 300.0
"""While a recording plays it is watched without a key, but not for ever."""
KEEP_EVERY_S = 20.0
TICK_MS = 1000
LONGEST_TICK_S = 5.0
"""A machine that slept in between did not read."""
_ACTS = {
    QEvent.Type.KeyPress,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
}


class ReadingClock:
    """Counts seconds between calls of ``take``; times in s of one clock."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._last: float | None = None
        self._acted = 0.0

    def act(self, now: float) -> None:
        """The reader did something."""
        self._acted = now

    def take(self, now: float, *, in_front: bool, playing: bool) -> None:
        """What passed since the last call counts where it was read."""
        before, self._last = self._last, now
        idle_s = PLAYING_IDLE_S if playing else IDLE_S
        if before is not None and in_front and now - self._acted <= idle_s:
            self.seconds += min(now - before, LONGEST_TICK_S)

    def taken(self) -> float:
        """What was counted, which begins anew."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds


class ReadingTime(QObject):
    """Kept in the library every few seconds, when another procedure comes and when it is left."""

    def __init__(
        self,
        window: WindowPort,
        switch: PageSwitch,
        player: ProcedurePlayer,
        session: LabelSession,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(window.as_widget())
        self.clock = clock
        self._window, self._switch, self._player = window.as_widget(), switch, player
        self._session, self._counted = session, ReadingClock()
        self._of: tuple[str, str, LabelStore] | None = None
        self._watched: QWindow | None = None
        self._seen: tuple[object, ...] = ()
        self._kept_at = clock()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)
        player.opened.connect(self._on_opened)
        switch.worklist_shown.connect(self.keep)

    def close(self) -> None:
        """Keep what is not kept yet (only while closing)."""
        self._timer.stop()
        self.keep()

    def tick(self) -> None:
        """Count what passed since the last one."""
        self._watch()
        now, seen = self.clock(), (QCursor.pos(), self._player.index)
        playing = self._player.playing
        if seen != self._seen and not (playing and self._seen[:1] == seen[:1]):
            self._counted.act(now)
        self._seen = seen
        self._counted.take(now, in_front=self._is_in_front(), playing=playing)
        if now - self._kept_at >= KEEP_EVERY_S:
            self.keep()

    def keep(self) -> None:
        """Into the library; what cannot be written now is counted on."""
        self._kept_at = self.clock()
        if self._of is None or not self._counted.seconds:
            return
        fingerprint, reader, store = self._of
        try:
            with store.writing(wording.THE_READING_TIME) as connection:
                add_seconds(connection, fingerprint, reader, self._counted.seconds)
        except AppError:  # said where a label cannot be written
            return
        self._counted.taken()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys and the mouse, as they come to the window."""
        if event.type() in _ACTS:
            self._counted.act(self.clock())
        return False

    def _watch(self) -> None:
        """The window's handle is there once it was shown: all keys come through it, and few other
        events do.
        """
        handle = self._window.windowHandle()
        if handle is not None and handle is not self._watched:
            handle.installEventFilter(self)
            self._watched = handle

    def _is_in_front(self) -> bool:
        """One of the program's windows is, and the procedure is what they are about."""
        info, session = self._player.info, self._session
        who = None
        if info is not None and not session.not_open_because:
            who = info.fingerprint, session.reader_name(), session.store
        if who != self._of:
            self._begin_anew()
            self._of = who
        shown = QApplication.activeWindow() is not None and not self._switch.is_worklist
        return shown and who is not None

    def _begin_anew(self) -> None:
        """What was counted is of who read until now."""
        self.keep()
        self._counted.taken()
        self._of = None

    def _on_opened(self) -> None:
        self._begin_anew()
        self._counted.act(self.clock())
        self._timer.start()
