"""Findings of the frames that are known, searched beside the window's thread."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject

from endoscope_app.analysis.analysis_view import AnalysisView
from endoscope_app.analysis.finding_joining import join_findings
from endoscope_app.analysis.findings import Finding, find_findings, still_findings
from endoscope_app.analysis.quality.frame_measures import FrameMeasures
from endoscope_app.analysis.quality.image_quality import ImageQuality, judged
from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.errors import AppError
from endoscope_app.base.settings import Settings
from endoscope_app.base.window_port import Banner
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.viewing.classifier import Classifier


class FindingSearch(QObject):
    """Findings are a view of the probabilities: with another averaging the runs in them are
    searched again; other lengths only join and choose from the same runs, which is done at once.
    Frames that are not usable are no part of any, unless the settings say otherwise; stills always
    are, because somebody chose each of them.
    """

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
        self._times: FrameTimes | None = None
        self._measures = FrameMeasures.none(0)
        self._classifier: Classifier | None = None
        self._generation = 0
        self._runs: list[Finding] | None = None  # until they were searched
        settings.changed.connect(self._on_settings_changed)

    def forget(self) -> None:
        """Another procedure or model: what is on its way is not shown."""
        self._generation += 1
        self._timeline = None
        self._runs = None

    def search(
        self,
        timeline: Timeline,
        measures: FrameMeasures,
        times: FrameTimes | None,
        classifier: Classifier,
    ) -> None:
        """Show what is found in the frames of ``timeline`` that are known now, and how good the
        images are.

        ``times``: None for stills, each of which is a finding by itself.
        """
        self._timeline, self._measures = timeline, measures
        self._times, self._classifier = times, classifier
        self._begin()

    def _begin(self) -> None:
        timeline, classifier = self._timeline, self._classifier
        if timeline is None or classifier is None or not timeline.known_count:
            return
        times, thresholds, classes = self._times, classifier.thresholds, classifier.classes
        groups = classifier.columns
        smoothing_s, usable_only = self._settings.now.smoothing_s, self._settings.now.usable_only
        raw, known, generation = timeline.raw.copy(), timeline.known.copy(), self._generation
        measures = self._measures.copy()

        def work() -> tuple[list[Finding], ImageQuality]:
            quality, plain, counted = (
                ImageQuality.of(measures, times),
                raw.astype(np.float32),
                known,
            )
            if times is None:
                return still_findings(plain, known, thresholds, groups), quality
            if usable_only:
                plain, counted = judged(plain, known, quality.kinds, classes)
            runs = find_findings(plain, counted, thresholds, times, smoothing_s, 0.0, groups)
            return runs, quality

        def show(found: tuple[list[Finding], ImageQuality]) -> None:
            if generation == self._generation:
                self._runs, quality = found
                self._view.show_quality(quality)
                self._show()

        self._tasks.run(work, show, self._on_failed)

    def _show(self) -> None:
        if self._runs is None or self._classifier is None:
            return
        groups = self._classifier.columns
        settings, times = self._settings.now, self._times
        self._view.show_findings(
            self._runs
            if times is None
            else join_findings(
                self._runs, times, settings.joining_s, settings.minimum_finding_s, groups
            )
        )

    def _on_failed(self, error: AppError) -> None:
        self._banner.show_message(str(error))

    def _on_settings_changed(self, before: Settings, now: Settings) -> None:
        if (before.smoothing_s, before.usable_only) != (now.smoothing_s, now.usable_only):
            self._begin()
        elif (before.joining_s, before.minimum_finding_s) != (
            now.joining_s,
            now.minimum_finding_s,
        ):
            self._show()
