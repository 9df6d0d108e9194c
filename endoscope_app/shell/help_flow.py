"""The Help menu: the sheet of keys, and what this program is."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog

from endoscope_app import __version__
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.window_port import WindowPort
from endoscope_app.shell.about_dialog import AboutDialog
from endoscope_app.shell.command_table import shortcut_groups
from endoscope_app.shell.commands import ABOUT, SHORTCUTS
from endoscope_app.shell.key_choices import keys_of, sound
from endoscope_app.shell.keyboard_signs import signs_of_this_keyboard
from endoscope_app.shell.shortcuts_dialog import ShortcutsDialog


class HelpFlow(QObject):
    """Each dialog lives beside the work, and is gone when it is closed."""

    def __init__(self, window: WindowPort, settings: CurrentSettings) -> None:
        super().__init__(window.as_widget())
        self._parent, self._settings = window.as_widget(), settings
        window.action(SHORTCUTS).triggered.connect(self._on_shortcuts)
        window.action(ABOUT).triggered.connect(self._on_about)

    def _on_shortcuts(self) -> None:
        chosen = sound(self._settings.now.keys)
        signs = signs_of_this_keyboard()
        groups = shortcut_groups(
            lambda command: tuple(signs.shown(key) for key in keys_of(command, chosen)),
            digits=signs.digits(),
        )
        _show(ShortcutsDialog(groups, self._parent))

    def _on_about(self) -> None:
        _show(AboutDialog(__version__, self._parent))


def _show(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
