"""The timeline's legend, opened by key, from the menu, or by the right button on the timeline."""

from __future__ import annotations

from PySide6.QtCore import QObject

from endoscope_app.analysis.commands import LEGEND
from endoscope_app.analysis.timeline.legend import TimelineLegend
from endoscope_app.analysis.timeline.timeline_view import TimelineView
from endoscope_app.base.window_port import WindowPort


class LegendFlow(QObject):
    """One at a time; the command closes an open one."""

    def __init__(self, window: WindowPort, *, timeline_view: TimelineView) -> None:
        super().__init__(window.as_widget())
        self._window, self._timeline_view = window, timeline_view
        self._open: TimelineLegend | None = None
        window.action(LEGEND).triggered.connect(self._on_asked)
        timeline_view.legend_requested.connect(self._on_asked)
        timeline_view.classes_changed.connect(self._on_classes_changed)

    def _on_asked(self) -> None:
        if self._open is not None:
            self._open.close()
            return
        legend = TimelineLegend(self._timeline_view.display.scene, self._window.as_widget())
        legend.destroyed.connect(self._on_closed)
        legend.finished.connect(self._on_closed)
        self._open = legend
        legend.show()

    def _on_classes_changed(self) -> None:
        if self._open is not None:
            self._open.show_scene(self._timeline_view.display.scene)

    def _on_closed(self) -> None:
        self._open = None
