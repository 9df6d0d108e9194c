"""The list of what two readers say differently, worked off by keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem, QWidget

from endoscope_app.base.table_dialog import LEFT, RIGHT, NamedTable
from endoscope_app.labels.commands import DIGITS
from endoscope_app.second_reading import wording

IMAGE = QSize(128, 72)
_PLACE, _FRAMES, _GROUP, _FIRST, _SECOND, _COUNTS = range(1, 7)


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One line, in words; ``counts`` is empty while nothing is adjudicated. ``frame``: the one
    whose image stands for it.
    """

    frame: int
    place: str
    frames: str
    group: str
    first: str
    second: str
    counts: str


class DifferencesTable(NamedTable):
    """1 and 2 take a reader's opinion, other digits the class on their key."""

    first_taken = Signal()
    second_taken = Signal()
    class_taken = Signal(int)  # its place in the panel
    class_asked = Signal()
    none_taken = Signal()
    left_open = Signal()
    show_requested = Signal()
    undo_requested = Signal()
    redo_requested = Signal()

    def __init__(self, names: tuple[str, str], parent: QWidget | None = None) -> None:
        headings = ("", wording.PLACE, wording.FRAMES, wording.GROUP, *names, wording.COUNTS)
        super().__init__(wording.DIFFERENCES_NAME, headings, name=_PLACE, numbers=(_FRAMES,))
        self.setParent(parent)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setIconSize(IMAGE)
        self.verticalHeader().setDefaultSectionSize(IMAGE.height() + 6)
        self.doubleClicked.connect(self.show_requested)
        self._frames: list[int] = []
        self._keys = {
            "1": self.first_taken,
            "2": self.second_taken,
            "x": self.none_taken,
            "o": self.left_open,
            "c": self.class_asked,
        }

    def set_rows(self, rows: Sequence[DifferenceRow]) -> None:
        """Replace the lines; the images that are there stay, and so does the chosen line."""
        if [row.frame for row in rows] != self._frames:
            self._frames = [row.frame for row in rows]
            self.setRowCount(0)
            self.setRowCount(len(rows))
        for line, row in enumerate(rows):
            texts = (row.place, row.frames, row.group, row.first, row.second, row.counts)
            for column, text in enumerate(texts, start=_PLACE):
                item = self.item(line, column)
                if item is None:
                    item = QTableWidgetItem()
                    item.setTextAlignment(RIGHT if column == _FRAMES else LEFT)
                    self.setItem(line, column, item)
                item.setText(text)

    def show_groups(self, shown: bool) -> None:
        """In which group each is; for procedures with labels of more than one."""
        self.setColumnHidden(_GROUP, not shown)

    def show_image(self, frame: int, image: QImage) -> None:
        """Of one of the frames."""
        for line, known in enumerate(self._frames):
            if known == frame:
                item = QTableWidgetItem()
                item.setIcon(QIcon(QPixmap.fromImage(image)))
                self.setItem(line, 0, item)

    def forget_images(self) -> None:
        """They are made anew: blanked, or not."""
        for line in range(self.rowCount()):
            self.setItem(line, 0, QTableWidgetItem())

    def choose(self, line: int) -> None:
        """This line, in sight; a line beyond the ends changes nothing."""
        if 0 <= line < self.rowCount():
            self.setCurrentCell(line, _PLACE)
            self.scrollTo(self.model().index(line, _PLACE))

    def frames(self) -> list[int]:
        """Those whose images are wanted."""
        return list(dict.fromkeys(self._frames))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys that decide and lead on."""
        text = event.text().lower()
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redo_requested.emit()
        elif event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.show_requested.emit()
        elif text == "n":
            self.choose(self.currentRow() + 1)
        elif text == "p":
            self.choose(self.currentRow() - 1)
        elif text in self._keys:
            self._keys[text].emit()
        elif text and text in DIGITS:
            self.class_taken.emit(DIGITS.index(text))
        else:
            super().keyPressEvent(event)
