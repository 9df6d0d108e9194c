"""The list itself: while it has the keyboard, the keys of labels act on its segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QListView

from endoscope_app.labels.commands import DIGITS
from endoscope_app.segments import wording
from endoscope_app.segments.segment_model import SegmentModel
from endoscope_app.segments.segment_painting import SegmentPainter
from endoscope_app.segments.segment_rows import Place, SegmentRow

IMAGES_AFTER_MS = 80
ACCEPT_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_R)
_DIGIT_KEYS = {Qt.Key(ord(digit)): place for place, digit in enumerate(DIGITS)}
_CLAIMED = {*ACCEPT_KEYS, *_DIGIT_KEYS, Qt.Key.Key_X, Qt.Key.Key_Delete}


class SegmentList(QListView):
    """Wishes out, by key: nothing is decided by the list itself."""

    accepted = Signal(str)  # the key that was pressed, as is told to the reader
    rejected = Signal(str)
    corrected = Signal(int, str)  # place of the class in the panel, and the key
    reopened = Signal(str)
    bookmarks_dropped = Signal(list)  # DecidedSegment
    current_changed = Signal()
    left = Signal()  # Esc: the keyboard goes back to the image
    row_clicked = Signal(object)  # SegmentRow
    focus_changed = Signal(bool)
    images_wanted = Signal(list)  # frames that are seen without an image; replaces the wish before

    def __init__(self) -> None:
        super().__init__()
        self.keys_allowed: Callable[[], bool] = lambda: True
        self._rows = SegmentModel(self)
        self._painter = SegmentPainter(self._rows, self)
        self._asked: list[int] = []
        self.setModel(self._rows)
        self.setItemDelegate(self._painter)
        self.setAccessibleName(wording.LIST_NAME)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(IMAGES_AFTER_MS)
        self._timer.timeout.connect(self._on_timeout)
        self.verticalScrollBar().valueChanged.connect(self._timer.start)
        self.clicked.connect(self._on_clicked)
        self.selectionModel().currentChanged.connect(self.current_changed)

    @property
    def rows(self) -> SegmentModel:
        """What is shown."""
        return self._rows

    def choose(self, current: Place | None, chosen: Sequence[Place]) -> None:
        """Other rows came: the same segments are chosen again, where they are shown."""
        selection, flags = self.selectionModel(), QItemSelectionModel.SelectionFlag
        number = -1 if current is None else self._rows.row_of(current)
        if number >= 0:
            selection.setCurrentIndex(self._rows.index(number), flags.NoUpdate)
        for place in chosen:
            number = self._rows.row_of(place)
            if number >= 0:
                selection.select(self._rows.index(number), flags.Select)
        self._asked = []
        self._timer.start()

    def mark(self, number: int) -> None:
        """Make a row the current one, alone, and bring it into view."""
        index = self._rows.index(number)
        self.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self.scrollTo(index)

    def current_row(self) -> SegmentRow | None:
        """The segment that is marked."""
        index = self.currentIndex()
        return self._rows.segment(index.row()) if index.isValid() else None

    def chosen_rows(self) -> list[SegmentRow]:
        """All that are selected, from the top."""
        numbers = sorted(index.row() for index in self.selectedIndexes())
        return [row for number in numbers if (row := self._rows.segment(number)) is not None]

    def show_image(self, frame: int, image: QImage) -> None:
        """The image that stands for a segment was made."""
        self._rows.set_image(frame, image, self.devicePixelRatioF())
        self.viewport().update()

    def forget_images(self) -> None:
        """Another procedure, or other images of the same: those that are seen are wanted anew."""
        self._rows.forget_images()
        self._asked = []
        self._timer.start()
        self.viewport().update()

    def event(self, event: QEvent) -> bool:
        """The keys of labels are this list's while it has the keyboard and something is chosen."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._is_mine(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Decide, or leave; moving through the rows is Qt's."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif not self._is_mine(event):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():  # a key that is held decides once
            self._decide(Qt.Key(event.key()))

    def keyboardSearch(self, search: str) -> None:
        """Letters are the window's keys."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """From here on keys act on segments."""
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """They act on the frame again."""
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A higher list shows more images."""
        super().resizeEvent(event)
        self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing is loaded for a list that is not seen."""
        super().showEvent(event)
        self._timer.start()

    def _is_mine(self, event: QKeyEvent) -> bool:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return (
            plain
            and event.key() in _CLAIMED
            and self.keys_allowed()
            and bool(self.selectedIndexes())
        )

    def _decide(self, key: Qt.Key) -> None:
        if key in _DIGIT_KEYS:
            place = _DIGIT_KEYS[key]
            self.corrected.emit(place, DIGITS[place])
        elif key == Qt.Key.Key_X:
            self.rejected.emit("X")
        elif key == Qt.Key.Key_Delete:
            self._give_up()
        else:
            self.accepted.emit("R" if key == Qt.Key.Key_R else "Enter")

    def _give_up(self) -> None:
        rows = self.chosen_rows()
        bookmarks = [row.item for row in rows if row.item.kind == "bookmark"]
        if bookmarks:
            self.bookmarks_dropped.emit(bookmarks)
        if len(bookmarks) < len(rows):
            self.reopened.emit("Del")

    def _on_clicked(self, index: QModelIndex) -> None:
        row = self._rows.segment(index.row())
        if row is not None:
            self.row_clicked.emit(row)

    def _on_timeout(self) -> None:
        if not self.isVisible() or not self._rows.rows:
            return
        area = self.viewport().rect()
        first = self.indexAt(area.topLeft())
        last = self.indexAt(area.bottomLeft())
        missing = self._rows.missing_images(
            first.row() if first.isValid() else 0,
            last.row() if last.isValid() else len(self._rows.rows) - 1,
        )
        if missing and missing != self._asked:
            self._asked = missing
            self.images_wanted.emit(missing)
