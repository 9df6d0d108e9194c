"""The digits by the place of their keys: on a French keyboard the upper row gives "&" and "é"
without Shift, and still labels.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.commands import CLASS_KEYS, DIGITS

#: The codes of the upper row, first key first: of X11 and Wayland, of Windows (set 1), of macOS
#: (virtual key codes, kVK_ANSI_1 and on).
_LINUX = range(10, 20)
_WINDOWS = range(2, 12)
_MACOS = (18, 19, 20, 21, 23, 22, 26, 28, 25, 29)


def _codes(platform: str) -> Mapping[int, int]:
    """Code of a key -> its place in the row."""
    row = _WINDOWS if platform == "win32" else _MACOS if platform == "darwin" else _LINUX
    return MappingProxyType({code: place for place, code in enumerate(row)})


def is_digit_key(event: QKeyEvent) -> bool:
    """Whether the key, without Ctrl or Alt, is one of the upper row's digits, whatever it gives."""
    held = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
    return not held and _code(event) in _codes(sys.platform)


def _code(event: QKeyEvent) -> int:
    """Of the key by its place."""
    return event.nativeVirtualKey() if sys.platform == "darwin" else event.nativeScanCode()


class PhysicalDigits(QObject):
    """Watches the window and what may hold the keyboard in it for keys that stand where the digits
    are and give something else; where a key may label, each is its digit's command.
    """

    def __init__(
        self, window: WindowPort, watched: tuple[QWidget, ...], allows: Callable[[], bool]
    ) -> None:
        super().__init__(window.as_widget())
        self._window, self._allows = window, allows
        self._by_place = _codes(sys.platform)
        for widget in (window.as_widget(), *watched):
            self.watch(widget)

    def watch(self, widget: QWidget) -> None:
        """It may hold the keyboard, too."""
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Before the widget: on some keyboards such a key gives a minus, which would zoom."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.modifiers() or event.text() in DIGITS or event.key() == Qt.Key.Key_unknown:
            return False
        place = self._by_place.get(_code(event))
        if place is None or not self._allows():
            return False
        if not event.isAutoRepeat():
            self._window.action(CLASS_KEYS[place]).trigger()
        return True
