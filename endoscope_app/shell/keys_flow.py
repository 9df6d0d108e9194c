"""The reader's own keys: chosen in a dialog, kept in the settings, acting at once."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence

from endoscope_app.base.command import Command
from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.settings import Settings
from endoscope_app.base.window_port import WindowPort
from endoscope_app.shell import wording
from endoscope_app.shell.command_table import COMMANDS
from endoscope_app.shell.commands import CHANGE_KEYS
from endoscope_app.shell.key_choices import (
    FIXED,
    RESERVED,
    Chosen,
    as_it_came,
    keys_of,
    owner,
    sound,
    swapped,
    title_of,
    with_key,
)
from endoscope_app.shell.keys_dialog import KeysDialog


class KeysFlow(QObject):
    """A key that another command has is only given after the reader has said what comes of that."""

    def __init__(
        self, window: WindowPort, settings: CurrentSettings, save: Callable[[], None]
    ) -> None:
        """``save``: keeps the settings as they are now."""
        super().__init__(window.as_widget())
        self._window, self._settings, self._save = window, settings, save
        self.dialog: KeysDialog | None = None
        self._asked: tuple[Command, str] | None = None  # who wants a key that another has
        settings.changed.connect(self._on_changed)
        window.action(CHANGE_KEYS).triggered.connect(self.open)
        self._apply()

    def open(self) -> None:
        """Show the dialog, or bring it to the front."""
        if self.dialog is None:
            dialog = self.dialog = KeysDialog(self._window.as_widget())
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.key_wanted.connect(self._on_key)
            dialog.swap_wanted.connect(lambda: self._settle(swapped))
            dialog.take_wanted.connect(lambda: self._settle(with_key))
            dialog.one_reset.connect(self._on_reset)
            dialog.all_reset.connect(self._on_reset_all)
            dialog.finished.connect(self._on_closed)
            dialog.show_keys(self._chosen)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    @property
    def _chosen(self) -> Chosen:
        return sound(self._settings.now.keys)

    def _on_key(self, command: Command, key: str, is_digit: bool) -> None:
        dialog = self.dialog
        if dialog is None or command in FIXED:
            return
        self._asked = None
        dialog.offer_ways_out(offered=False)
        refusal = wording.key_refused(key, is_reserved=key in RESERVED, is_digit=is_digit)
        other = owner(key, self._chosen, command)
        if refusal:
            dialog.say(refusal, problem=True)
        elif other is not None:
            self._asked = command, key
            dialog.say(wording.key_taken(key, title_of(other), title_of(command)), problem=True)
            dialog.offer_ways_out(offered=True)
        else:
            self._take(with_key(self._chosen, command, key))
            dialog.say(wording.key_given(key, title_of(command)))

    def _settle(self, way: Callable[[Chosen, Command, str], Chosen]) -> None:
        if self._asked is None or self.dialog is None:
            return
        command, key = self._asked
        other = owner(key, self._chosen, command)
        self._asked = None
        self._take(way(self._chosen, command, key))
        self.dialog.offer_ways_out(offered=False)
        left = () if other is None else keys_of(other, self._chosen)
        self.dialog.say(
            wording.key_settled(
                key, title_of(command), "" if other is None else title_of(other), left
            )
        )

    def _on_reset(self, command: Command) -> None:
        self._take(as_it_came(self._chosen, command))
        if self.dialog is not None:
            self.dialog.say(wording.key_reset(title_of(command), command.keys))

    def _on_reset_all(self) -> None:
        self._take({})
        if self.dialog is not None:
            self.dialog.say(wording.ALL_KEYS_RESET)

    def _take(self, chosen: Chosen) -> None:
        self._settings.take(msgspec.structs.replace(self._settings.now, keys=dict(chosen)))
        self._save()

    def _on_changed(self, before: Settings, now: Settings) -> None:
        if before.keys != now.keys:
            self._apply()

    def _apply(self) -> None:
        chosen = self._chosen
        for command in COMMANDS:
            keys = [QKeySequence(key) for key in keys_of(command, chosen)]
            action = self._window.action(command)
            if action.shortcuts() != keys:
                action.setShortcuts(keys)
        if self.dialog is not None:
            self.dialog.show_keys(chosen)

    def _on_closed(self) -> None:
        self.dialog, self._asked = None, None
