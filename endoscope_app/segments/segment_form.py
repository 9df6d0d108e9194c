"""What the reader writes beside a segment, edited in place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLineEdit,
    QWidget,
)

from endoscope_app.base.key_claim import CHOICE_KEYS, PRESS_KEYS, KeyClaim
from endoscope_app.segments import wording
from endoscope_app.segments.decided import DecidedSegment, SegmentFields

#: A reader who thinks for so long has said something worth keeping.
KEPT_AFTER_MS = 1000
MOST_MM = 200.0
LEAVING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class SegmentForm(QWidget):
    """``entered`` as soon as a field is left or has rested; Enter and Esc leave it.

    ``capture``: asked when a segment is shown; what it gives comes back with what was entered, when
    another procedure may be open.
    """

    entered = Signal(object, object, object)  # DecidedSegment, SegmentFields, what was captured
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.capture: Callable[[DecidedSegment], object] = lambda _: None
        self._item: DecidedSegment | None = None
        self._captured: object = None
        self._shown = SegmentFields()
        self._text = QLineEdit()
        self._text.setPlaceholderText(wording.TEXT)
        self._text.setAccessibleName(wording.TEXT_NAME)
        self._size = QDoubleSpinBox()
        self._size.setRange(0.0, MOST_MM)
        self._size.setDecimals(1)
        self._size.setSuffix(wording.MM)
        self._size.setSpecialValueText(wording.NO_SIZE)
        self._size.setAccessibleName(wording.SIZE_NAME)
        self._paris = _choice(wording.PARIS, wording.PARIS_NAME)
        self._certainty = _choice(wording.CERTAINTIES, wording.CERTAINTY_NAME)
        self._site_text = QLineEdit()
        self._site_text.setPlaceholderText(wording.SITE)
        self._site = QComboBox()
        self._site.setEditable(True)
        self._site.setLineEdit(self._site_text)
        self._site.addItems(list(wording.SITES))
        self._site.setAccessibleName(wording.SITE_NAME)
        self._site.setMinimumContentsLength(8)
        self._conference = QCheckBox(wording.CONFERENCE)
        self._conference.setAccessibleName(wording.CONFERENCE_NAME)
        KeyClaim(self._conference, PRESS_KEYS)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEPT_AFTER_MS)
        self._lay_out()
        self._connect()
        self.show_item(None)

    def show_item(self, item: DecidedSegment | None) -> None:
        """What is written beside this segment; what is being typed beside the one before is kept
        first, and is never overwritten by what was there.
        """
        same = item is not None and self._item is not None and _place(item) == _place(self._item)
        if not same:
            self.keep()
        self._item = item
        self._captured = None if item is None else self.capture(item)
        self.setEnabled(item is not None)
        fields = SegmentFields() if item is None else item.fields
        if same and fields == self._entered():
            self._shown = fields  # a space at the end, that is still being typed, stays
        elif not same or self._entered() == self._shown:
            self._fill(fields)

    def keep(self) -> None:
        """Tell what was entered, if it is not what was shown."""
        self._timer.stop()
        entered, item = self._entered(), self._item
        if item is not None and entered != self._shown:
            self._shown = entered
            self.entered.emit(item, entered, self._captured)

    def begin(self) -> None:
        """The keyboard goes to the text."""
        self._text.setFocus()
        self._text.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and Esc in a field lead back to the list; the wheel scrolls past fields that have
        not been entered.
        """
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return not (isinstance(watched, QWidget) and watched.hasFocus())
        if (
            not isinstance(event, QKeyEvent)
            or event.key() not in LEAVING_KEYS
            or isinstance(watched, QComboBox)
        ):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # else the window's shortcut would take the key
        elif event.type() == QEvent.Type.KeyPress:
            self.keep()
            self.left.emit()
        return True

    def _entered(self) -> SegmentFields:
        return SegmentFields(
            " ".join(self._text.text().split()),
            round(self._size.value(), 1),
            self._paris.currentData(),
            " ".join(self._site.currentText().split()),
            self._certainty.currentData(),
            self._conference.isChecked(),
        )

    def _fill(self, fields: SegmentFields) -> None:
        self._shown = fields
        self._text.setText(fields.text)
        self._size.setValue(fields.size_mm)
        self._paris.setCurrentIndex(max(0, self._paris.findData(fields.paris)))
        self._site.setCurrentText(fields.site)
        self._certainty.setCurrentIndex(max(0, self._certainty.findData(fields.certainty)))
        self._conference.setChecked(fields.conference)
        self._timer.stop()

    def _connect(self) -> None:
        self._timer.timeout.connect(self.keep)
        self._text.textEdited.connect(self._timer.start)
        self._site.editTextChanged.connect(self._timer.start)
        self._size.valueChanged.connect(self._timer.start)
        self._text.editingFinished.connect(self.keep)
        self._site_text.editingFinished.connect(self.keep)
        self._size.editingFinished.connect(self.keep)
        for choice in (self._paris, self._certainty, self._site):
            choice.activated.connect(self.keep)
        self._conference.clicked.connect(self.keep)
        for field in (
            self._text,
            self._size,
            self._site_text,
            self._site,
            self._paris,
            self._certainty,
        ):
            field.installEventFilter(self)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        grid.addWidget(self._text, 0, 0, 1, 2)
        grid.addWidget(self._size, 1, 0)
        grid.addWidget(self._paris, 1, 1)
        grid.addWidget(self._site, 2, 0)
        grid.addWidget(self._certainty, 2, 1)
        grid.addWidget(self._conference, 3, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)


def _place(item: DecidedSegment) -> tuple[str, int, int]:
    return item.kind, item.first_index, item.last_index


def _choice(choices: tuple[tuple[str, str], ...], name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setMinimumContentsLength(8)
    for value, text in choices:
        box.addItem(text, value)
    KeyClaim(box, CHOICE_KEYS)
    return box
