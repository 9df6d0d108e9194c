"""Everything that opens a procedure and moves through it, built in one place."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMenu

from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.window_port import WindowPort
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.goto_flow import GotoFlow
from endoscope_app.viewing.heat_map_panel import HeatMapPanel
from endoscope_app.viewing.heat_map_settings import HeatMapSettings
from endoscope_app.viewing.live_pipeline import LivePipeline
from endoscope_app.viewing.look_flow import LookFlow
from endoscope_app.viewing.loop import Loop
from endoscope_app.viewing.opening_bar import OpeningBar
from endoscope_app.viewing.opening_choice import OpeningChoice
from endoscope_app.viewing.player_controls import connect_controls
from endoscope_app.viewing.procedure_choice import ProcedureChoice
from endoscope_app.viewing.procedure_player import ProcedurePlayer
from endoscope_app.viewing.recent import RecentFiles
from endoscope_app.viewing.transport_bar import TransportBar


class ViewingRoom:
    """``viewing`` knows what is open; ``pipeline`` brings its frames."""

    def __init__(
        self,
        window: WindowPort,
        settings: CurrentSettings,
        *,
        recent_file: Path,
        recent_menu: QMenu,
        frame_view: FrameView,
        transport: TransportBar,
        opening_bar: OpeningBar,
        heat_map_panel: HeatMapPanel,
    ) -> None:
        """``recent_file``: where the procedures are kept that were open before."""
        self.recent = RecentFiles(recent_file)
        self.pipeline = LivePipeline()
        self.player = ProcedurePlayer(
            window,
            self.pipeline.playback,
            self.pipeline.inference,
            self.recent,
            settings,
            frame_view=frame_view,
            transport=transport,
            opening_bar=opening_bar,
        )
        connect_controls(window, self.player, frame_view=frame_view, transport=transport)
        self.heat_map_settings = HeatMapSettings(
            window, settings, panel=heat_map_panel, frame_view=frame_view
        )
        self.opening_choice = OpeningChoice(window, self.player)
        self.goto = GotoFlow(window, self.player)
        self.look = LookFlow(window, frame_view)
        self.loop = Loop(window, self.player, transport=transport)
        self.choice = ProcedureChoice(window, self.recent, recent_menu=recent_menu)
        self.choice.chosen.connect(self.player.open)
