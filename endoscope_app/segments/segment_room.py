"""Everything around segments, built in one place and closed in order."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from endoscope_app.analysis.analysis_room import AnalysisRoom
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_room import LabelRoom
from endoscope_app.segments.bookmark_tray import BookmarkTray
from endoscope_app.segments.commands import ACCEPT_CLASS, BOOKMARK, FINISH_REVIEW, WRITE
from endoscope_app.segments.segment_decisions import SegmentDecisions
from endoscope_app.segments.segment_images import SegmentImages
from endoscope_app.segments.segment_jumps import SegmentJumps
from endoscope_app.segments.segment_menu import SegmentMenu
from endoscope_app.segments.segment_notes import SegmentNotes
from endoscope_app.segments.segment_playback import SegmentPlayback
from endoscope_app.segments.segment_view import SegmentView
from endoscope_app.segments.segments_panel import SegmentsPanel
from endoscope_app.segments.tray_view import TrayView
from endoscope_app.viewing.procedure_player import ProcedurePlayer


class SegmentRoom:
    """``view`` keeps the list in step, ``jumps`` leads through it, ``decisions`` and ``notes``
    write.
    """

    def __init__(
        self,
        window: WindowPort,
        panel: SegmentsPanel,
        tray: BookmarkTray,
        image: QWidget,
        player: ProcedurePlayer,
        analysis: AnalysisRoom,
        labels: LabelRoom,
        settings: CurrentSettings,
    ) -> None:
        """``image``: gets the keyboard back from the list and the tray."""
        desk = LabelDesk(window, player, labels.session, labels.procedure)
        self.view = SegmentView(
            desk, panel, analysis.flow, analysis.view, labels.procedure_labels, settings
        )
        playback = SegmentPlayback(desk, panel, self.view)
        self.jumps = SegmentJumps(desk, panel, self.view, playback, image)
        self.decisions = SegmentDecisions(
            desk, panel, labels.writer, analysis.flow, self.view, self.jumps
        )
        self.notes = SegmentNotes(desk, panel, self.view, labels.writer)
        self.tray = TrayView(desk, tray, labels.procedure_labels, self.notes, image)
        self._menu = SegmentMenu(desk, panel.list)
        self._images = SegmentImages(desk, panel.list, analysis.flow, settings)
        panel.set_keys_allowed(labels.key_guard.allows)
        tray.list.keys_allowed = labels.key_guard.allows
        labels.key_guard.watch((ACCEPT_CLASS, BOOKMARK, WRITE, FINISH_REVIEW))

    def close(self) -> None:
        """Stop what runs in the background and wait for it (only while closing)."""
        self.notes.close()
        self.view.close()
        self._images.close()
        self.tray.close()
