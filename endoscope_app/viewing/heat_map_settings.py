"""How the heat map is shown: the reader's settings put into the window, and what the reader
changes there on its way back.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from endoscope_app.base.settings import Settings
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing.commands import TOGGLE_OVERLAY


class OverlaySettings(QObject):
    """``changed`` carries the name of a setting and its new value."""

    changed = Signal(str, object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        panel = window.overlay_panel
        panel.visible_changed.connect(lambda on: self.changed.emit("overlay_visible", on))
        panel.opacity_changed.connect(lambda share: self.changed.emit("overlay_opacity", share))
        panel.colour_map_changed.connect(lambda name: self.changed.emit("colour_map", name))
        window.action(TOGGLE_OVERLAY).toggled.connect(
            lambda on: self.changed.emit("overlay_visible", on)
        )

    def apply(self, settings: Settings) -> None:
        """Show what they say."""
        panel, view = self._window.overlay_panel, self._window.frame_view
        panel.set_visible_state(settings.overlay_visible)
        panel.set_opacity(settings.overlay_opacity)
        panel.set_colour_map(settings.colour_map)
        view.set_overlay_visible(settings.overlay_visible)
        view.set_overlay_opacity(settings.overlay_opacity)
        view.set_colour_map(settings.colour_map)
        self._window.action(TOGGLE_OVERLAY).setChecked(settings.overlay_visible)
