"""A focused control keeps the keys that work it, although the window uses the same keys as
shortcuts.
"""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

LABELS_GO_ON = "labels_go_on"
"""A property of dialogs that lie beside the work: while only these are open, keys label as
before.
"""
PEEK_KEY = Qt.Key.Key_M
"""Shows what the model says while it is held, where the reader labels without seeing it."""
PRESS_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
CHOICE_KEYS = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Space,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
)
SLIDE_KEYS = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


class KeyClaim(QObject):
    """Event filter that answers Qt's question "shortcut, or yours?" with "mine" for the keys given.

    Controls that carry one take focus by Tab only, so that a click on them never takes Space or the
    arrows from the window.
    """

    def __init__(self, widget: QWidget, keys: Iterable[Qt.Key]) -> None:
        super().__init__(widget)
        self._keys = frozenset(keys)
        widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim plain presses of the keys; combinations with Ctrl, Alt or Shift stay the
        window's.
        """
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if plain and event.key() in self._keys:
                event.accept()
                return True
        return False
