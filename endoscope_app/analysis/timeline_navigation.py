"""Going to places that the timeline and the findings show, and zooming the timeline."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from PySide6.QtCore import QObject

from endoscope_app.analysis import wording
from endoscope_app.analysis.analysis_view import AnalysisView
from endoscope_app.analysis.commands import (
    NEXT_FINDING,
    PREVIOUS_FINDING,
    TIMELINE_IN,
    TIMELINE_OUT,
)
from endoscope_app.analysis.findings_list import FindingsList
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.base.window_port import WindowPort
from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.viewing.procedure_player import ProcedurePlayer

ZOOM = 1.5


class TimelineNavigation(QObject):
    """The frame on screen and the timeline's mark are the same place."""

    def __init__(
        self,
        window: WindowPort,
        player: ProcedurePlayer,
        view: AnalysisView,
        *,
        timeline_view: TimelineView,
        findings_list: FindingsList,
    ) -> None:
        super().__init__(window.as_widget())
        self._player, self._view, self._timeline_view = player, view, timeline_view
        self._banner = window.banner
        player.frame_shown.connect(timeline_view.set_current)
        player.revealed.connect(timeline_view.reveal_current)
        timeline_view.seek_requested.connect(player.go_to)
        findings_list.chosen.connect(player.go_to)
        window.action(TIMELINE_IN).triggered.connect(lambda: self._zoom(ZOOM))
        window.action(TIMELINE_OUT).triggered.connect(lambda: self._zoom(1 / ZOOM))
        window.action(NEXT_FINDING).triggered.connect(lambda: self._go_to_finding(1))
        window.action(PREVIOUS_FINDING).triggered.connect(lambda: self._go_to_finding(-1))

    def _zoom(self, factor: float) -> None:
        self._timeline_view.zoom(factor, self._player.index)

    def _go_to_finding(self, direction: int) -> None:
        """The next (1) or previous (-1) finding that may be seen, or why there is none."""
        if self._player.info is None:
            self._banner.show_remark(NO_PROCEDURE_OPEN)
            return
        if not self._view.visible:
            self._banner.show_remark(f"{wording.FINDINGS_HIDDEN}.")
            return
        starts = [item.start for item in self._view.findings]
        here = self._player.index
        at = bisect_right(starts, here) if direction > 0 else bisect_left(starts, here) - 1
        if 0 <= at < len(starts):
            self._player.go_to(starts[at])
        else:
            self._banner.show_remark(wording.no_finding_further(direction > 0))
