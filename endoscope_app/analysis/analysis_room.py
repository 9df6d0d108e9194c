"""Everything around the analysis of the whole procedure, built in one place."""

from __future__ import annotations

from pathlib import Path

from endoscope_app.analysis.analysis_progress import AnalysisProgress
from endoscope_app.analysis.analysis_view import AnalysisView
from endoscope_app.analysis.embedding_store import EmbeddingStore
from endoscope_app.analysis.hover_images import HoverImages
from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.analysis.timeline_lanes import TimelineLanes
from endoscope_app.analysis.timeline_legend import LegendFlow
from endoscope_app.analysis.timeline_navigation import TimelineNavigation
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.window_port import WindowPort
from endoscope_app.viewing.class_names import ClassNames
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.procedure_player import ProcedurePlayer


class AnalysisRoom:
    """``flow`` analyses, ``view`` shows it, ``navigation`` goes where it points."""

    def __init__(
        self,
        window: WindowPort,
        tasks: Tasks,
        settings: CurrentSettings,
        names: ClassNames,
        player: ProcedurePlayer,
        *,
        predictions: Path | None,
        timeline_view: TimelineView,
        progress: AnalysisProgress,
        frame_view: FrameView,
    ) -> None:
        """``predictions``: the folder where analyses are kept; None for nowhere."""
        self.view = AnalysisView(
            settings,
            names,
            timeline_view=timeline_view,
            parent=window.as_widget(),
        )
        self.flow = ProcedureAnalysis(
            window,
            tasks,
            PredictionStore(predictions) if predictions is not None else None,
            settings,
            self.view,
            progress=progress,
            frame_view=frame_view,
            embeddings=EmbeddingStore(predictions) if predictions is not None else None,
        )
        self._lanes = TimelineLanes(window, settings, timeline_view=timeline_view)
        self.hover_images = HoverImages(
            player, timeline_view=timeline_view, parent=window.as_widget()
        )
        self._legend = LegendFlow(window, timeline_view=timeline_view)
        self.navigation = TimelineNavigation(window, player, timeline_view=timeline_view)
        player.playing_changed.connect(self.flow.give_way)
