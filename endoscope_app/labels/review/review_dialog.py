"""The review list in a window of its own, for a second screen or in front for a while."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from endoscope_app.base.dialog_fitting import open_at
from endoscope_app.base.key_claim import LABELS_GO_ON
from endoscope_app.base.plain_text import plain_label
from endoscope_app.labels.review import wording
from endoscope_app.labels.review.review_list import ReviewList

_STROKES = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)


class ReviewDialog(QDialog):
    """Hidden, not gone, when it is closed.

    Filters, queue and place on the screen stay for the next time.
    """

    shown = Signal(bool)
    peek_changed = Signal(bool)  # the key that shows the model while it is held
    all_requested = Signal()

    def __init__(
        self, actions: Iterable[QAction], peek_key: Qt.Key, parent: QWidget | None = None
    ) -> None:
        """``actions``: commands of the main window whose keys work here too, as ``peek_key`` does.

        Fields that take digits keep them.
        """
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(wording.TITLE)
        self.setProperty(LABELS_GO_ON, True)
        self.setSizeGripEnabled(False)
        self.rows = ReviewList()
        self._note = plain_label()
        self._note.setProperty("role", "muted")
        self._note.setWordWrap(True)
        self._note.setContentsMargins(8, 2, 8, 4)
        self._note.setAccessibleName(wording.ABOUT)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(2)
        column.addWidget(self.rows, 1)
        self._all = QPushButton(wording.ALL_FRAMES)
        self._all.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._all.clicked.connect(self.all_requested)
        self._all.hide()
        foot = QHBoxLayout()
        foot.addWidget(self._note, 1)
        foot.addWidget(self._all)
        column.addLayout(foot)
        self.addActions(list(actions))
        self.set_note("")
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter in a field is the field's
        open_at(self, 940, 680)
        self._peek_key = peek_key
        self.rows.table().installEventFilter(self)
        self.rows.table().setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The table would take a letter for a search; a key let go elsewhere is let go here."""
        if event.type() == QEvent.Type.FocusOut:
            self.peek_changed.emit(False)
        elif (
            isinstance(event, QKeyEvent)
            and event.type() in _STROKES
            and event.key() == self._peek_key
            and not event.modifiers()
        ):
            if not event.isAutoRepeat():
                self.peek_changed.emit(event.type() == QEvent.Type.KeyPress)
            return True
        return super().eventFilter(watched, event)

    def set_note(self, text: str) -> None:
        """A sentence below the list; empty for none."""
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def show_part(self, order: str) -> None:
        """Only some frames are in the list, in an order of this name; empty for all frames."""
        if not order and self._all.isHidden():
            return  # the reader's filters and queue stay
        self.setWindowTitle(wording.SUSPECTS_TITLE if order else wording.TITLE)
        self._all.setVisible(bool(order))
        self.rows.filters().reset()
        self.rows.filters().offer_given(order)

    def note(self) -> str:
        """What the sentence says."""
        return self._note.text()

    def showEvent(self, event: QShowEvent) -> None:
        """Told, so that a list that nobody sees costs nothing."""
        super().showEvent(event)
        self.shown.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """See showEvent."""
        super().hideEvent(event)
        self.shown.emit(False)
