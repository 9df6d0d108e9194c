"""A file that takes long to open: its name, how far it is, how long it will take, and a way to
leave it.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QProgressBar, QPushButton, QWidget

from endoscope_app.base.plain_text import plain_label
from endoscope_app.viewing import wording


class OpeningBar(QWidget):
    """Plain values in. Lies over the upper edge of its parent, so that nothing moves for it.

    While it is shown, Esc in its window asks for the same as its button.
    """

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = plain_label(parent=self)
        self._sentence.setAccessibleName(wording.OPENING_NAME)
        self._progress = QProgressBar(self)
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(wording.OPENING_PROGRESS_NAME)
        self._cancel = QPushButton(wording.CANCEL_OPENING, self)
        self._cancel.setAccessibleName(wording.CANCEL_OPENING_NAME)
        self._cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._cancel.clicked.connect(lambda: self.cancel_requested.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(10)
        row.addWidget(self._sentence)
        row.addWidget(self._progress, 1)
        row.addWidget(self._cancel)
        self.setAutoFillBackground(True)
        self.hide()

    def show_state(self, sentence: str, share: float) -> None:
        """``share`` 0..1 of the work is done."""
        self._sentence.setText(sentence)
        self._progress.setValue(round(1000 * share))
        if self.isHidden():
            self._fit()
            self.show()
            self.raise_()
            _application().installEventFilter(self)

    def leave(self) -> None:
        """Nothing is being opened any more."""
        if not self.isHidden():
            _application().removeEventFilter(self)
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc is this bar's before it is any shortcut's, unless another window is on top."""
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget():
            self._fit()
        if event.type() not in (
            QEvent.Type.ShortcutOverride,
            QEvent.Type.KeyPress,
        ) or not isinstance(event, QKeyEvent):
            return False
        here = isinstance(watched, QWidget) and watched.window() is self.window()
        if (
            event.key() != Qt.Key.Key_Escape
            or not here
            or QApplication.activeModalWidget() is not None
        ):
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self.cancel_requested.emit()
        return True

    def _fit(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(0, 0, parent.width(), self.sizeHint().height())


def _application() -> QCoreApplication:
    application = QApplication.instance()
    assert application is not None
    return application
