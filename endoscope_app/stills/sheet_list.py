"""The thumbnails themselves: while they have the keyboard, its keys move and choose among them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QImage, QKeyEvent, QRegion, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QListView

from endoscope_app.base.key_claim import PEEK_KEY
from endoscope_app.labels.frame_states import NONE
from endoscope_app.stills import wording
from endoscope_app.stills.sheet_model import SheetModel
from endoscope_app.stills.sheet_painting import SheetPainter, cell_size

IMAGES_AFTER_MS = 60
LEAST_HEIGHT = 80
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MOVES = {
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Space,
}


class SheetList(QListView):
    """Virtual: only cells that are seen are painted, and only their images are wanted."""

    opened = Signal(int)  # a still, by Enter or a double click
    left = Signal()  # Esc
    current_changed = Signal(int)  # the still that the keyboard is on
    chosen_changed = Signal()
    images_wanted = Signal(list)  # stills seen without an image; replaces the wish before

    def __init__(self) -> None:
        super().__init__()
        self._cells = SheetModel(self)
        self._painter = SheetPainter(self._cells, self)
        self._asked: list[int] = []
        self.setModel(self._cells)
        self.setItemDelegate(self._painter)
        self.setAccessibleName(wording.LIST_NAME)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Qt breaks its lines as if there were one
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._measure()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(IMAGES_AFTER_MS)
        self._timer.timeout.connect(self._on_timeout)
        self.verticalScrollBar().valueChanged.connect(self._timer.start)
        self.doubleClicked.connect(self._on_double_clicked)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.selectionModel().selectionChanged.connect(self.chosen_changed)

    @property
    def cells(self) -> SheetModel:
        """What is shown."""
        return self._cells

    def current(self) -> int:
        """The still that the keyboard is on, NONE for none."""
        index = self.currentIndex()
        return self._cells.still_at(index.row()) if index.isValid() else NONE

    def chosen(self) -> list[int]:
        """All that are chosen, in the order of the sheet."""
        spans = sorted((span.top(), span.bottom()) for span in self._spans())
        shown = self._cells.shown()
        return [still for top, bottom in spans for still in shown[top : bottom + 1].tolist()]

    def chosen_count(self) -> int:
        """How many are chosen: spans are counted, for there may be 30,000."""
        return sum(span.height() for span in self._spans())

    def _spans(self) -> list[QItemSelectionRange]:
        selection = self.selectionModel().selection()
        return [selection.at(number) for number in range(selection.count())]

    def mark(self, still: int, *, scroll: bool = True) -> None:
        """Choose a still alone, where it is shown."""
        row = self._cells.row_of(still)
        if row != NONE:
            index = self._cells.index(row)
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect)
            if scroll:
                self.scrollTo(index)

    def choose(self, current: int, chosen: Sequence[int]) -> None:
        """Other cells came: the same stills are chosen again, where they are shown."""
        self.mark(current, scroll=False)
        selection = QItemSelection()
        for still in chosen:
            row = self._cells.row_of(still)
            if row != NONE:
                selection.select(self._cells.index(row), self._cells.index(row))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.Select)
        self.want_images()

    def want_images(self) -> None:
        """Ask anew for those that are seen."""
        self._asked = []
        self._timer.start()

    def show_image(self, still: int, image: QImage) -> None:
        """A thumbnail was made."""
        self._cells.set_image(still, image, self.devicePixelRatioF())
        self.paint_again()

    def paint_again(self) -> None:
        """What is seen. Not by the model's signal, for which Qt would lay all cells out anew."""
        self.viewport().update()

    def forget_images(self) -> None:
        """Another folder, or others of the same."""
        self._cells.forget_images()
        self.viewport().update()
        self.want_images()

    def event(self, event: QEvent) -> bool:
        """Keys that move here are not the player's while this has the keyboard."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            key, modifiers = Qt.Key(event.key()), event.modifiers()
            moves = key in _MOVES and not modifiers & Qt.KeyboardModifier.AltModifier
            plain = not modifiers & ~Qt.KeyboardModifier.KeypadModifier
            pages = key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home)
            # Ctrl and these lead to other procedures and to the worklist
            pages = pages and bool(modifiers & Qt.KeyboardModifier.ControlModifier)
            if (moves and not pages) or (plain and (key in _ENTER or key == Qt.Key.Key_Escape)):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open, leave; moving and choosing are Qt's, letters the window's."""
        if event.key() == PEEK_KEY:
            event.ignore()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in _ENTER:
            if self.current() != NONE:
                self.opened.emit(self.current())
        else:
            super().keyPressEvent(event)

    def moveCursor(
        self, action: QListView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Left and right go on in the next line, as reading does."""
        moves = {QListView.CursorAction.MoveLeft: -1, QListView.CursorAction.MoveRight: 1}
        current = self.currentIndex()
        if action not in moves or not current.isValid():
            return super().moveCursor(action, modifiers)
        row = current.row() + moves[action]
        return self._cells.index(min(max(row, 0), self._cells.rowCount() - 1))

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """What is seen: of 30,000 cells Qt would make a region of as many parts."""
        return QRegion(self.viewport().rect())

    def keyboardSearch(self, search: str) -> None:
        """Letters are the window's keys."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """At its end, too, the wheel is the sheet's, not the picture's beneath."""
        super().wheelEvent(event)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A larger sheet shows more images."""
        self._measure()
        super().resizeEvent(event)
        self._timer.start()

    def changeEvent(self, event: QEvent) -> None:
        """Other letters need other cells."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing is loaded for a sheet that is not seen."""
        super().showEvent(event)
        self.want_images()

    def _measure(self) -> None:
        """The lines are filled: what is left at the right is shared out."""
        size = cell_size(self.font(), self.viewport().height())
        self.setMinimumSize(size.width(), LEAST_HEIGHT)
        room = self.viewport().width()
        # A pixel to spare: Qt breaks a line that is exactly full
        self.setGridSize(QSize((room - 1) // max(1, room // size.width()), size.height()))
        self._painter.cell = self.gridSize()

    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.opened.emit(self._cells.still_at(index.row()))

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.current_changed.emit(self._cells.still_at(index.row()))

    def _on_timeout(self) -> None:
        if not self.isVisible() or not self._cells.rowCount():
            return
        first, last = self.seen_rows()
        missing = self._cells.missing_images(first, last)
        if missing and missing != self._asked:
            self._asked = missing
            self.images_wanted.emit(missing)

    def seen_rows(self) -> tuple[int, int]:
        """First and last cell on the screen, from the size that all have: the room at the right
        belongs to no cell.
        """
        size = self.gridSize()
        across = max(1, self.viewport().width() // size.width())
        top = self.verticalScrollBar().value() // size.height()
        down = self.viewport().height() // size.height() + 2
        return top * across, min((top + down) * across, self._cells.rowCount()) - 1
