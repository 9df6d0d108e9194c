"""The settings: asked for in a dialog, followed by the theme, kept in their file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.errors import AppError
from endoscope_app.base.settings import Settings, save_settings
from endoscope_app.base.theme import apply_theme
from endoscope_app.base.window_port import WindowPort
from endoscope_app.shell.commands import SETTINGS
from endoscope_app.shell.settings_dialog import SettingsDialog


class SettingsFlow(QObject):
    """What is changed in the dialog is kept at once; the rest when the program closes."""

    def __init__(
        self,
        application: QApplication,
        window: WindowPort,
        settings: CurrentSettings,
        file: Path | None,
    ) -> None:
        """``file``: where they are kept; None for nowhere."""
        super().__init__(window.as_widget())
        self._application, self._window = application, window
        self._settings, self._file = settings, file
        settings.changed.connect(self._on_changed)
        window.action(SETTINGS).triggered.connect(self.open)

    def open(self) -> None:
        """Show the dialog."""
        dialog = SettingsDialog(self._settings.now, self._window.as_widget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._take(dialog))
        dialog.show()

    def save(self) -> None:
        """Keep them as they are now; what fails is said."""
        if self._file is None:
            return
        try:
            save_settings(self._file, self._settings.now)
        except AppError as error:
            self._window.banner.show_message(str(error))

    def _take(self, dialog: SettingsDialog) -> None:
        self._settings.take(dialog.applied_to(self._settings.now))
        self.save()

    def _on_changed(self, before: Settings, now: Settings) -> None:
        if before.theme != now.theme:
            apply_theme(self._application, now.theme)
