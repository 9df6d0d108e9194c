"""The similar frames as thumbnails; while they have the keyboard, keys of labels act on them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from endoscope_app.base.icons import untinted
from endoscope_app.base.plain_text import plain_tip
from endoscope_app.labels.commands import DIGITS
from endoscope_app.similar import wording

THUMBNAIL = QSize(160, 120)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_DIGIT_KEYS = {Qt.Key(ord(digit)): place for place, digit in enumerate(DIGITS)}
_MINE = {*_ENTER, *_DIGIT_KEYS, Qt.Key.Key_X, Qt.Key.Key_Delete}


class HitList(QListWidget):
    """Texts and images in, wishes out, by the number of the hit."""

    opened = Signal(int)
    labelled = Signal(int, str)  # place of the class in the panel, and the key
    unusable = Signal(str)
    cleared = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(wording.LIST_NAME)
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setMovement(QListWidget.Movement.Static)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setIconSize(THUMBNAIL)
        self.setSpacing(4)
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        lines = 3 * self.fontMetrics().lineSpacing()
        self.setGridSize(QSize(THUMBNAIL.width() + 16, THUMBNAIL.height() + lines + 20))
        self._blank = QPixmap(THUMBNAIL)
        self._blank.fill(Qt.GlobalColor.transparent)
        self.itemDoubleClicked.connect(lambda item: self.opened.emit(self.row(item)))

    def set_hits(self, texts: Sequence[str]) -> None:
        """Others; the first is chosen."""
        self.clear()
        for text in texts:
            item = QListWidgetItem(QIcon(self._blank), "")
            self.addItem(item)
            _say(item, text)
        if texts:
            self.setCurrentRow(0)

    def set_texts(self, texts: Sequence[str]) -> None:
        """The same ones with other words."""
        for number, text in enumerate(texts):
            _say(self.item(number), text)

    def show_image(self, number: int, image: QImage) -> None:
        """The thumbnail of a hit was made."""
        item = self.item(number)
        if item is None or image.isNull():
            return
        ratio = self.devicePixelRatioF()
        pixels = QPixmap.fromImage(
            image.scaled(
                THUMBNAIL * ratio,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
        pixels.setDevicePixelRatio(ratio)
        item.setIcon(untinted(pixels))

    def forget_images(self) -> None:
        """They are made anew: blanked, or not."""
        for number in range(self.count()):
            self.item(number).setIcon(QIcon(self._blank))

    def chosen(self) -> list[int]:
        """Numbers of the hits that are chosen, from the first."""
        return sorted(self.row(item) for item in self.selectedItems())

    def event(self, event: QEvent) -> bool:
        """Keys of labels are the list's while it has the keyboard."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if plain and event.key() in _MINE:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open or label; moving and choosing are Qt's."""
        key = Qt.Key(event.key())
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if not plain or key not in _MINE:
            super().keyPressEvent(event)
        elif event.isAutoRepeat() or not self.chosen():
            event.accept()
        elif key in _ENTER:
            self.opened.emit(self.currentRow())
        elif key == Qt.Key.Key_X:
            self.unusable.emit("X")
        elif key == Qt.Key.Key_Delete:
            self.cleared.emit("Del")
        else:
            self.labelled.emit(_DIGIT_KEYS[key], DIGITS[_DIGIT_KEYS[key]])

    def keyboardSearch(self, search: str) -> None:
        """Letters are the window's keys."""


def _say(item: QListWidgetItem, text: str) -> None:
    item.setText(text)
    item.setToolTip(plain_tip(text))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, text.replace("\n", ". "))
