"""Findings of the frames that are known, searched beside the window's thread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from endoscope_app.analysis.analysis_view import AnalysisView
from endoscope_app.analysis.findings import Finding, find_findings
from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.errors import AppError
from endoscope_app.base.settings import Settings
from endoscope_app.base.window_port import Banner
from endoscope_app.media.frame_times import FrameTimes


class FindingSearch(QObject):
    """Findings are a view of the probabilities: other settings, and they are searched again."""

    def __init__(
        self,
        tasks: Tasks,
        settings: CurrentSettings,
        view: AnalysisView,
        banner: Banner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._settings, self._view, self._banner = tasks, settings, view, banner
        self._timeline: Timeline | None = None
        self._times = FrameTimes.of(np.zeros(0), np.zeros(0, np.int64))
        self._thresholds: NDArray[np.float64] = np.zeros(0)
        self._generation = 0
        settings.changed.connect(self._on_settings_changed)

    def forget(self) -> None:
        """Another procedure or model: what is on its way is not shown."""
        self._generation += 1
        self._timeline = None

    def search(
        self, timeline: Timeline, times: FrameTimes, thresholds: NDArray[np.float64]
    ) -> None:
        """Show what is found in the frames of ``timeline`` that are known now.

        ``thresholds`` (C,): from which probability on a class is named.
        """
        self._timeline, self._times, self._thresholds = timeline, times, thresholds
        self._begin()

    def _begin(self) -> None:
        timeline = self._timeline
        if timeline is None or not timeline.known_count:
            return
        times, thresholds, settings = self._times, self._thresholds, self._settings.now
        raw, known, generation = timeline.raw.copy(), timeline.known.copy(), self._generation

        def work() -> list[Finding]:
            return find_findings(
                raw.astype(np.float32),
                known,
                thresholds,
                times,
                settings.smoothing_s,
                settings.minimum_finding_s,
            )

        def show(findings: list[Finding]) -> None:
            if generation == self._generation:
                self._view.show_findings(findings)

        self._tasks.run(work, show, self._on_failed)

    def _on_failed(self, error: AppError) -> None:
        self._banner.show_message(str(error))

    def _on_settings_changed(self, before: Settings, now: Settings) -> None:
        if (before.smoothing_s, before.minimum_finding_s) != (
            now.smoothing_s,
            now.minimum_finding_s,
        ):
            self._begin()
