"""Two stills side by side, zoomed and moved together, in the picture's place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout

from endoscope_app.base.key_claim import PRESS_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.stills import wording
from endoscope_app.stills.overlay import Overlay
from endoscope_app.viewing.frame_view import FrameView

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
#: Keys that would move, play or fit the picture beneath.
_MINE = {
    *_ENTER,
    Qt.Key.Key_Escape,
    Qt.Key.Key_T,
    Qt.Key.Key_F,
    Qt.Key.Key_Space,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
}


class PairView(Overlay):
    """Images in, wishes out."""

    left_by_key = Signal()
    keep_requested = Signal()
    swap_requested = Signal()
    text_entered = Signal(str)

    def __init__(self, picture: FrameView) -> None:
        super().__init__(picture)
        self.setAccessibleName(wording.PAIR_NAME)
        self.before, self.after = FrameView(), FrameView()
        for view, other, name in (
            (self.before, self.after, wording.BEFORE),
            (self.after, self.before, wording.AFTER),
        ):
            view.setAccessibleName(name)
            view.setMinimumSize(80, 60)
            view.view_changed.connect(other.set_view)
        self._text = QLineEdit()
        self._text.setPlaceholderText(wording.TEXT)
        self._text.setAccessibleName(wording.TEXT_NAME)
        self._text.setMaxLength(400)
        self._text.installEventFilter(self)
        self._text.editingFinished.connect(lambda: self.text_entered.emit(self._text.text()))
        self._keep, self._swap = QPushButton(wording.KEEP), QPushButton(wording.SWAP)
        self._keep.setCheckable(True)
        for button, tip, wish in (
            (self._keep, wording.KEEP_TIP, self.keep_requested),
            (self._swap, wording.SWAP_TIP, self.swap_requested),
        ):
            button.setToolTip(plain_tip(tip))
            KeyClaim(button, PRESS_KEYS)
            button.clicked.connect(wish)
        keys = plain_label(wording.PAIR_KEYS)
        keys.setProperty("role", "muted")
        keys.setWordWrap(True)
        views, foot = QHBoxLayout(), QHBoxLayout()
        views.setSpacing(4)
        for view in (self.before, self.after):
            views.addWidget(view, 1)
        foot.addWidget(self._text, 1)
        foot.addWidget(self._swap)
        foot.addWidget(self._keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(4)
        column.addLayout(views, 1)
        column.addLayout(foot)
        column.addWidget(keys)

    def show_pair(self, before: str, after: str, text: str) -> None:
        """Another pair, by the names of its stills; their images follow."""
        for view, which, name in (
            (self.before, wording.BEFORE, before),
            (self.after, wording.AFTER, after),
        ):
            view.clear()
            view.set_message("")
            view.set_caption(wording.captioned(which, name))
        with QSignalBlocker(self._text):
            self._text.setText(text)

    def show_images(
        self, before: NDArray[np.uint8] | None, after: NDArray[np.uint8] | None
    ) -> None:
        """BGRA images; None where one cannot be read."""
        for view, image in ((self.before, before), (self.after, after)):
            if image is None:
                view.set_message(wording.NO_IMAGE)
            else:
                view.show_frame(image, None)

    def set_kept(self, kept: bool) -> None:
        """Whether the pair is in the report."""
        self._keep.setChecked(kept)
        self._keep.setText(wording.KEPT if kept else wording.KEEP)

    def text(self) -> str:
        """What is written below it."""
        return self._text.text()

    def event(self, event: QEvent) -> bool:
        """Keys of the picture beneath rest; while text is typed all keys are the text's."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            and event.key() in _MINE
        ):
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and Esc lead from the text back to the pair."""
        if watched is self._text and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and event.key() in (*_ENTER, Qt.Key.Key_Escape):
                self.before.setFocus()  # which ends the editing
                return True
            return False
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep, write, fit, leave."""
        key = Qt.Key(event.key())
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or key not in _MINE:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape:
            self.left_by_key.emit()
        elif key in _ENTER and not event.isAutoRepeat():
            self.keep_requested.emit()
        elif key == Qt.Key.Key_T:
            self._text.setFocus()
        elif key == Qt.Key.Key_F:
            self.before.fit()
