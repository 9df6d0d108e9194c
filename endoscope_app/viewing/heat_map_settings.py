"""How the heat map is shown: the settings put on screen, and what the reader changes there."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject

from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.settings import ColourMap
from endoscope_app.base.window_port import WindowPort
from endoscope_app.viewing.commands import TOGGLE_OVERLAY
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.heat_map_panel import HeatMapPanel


class HeatMapSettings(QObject):
    """The panel, the menu and the image always say the same."""

    def __init__(
        self,
        window: WindowPort,
        settings: CurrentSettings,
        *,
        panel: HeatMapPanel,
        frame_view: FrameView,
    ) -> None:
        super().__init__(window.as_widget())
        self._settings, self._panel, self._view = settings, panel, frame_view
        self._toggle = window.action(TOGGLE_OVERLAY)
        self._show()
        settings.changed.connect(self._show)
        panel.visible_changed.connect(self._on_visible_changed)
        panel.opacity_changed.connect(self._on_opacity_changed)
        panel.colour_map_changed.connect(self._on_colour_map_changed)
        panel.contour_changed.connect(self._on_contour_changed)
        self._toggle.toggled.connect(self._on_visible_changed)

    def _show(self) -> None:
        now = self._settings.now
        self._panel.set_visible_state(now.overlay_visible)
        self._panel.set_opacity(now.overlay_opacity)
        self._panel.set_colour_map(now.colour_map)
        self._panel.set_contour(now.heat_contour)
        self._view.set_contour(now.heat_contour)
        self._view.set_overlay_visible(now.overlay_visible)
        self._view.set_overlay_opacity(now.overlay_opacity)
        self._view.set_colour_map(now.colour_map)
        self._toggle.setChecked(now.overlay_visible)

    def _on_visible_changed(self, visible: bool) -> None:
        self._settings.take(msgspec.structs.replace(self._settings.now, overlay_visible=visible))

    def _on_opacity_changed(self, opacity: float) -> None:
        self._settings.take(msgspec.structs.replace(self._settings.now, overlay_opacity=opacity))

    def _on_contour_changed(self, contour: bool) -> None:
        self._settings.take(msgspec.structs.replace(self._settings.now, heat_contour=contour))

    def _on_colour_map_changed(self, name: ColourMap) -> None:
        self._settings.take(msgspec.structs.replace(self._settings.now, colour_map=name))
