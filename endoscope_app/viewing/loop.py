"""A stretch that plays again and again, from A to B."""

from __future__ import annotations

from PySide6.QtCore import QObject

from endoscope_app.base.window_port import WindowPort
from endoscope_app.base.wording import NO_PROCEDURE_OPEN, tenths
from endoscope_app.viewing import wording
from endoscope_app.viewing.commands import LOOP_END, LOOP_FROM, LOOP_TO
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.viewing.transport_bar import TransportBar

_LEAST = 2
"""Frames: fewer are no stretch."""


class Loop(QObject):
    """A marks where it begins, B where it ends and plays it; another procedure has none."""

    def __init__(
        self, window: WindowPort, player: ProcedurePlayer, *, transport: TransportBar
    ) -> None:
        super().__init__(window.as_widget())
        self._banner, self._player, self._transport = window.banner, player, transport
        self._first: int | None = None
        self._last: int | None = None
        window.action(LOOP_FROM).triggered.connect(self._on_from)
        window.action(LOOP_TO).triggered.connect(self._on_to)
        window.action(LOOP_END).triggered.connect(self._end)
        player.opened.connect(self._end)
        player.frame_shown.connect(self._on_frame_shown)
        player.played_out.connect(self._on_played_out)

    def _on_from(self) -> None:
        if self._is_open():
            self._first, self._last = self._player.index, None
            self._show()

    def _on_to(self) -> None:
        if not self._is_open():
            return
        here = self._player.index
        first = 0 if self._first is None else self._first
        if abs(here - first) < _LEAST:
            self._banner.show_remark(wording.LOOP_TOO_SHORT)
            return
        # Not the last frame of all: playback would end there before it can begin again
        self._first, self._last = min(first, here), max(first, here)
        if self._last == self._player.last_index:
            self._last -= 1
        self._show()
        self._begin_again()

    def _end(self) -> None:
        self._first = self._last = None
        self._show()

    def _is_open(self) -> bool:
        if self._player.info is None:
            self._banner.show_remark(NO_PROCEDURE_OPEN)
        return self._player.info is not None

    def _on_frame_shown(self, index: int) -> None:
        # A reader who steps elsewhere is let be
        if self._first is None or self._last is None or not self._player.playing:
            return
        if self._player.backwards:
            if index <= self._first:
                self._player.go_to(self._last)
        elif index >= self._last:
            self._player.go_to(self._first)

    def _on_played_out(self) -> None:
        """The frame at which it would begin again was left out, or comes after this."""
        if self._first is None or self._last is None:
            return
        if self._first - 1 <= self._player.index <= self._last + 1:
            self._player.go_to(self._last if self._player.backwards else self._first)

    def _begin_again(self) -> None:
        if self._first is not None and self._last is not None:
            self._player.go_to(self._first)
            if not self._player.playing:
                self._player.toggle_play()

    def _show(self) -> None:
        begins, ends = self._place(self._first), self._place(self._last)
        self._transport.set_loop(wording.loop(begins, ends) if begins else "")

    def _place(self, index: int | None) -> str:
        if index is None:
            return ""
        info = self._player.info
        if info is not None and info.kind == "video":
            return tenths(float(self._player.times_ms[index]))
        return str(index)
