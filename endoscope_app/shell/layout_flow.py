"""The commands of the View menu that show and hide, and the place where the window was left."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from PySide6.QtCore import QObject, QRect, Qt

from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.segments.wording import TRAY_EMPTY
from endoscope_app.shell import wording
from endoscope_app.shell.commands import LABELS_PANEL, MODEL_PANEL, PICTURE_ALONE, TIMELINE, TRAY
from endoscope_app.shell.main_window import MainWindow

_LEAST_SEEN = 80
"""Pixels of a window's upper edge that must be on a screen: less, and nobody can move it."""


@dataclass(frozen=True)
class _Before:
    """How the window was before the picture was alone."""

    maximised: bool
    frame: QRect


class LayoutFlow(QObject):
    """Restores the window as it was left, and notes it when it closes."""

    def __init__(self, window: MainWindow, settings: CurrentSettings) -> None:
        super().__init__(window)
        self._window, self._panels, self._settings = window, window.panels, settings
        self._before: _Before | None = None
        for command, act in (
            (LABELS_PANEL, self._panels.toggle_left),
            (MODEL_PANEL, self._panels.toggle_right),
            (TIMELINE, self._panels.toggle_timeline),
            (TRAY, self._on_tray),
            (PICTURE_ALONE, self._on_alone),
        ):
            window.action(command).triggered.connect(act)
        self._panels.changed.connect(self._show_state)
        window.closed.connect(self._note)
        self._restore()

    def _show_state(self) -> None:
        for command, is_so in (
            (LABELS_PANEL, self._panels.left_open),
            (MODEL_PANEL, self._panels.right_open),
            (TIMELINE, self._panels.timeline_open),
            (TRAY, self._panels.tray_wished),
            (PICTURE_ALONE, self._panels.alone),
        ):
            self._window.action(command).setChecked(is_so)

    def _on_tray(self) -> None:
        """Into it, shown where it is hidden; from within it, hide it."""
        window, tray = self._window, self._window.tray
        if tray.list.hasFocus():
            window.frame_view.setFocus()
            self._panels.toggle_tray()
        elif not self._panels.tray_wished:
            self._panels.toggle_tray()
        if tray.isVisible():
            tray.list.setFocus()
        elif self._panels.tray_wished and not tray.items:
            window.banner.show_remark(TRAY_EMPTY)
        self._show_state()

    def _on_alone(self) -> None:
        window, alone = self._window, not self._panels.alone
        if alone:
            self._before = _Before(window.isMaximized(), window.normalGeometry())
        self._panels.set_alone(alone)
        window.menuBar().setVisible(not alone)
        window.statusBar().setVisible(not alone)
        if alone:
            window.showFullScreen()
            window.banner.show_remark(wording.PICTURE_IS_ALONE)
            return
        window.banner.withdraw_remark()
        if self._before is not None and self._before.maximised:
            window.showMaximized()
        else:
            window.showNormal()

    def _restore(self) -> None:
        place, window = self._settings.now.window, self._window
        if place.frame is not None:
            frame = QRect(*place.frame)
            handle = QRect(frame.left(), frame.top(), frame.width(), _LEAST_SEEN)
            seen = [
                screen.availableGeometry().intersected(handle)
                for screen in window.screen().virtualSiblings()
            ]
            # The screen that it was on may be gone, or smaller now
            if any(min(part.width(), part.height()) >= _LEAST_SEEN for part in seen):
                window.setGeometry(frame)
        self._panels.restore(place)
        if place.maximised:
            window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)
        self._show_state()

    def _note(self) -> None:
        window, alone = self._window, self._panels.alone
        frame = self._before.frame if alone and self._before else window.normalGeometry()
        maximised = self._before.maximised if alone and self._before else window.isMaximized()
        place = msgspec.structs.replace(
            self._panels.place(),
            frame=frame.getRect() if not frame.isEmpty() else None,
            maximised=maximised,
        )
        self._settings.take(msgspec.structs.replace(self._settings.now, window=place))
