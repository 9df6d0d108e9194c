"""The analysis on the timeline, and what is found in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from endoscope_app.analysis.findings import Finding
from endoscope_app.analysis.quality.image_quality import ImageQuality
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.analysis.timeline_data import Timeline
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.settings import Settings
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.viewing.class_names import ClassNames
from endoscope_app.viewing.classifier import Classifier


class AnalysisView(QObject):
    """Where the settings hide the model, the timeline stays empty; what is hidden is kept all the
    same.

    ``findings``: hidden or not, by time. ``quality``: of the images, which is no word of the model
    and always shown; None while nothing is known of it. ``coverage``: of how much of the procedure
    the findings are, in a few words; empty where every frame was analysed.
    """

    findings_changed = Signal()  # others were found, or they may be seen now, or no longer

    def __init__(
        self,
        settings: CurrentSettings,
        names: ClassNames,
        *,
        timeline_view: TimelineView,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.findings: Sequence[Finding] = ()
        self.quality: ImageQuality | None = None
        self.coverage = ""
        self._withheld = False
        self._settings, self._names = settings, names
        self._timeline_view = timeline_view
        self._classifier: Classifier | None = None
        self._colours: Sequence[QColor] = ()
        self._timeline: Timeline | None = None
        self._times: FrameTimes | None = None
        names.changed.connect(self._show_again)
        settings.changed.connect(self._on_settings_changed)

    @property
    def visible(self) -> bool:
        """Whether the reader may see what the model says of the whole procedure."""
        return not self._withheld and self._settings.now.model_always_shown

    @property
    def withheld(self) -> bool:
        """Whether nothing of it is shown, whatever the settings say."""
        return self._withheld

    def withhold(self, withheld: bool) -> None:
        """Show nothing of it, whatever the settings say."""
        if withheld != self._withheld:
            self._withheld = withheld
            self._show_again()

    def use(self, classifier: Classifier, colours: Sequence[QColor]) -> None:
        """Show this model's classes, in these colours, from now on."""
        self._classifier, self._colours = classifier, colours

    def clear(self) -> None:
        """Another procedure or model: nothing is known yet."""
        self._timeline = None
        self.coverage = ""
        self.show_quality(None)
        self.show_findings(())
        self._timeline_view.set_timeline(None, (), ())

    def show_timeline(
        self, timeline: Timeline, times: FrameTimes | None, *, keep_view: bool = False
    ) -> None:
        """``times``: when each frame was recorded; None for stills. ``keep_view``: zoom stays."""
        self._timeline, self._times = timeline, times
        if self._classifier is None:
            return
        shown = timeline
        if not self.visible:
            shown = Timeline(
                timeline.frame_count, timeline.class_count, self._classifier.thresholds
            )
        names = self._names.all(self._classifier.classes)
        self._timeline_view.set_timeline(shown, names, self._colours, times, keep_view=keep_view)
        self.show_damage()

    def show_growth(self) -> None:
        """More frames of the timeline are known."""
        if self.visible:
            self._timeline_view.timeline_changed()

    def show_damage(self) -> None:
        """Where frames are not as they were recorded."""
        if self._timeline is not None:
            self._timeline_view.set_damaged(np.flatnonzero(self._timeline.damaged).astype(np.int64))

    def show_quality(self, quality: ImageQuality | None) -> None:
        """``show_findings`` follows, which tells of it."""
        self.quality = quality
        self._timeline_view.set_quality(quality)

    def show_coverage(self, coverage: str) -> None:
        """``show_findings`` follows, or has nothing to show yet."""
        if coverage != self.coverage:
            self.coverage = coverage
            if not self.findings:
                self.findings_changed.emit()

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """In order of time."""
        self.findings = findings
        self._timeline_view.set_findings(list(findings) if self.visible else [])
        self.findings_changed.emit()

    def _show_again(self) -> None:
        if self._timeline is not None:
            self.show_timeline(self._timeline, self._times, keep_view=True)
        self.show_findings(self.findings)

    def _on_settings_changed(self, before: Settings, now: Settings) -> None:
        if before.model_always_shown != now.model_always_shown:
            self._show_again()
