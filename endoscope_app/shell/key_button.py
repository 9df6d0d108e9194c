"""A button that waits for one key and tells which it was."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

from endoscope_app.labels.physical_digits import is_digit_key
from endoscope_app.shell import wording

_ALONE = (
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_unknown,
)


class KeyButton(QPushButton):
    """While it waits every key is its own; Esc, or going elsewhere, leaves things as they are."""

    captured = Signal(str, bool)  # the key as portable text; whether it stands where a digit does
    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(wording.NEW_KEY, parent)
        self.setAutoDefault(False)
        self._waits = False
        self.clicked.connect(self.wait)

    def wait(self) -> None:
        """The next key that is pressed is told."""
        self._waits = True
        self.setText(wording.PRESS_KEY)
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        """Before Qt makes something of Tab, of a shortcut or of Enter."""
        if self._waits and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Whoever goes elsewhere wants no new key."""
        super().focusOutEvent(event)
        if self._waits:
            self._end()
            self.given_up.emit()

    def _take(self, event: QKeyEvent) -> None:
        if event.key() in _ALONE or event.isAutoRepeat():
            return
        self._end()
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.given_up.emit()
        else:
            self.captured.emit(_text(event), is_digit_key(event))

    def _end(self) -> None:
        self._waits = False
        self.setText(wording.NEW_KEY)


def _text(event: QKeyEvent) -> str:
    """As commands write it: a sign is itself, whatever it takes on this keyboard to write it."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    modifiers &= ~Qt.KeyboardModifier.GroupSwitchModifier
    key = Qt.Key.Key_Tab if event.key() == Qt.Key.Key_Backtab else Qt.Key(event.key())
    sign = event.text()
    if sign and sign.isprintable() and not sign.isalpha() and not sign.isspace():
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    combination = QKeyCombination(modifiers, key)
    return QKeySequence(combination).toString(QKeySequence.SequenceFormat.PortableText)
