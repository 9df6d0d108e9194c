"""A page that takes the picture's place for a while, with its size and its keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from endoscope_app.viewing.frame_view import FrameView


class Overlay(QWidget):
    """Lies over the picture; what the picture says of the last act stays above it."""

    def __init__(self, picture: FrameView) -> None:
        super().__init__(picture)
        self._picture = picture
        self.setAutoFillBackground(True)
        picture.installEventFilter(self)
        self.hide()

    @property
    def shown(self) -> bool:
        """Whether it has taken the picture's place, on whichever page."""
        return not self.isHidden()

    def come(self, keyboard: QWidget) -> None:
        """Take the picture's place; ``keyboard``: what of it has the keyboard."""
        # Whoever gives the keyboard back to the picture gives it to what is in its place
        self._picture.setFocusProxy(keyboard)
        self._fit()
        self.show()
        self._stay_above()
        keyboard.setFocus()

    def leave(self) -> None:
        """The picture again."""
        keyboard = self._picture.focusProxy()
        self.hide()
        if keyboard is not None and self.isAncestorOf(keyboard):
            self._picture.setFocusProxy(None)  # type: ignore[arg-type]
            self._picture.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The picture has another size, or something else comes to lie over it."""
        if self.shown and event.type() == QEvent.Type.Resize:
            self._fit()
        elif self.shown and event.type() == QEvent.Type.ChildPolished:
            self._stay_above()
        return False

    def _fit(self) -> None:
        self.setGeometry(self._picture.rect())

    def _stay_above(self) -> None:
        self.raise_()
        self._picture.raise_echo()
