"""Which lanes the timeline shows of the images: the View menu, the settings and the timeline always
say the same.
"""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject

from endoscope_app.analysis.commands import COLOUR_LANE, QUALITY_LANE
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.window_port import WindowPort


class TimelineLanes(QObject):
    """Nothing is shown before something is measured."""

    def __init__(
        self, window: WindowPort, settings: CurrentSettings, *, timeline_view: TimelineView
    ) -> None:
        super().__init__(window.as_widget())
        self._settings, self._timeline_view = settings, timeline_view
        self._quality, self._colours = window.action(QUALITY_LANE), window.action(COLOUR_LANE)
        self._show()
        settings.changed.connect(self._show)
        self._quality.toggled.connect(self._on_quality)
        self._colours.toggled.connect(self._on_colours)

    def _show(self) -> None:
        now = self._settings.now
        self._quality.setChecked(now.quality_lane)
        self._colours.setChecked(now.colour_lane)
        self._timeline_view.set_image_lanes(quality=now.quality_lane, colours=now.colour_lane)

    def _on_quality(self, shown: bool) -> None:
        self._settings.take(msgspec.structs.replace(self._settings.now, quality_lane=shown))

    def _on_colours(self, shown: bool) -> None:
        self._settings.take(msgspec.structs.replace(self._settings.now, colour_lane=shown))
