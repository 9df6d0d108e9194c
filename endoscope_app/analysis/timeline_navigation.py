"""Going to places that the timeline shows, and zooming it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from endoscope_app.analysis.commands import TIMELINE_IN, TIMELINE_OUT
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.base.window_port import WindowPort
from endoscope_app.viewing.procedure_player import ProcedurePlayer

ZOOM = 1.5


class TimelineNavigation(QObject):
    """The frame on screen and the timeline's mark are the same place."""

    def __init__(
        self, window: WindowPort, player: ProcedurePlayer, *, timeline_view: TimelineView
    ) -> None:
        super().__init__(window.as_widget())
        self._player, self._timeline_view = player, timeline_view
        player.frame_shown.connect(timeline_view.set_current)
        player.revealed.connect(timeline_view.reveal_current)
        timeline_view.seek_requested.connect(player.go_to)
        window.action(TIMELINE_IN).triggered.connect(lambda: self._zoom(ZOOM))
        window.action(TIMELINE_OUT).triggered.connect(lambda: self._zoom(1 / ZOOM))

    def _zoom(self, factor: float) -> None:
        self._timeline_view.zoom(factor, self._player.index)
