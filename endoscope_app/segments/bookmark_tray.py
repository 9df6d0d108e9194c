"""The bookmarked frames as a strip of small images beneath the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QIcon, QImage, QKeyEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from endoscope_app.base.key_claim import PRESS_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_tip
from endoscope_app.segments import wording
from endoscope_app.segments.decided import DecidedSegment
from endoscope_app.segments.segment_painting import smaller

IMAGE, LOW_IMAGE = QSize(78, 44), QSize(50, 28)
"""Logical pixels of an image; of one in a low window, which has no words beneath."""
_CLAIMED = (
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Delete),
    *(Qt.Key.Key_Return, Qt.Key.Key_Enter),
)


class TrayList(QListWidget):
    """Left and right move in it, Enter goes to the frame, Del takes the bookmark away, Ctrl+E saves
    them all, Esc leaves.
    """

    opened = Signal(int)  # row
    dropped = Signal(int)
    left = Signal()
    save_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.keys_allowed: Callable[[], bool] = lambda: True
        self.setAccessibleName(wording.TRAY_NAME)
        self.setFlow(QListWidget.Flow.LeftToRight)
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setMovement(QListWidget.Movement.Static)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setFont(smaller(self.font()))
        self.setSpacing(2)
        self._texts: Sequence[tuple[str, str]] = ()
        self._images: list[QImage | None] = []
        self._is_low = False
        self._size = IMAGE
        self.set_low(is_low=False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click never takes the window's keys
        self.itemClicked.connect(lambda item: self.opened.emit(self.row(item)))

    def set_low(self, *, is_low: bool) -> None:
        """Smaller, with the words as tool tips alone: the window is low."""
        self._is_low, self._size = is_low, LOW_IMAGE if is_low else IMAGE
        self.setIconSize(self._size)
        self.setFixedHeight(self._cell().height() + 8)
        self.set_cells(self._texts, self._images)

    def _cell(self) -> QSize:
        line = 0 if self._is_low else self.fontMetrics().lineSpacing() + 2
        return QSize(self._size.width() + 8, self._size.height() + line + 6)

    def set_cells(self, texts: Sequence[tuple[str, str]], images: Sequence[QImage | None]) -> None:
        """What stands beneath each image, and the whole of it for a tool tip."""
        self._texts, self._images = texts, list(images)
        current = self.currentRow()
        self.clear()
        for (text, whole), image in zip(texts, images, strict=True):
            item = QListWidgetItem("" if self._is_low else text, self)
            item.setSizeHint(self._cell())
            item.setToolTip(plain_tip(whole))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, whole)
            self._show(item, image)
        self.setCurrentRow(min(max(current, 0), len(texts) - 1))

    def set_image(self, row: int, image: QImage) -> None:
        """The image of a cell was made."""
        self._images[row] = image
        self._show(self.item(row), image)

    def _show(self, item: QListWidgetItem, image: QImage | None) -> None:
        ratio = self.devicePixelRatioF()
        if image is None:
            pixmap = QPixmap(self._size * ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
        else:
            pixmap = QPixmap.fromImage(image).scaled(
                self._size * ratio,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        pixmap.setDevicePixelRatio(ratio)
        item.setIcon(QIcon(pixmap))

    def event(self, event: QEvent) -> bool:
        """Its keys are its own while it has the keyboard."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (self._is_mine(event) or _saves(event))
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moving from image to image is Qt's."""
        key, row = event.key(), self.currentRow()
        if key == Qt.Key.Key_Escape:
            self.left.emit()
        elif _saves(event):
            self.save_requested.emit()
        elif not self._is_mine(event) or key not in (*PRESS_KEYS, Qt.Key.Key_Delete):
            super().keyPressEvent(event)
        elif row >= 0 and not event.isAutoRepeat():
            (self.dropped if key == Qt.Key.Key_Delete else self.opened).emit(row)

    def keyboardSearch(self, search: str) -> None:
        """Letters are the window's keys."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Along the strip."""
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (event.angleDelta().y() or event.angleDelta().x()))
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What the keys do, by the mouse."""
        item = self.itemAt(event.pos())
        if item is None:
            return
        row, menu = self.row(item), QMenu(self)
        menu.addAction(wording.TRAY_GO, lambda: self.opened.emit(row))
        menu.addAction(wording.TRAY_DROP, lambda: self.dropped.emit(row))
        menu.addAction(wording.TRAY_SAVE_ALL, self.save_requested.emit)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def _is_mine(self, event: QKeyEvent) -> bool:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return plain and event.key() in _CLAIMED and self.keys_allowed()


class BookmarkTray(QWidget):
    """Plain values in, wishes out. It says whether it holds any: without, it takes no room."""

    filled_changed = Signal(bool)
    opened = Signal(object)  # DecidedSegment
    dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.list = TrayList()
        self._items: Sequence[DecidedSegment] = ()
        self._save = QToolButton()
        self._save.setText(wording.TRAY_SAVE)
        self._save.setToolTip(plain_tip(wording.TRAY_SAVE_TIP))
        self._save.setAccessibleName(wording.TRAY_SAVE_ALL)
        KeyClaim(self._save, PRESS_KEYS)
        self._save.clicked.connect(self.list.save_requested)
        self.list.opened.connect(lambda row: self.opened.emit(self._items[row]))
        self.list.dropped.connect(lambda row: self.dropped.emit(self._items[row]))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.list, 1)
        row.addWidget(self._save)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def items(self) -> Sequence[DecidedSegment]:
        """The bookmarks that it shows, in time."""
        return self._items

    def set_items(
        self,
        items: Sequence[DecidedSegment],
        texts: Sequence[tuple[str, str]],
        images: Sequence[QImage | None],
    ) -> None:
        """Other bookmarks; each with its text, the whole of it, and its image as far as made."""
        was_filled, self._items = bool(self._items), items
        self.list.set_cells(texts, images)
        if bool(items) != was_filled:
            self.filled_changed.emit(bool(items))

    def show_image(self, frame: int, image: QImage) -> None:
        """The image of a frame was made."""
        for row, item in enumerate(self._items):
            if item.first_index == frame:
                self.list.set_image(row, image)


def _saves(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_E and event.modifiers() == Qt.KeyboardModifier.ControlModifier
