"""The row on top of the review list: class, state, confidence, and the queue of the rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.icons import chip
from endoscope_app.base.key_claim import CHOICE_KEYS, SLIDE_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.base.wording import NO_BREAK
from endoscope_app.labels.frame_states import State
from endoscope_app.labels.review import wording
from endoscope_app.labels.review.review_rows import Queue, RowFilter

_DIGITS = tuple(Qt.Key(Qt.Key.Key_0 + digit) for digit in range(10))
_EDIT_KEYS = (
    *SLIDE_KEYS,
    *_DIGITS,
    Qt.Key.Key_Backspace,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
)


class ReviewFilters(QWidget):
    """Emits ``changed`` for every choice of a reader; for a queue ``queue_chosen`` before it."""

    changed = Signal()
    queue_chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(wording.FILTERS)
        self._class = _combo(wording.CLASS, wording.CLASS_TIP)
        self._state = _combo(wording.STATE, wording.STATE_TIP)
        self._queue = _combo(wording.ORDER, wording.ORDER_TIP)
        self._low = _per_cent(wording.LEAST)
        self._high = _per_cent(wording.GREATEST)
        self._high.setValue(100)
        self._reset = QPushButton(wording.SHOW_ALL)
        self._reset.setToolTip(plain_tip(wording.SHOW_ALL_TIP))
        self._reset.setAccessibleName(wording.SHOW_ALL_TIP)
        self._reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._state.addItem(wording.ALL_STATES, None)
        for state in State:
            self._state.addItem(wording.STATES[state].capitalize(), int(state))
        for queue, name in wording.QUEUES.items():
            self._queue.addItem(name, int(queue))
        self.set_classes([], [])
        self._lay_out()
        self._class.currentIndexChanged.connect(self._on_changed)
        self._state.currentIndexChanged.connect(self._on_changed)
        self._queue.activated.connect(self._on_queue)
        self._low.valueChanged.connect(self._on_low)
        self._high.valueChanged.connect(self._on_high)
        self._reset.clicked.connect(self.reset)
        self._tell_reset()

    def set_classes(self, names: Sequence[str], colours: Sequence[QColor]) -> None:
        """The classes to choose from; a chosen class stays chosen if its name remains."""
        before = self._class.currentText() if self._class.currentData() is not None else None
        with QSignalBlocker(self._class):
            self._class.clear()
            self._class.addItem(wording.ALL_CLASSES, None)
            for code, (name, colour) in enumerate(zip(names, colours, strict=True)):
                self._class.addItem(chip(colour), name, code)
            if before is not None and before in names:
                self._class.setCurrentIndex(1 + list(names).index(before))
        self._tell_reset()

    def wanted(self) -> RowFilter:
        """What is chosen."""
        code, state = self._class.currentData(), self._state.currentData()
        return RowFilter(
            None if code is None else int(code),
            None if state is None else State(int(state)),
            self._low.value() / 100,
            self._high.value() / 100,
        )

    def queue(self) -> Queue:
        """The order that is chosen."""
        return Queue(int(self._queue.currentData()))

    def set_queue(self, queue: Queue) -> None:
        """As if the reader had chosen it; an order that is not offered cannot be chosen."""
        place = self._queue.findData(int(queue))
        if place >= 0:
            self._queue.setCurrentIndex(place)
            self._on_queue()

    def offer_given(self, name: str) -> None:
        """Offer the order in which the rows are given under this name, and choose it.

        An empty name takes the offer away again.
        """
        self._queue.blockSignals(True)
        place = self._queue.findData(int(Queue.GIVEN))
        if place >= 0:
            self._queue.removeItem(place)
        if name:
            self._queue.insertItem(0, name, int(Queue.GIVEN))
        self._queue.blockSignals(False)
        self.set_queue(Queue.GIVEN if name else Queue.TIME)

    def set_wanted(self, wanted: RowFilter) -> None:
        """Choose a filter; tells of it once, and only where it is another one."""
        if wanted == self.wanted():
            return
        boxes = (self._class, self._state, self._low, self._high)
        blockers = [QSignalBlocker(box) for box in boxes]
        # findData(None) finds nothing, so the entry "all" is named by its place.
        self._class.setCurrentIndex(
            0 if wanted.class_code is None else self._class.findData(wanted.class_code)
        )
        self._state.setCurrentIndex(
            0 if wanted.state is None else self._state.findData(int(wanted.state))
        )
        self._low.setValue(round(wanted.low * 100))
        self._high.setValue(round(wanted.high * 100))
        for blocker in blockers:
            blocker.unblock()
        self._on_changed()

    def reset(self) -> None:
        """Show every frame; the queue stays."""
        self.set_wanted(RowFilter())

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, widgets in (
            (first, (self._class, self._state, self._queue)),
            (
                second,
                (plain_label(wording.PROBABILITY), self._low, plain_label(wording.TO), self._high),
            ),
        ):
            row.setSpacing(6)
            for widget in widgets:
                if isinstance(widget, QLabel):
                    widget.setProperty("role", "muted")
                row.addWidget(widget, 1 if isinstance(widget, QComboBox) else 0)
        second.addStretch(1)
        second.addWidget(self._reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(first)
        column.addLayout(second)

    def _on_low(self, value: int) -> None:
        with QSignalBlocker(self._high):
            self._high.setValue(max(value, self._high.value()))
        self._on_changed()

    def _on_high(self, value: int) -> None:
        with QSignalBlocker(self._low):
            self._low.setValue(min(value, self._low.value()))
        self._on_changed()

    def _on_queue(self) -> None:
        self.queue_chosen.emit()
        self._on_changed()

    def _on_changed(self) -> None:
        self._tell_reset()
        self.changed.emit()

    def _tell_reset(self) -> None:
        self._reset.setEnabled(self.wanted() != RowFilter())


def _combo(name: str, tip: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.view().setAccessibleName(name)
    box.setToolTip(plain_tip(tip))
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(10)
    KeyClaim(box, CHOICE_KEYS)
    return box


def _per_cent(name: str) -> QSpinBox:
    box = QSpinBox()
    box.setAccessibleName(name)
    box.setToolTip(plain_tip(wording.probability_tip(name)))
    box.setRange(0, 100)
    box.setSingleStep(5)
    box.setSuffix(f"{NO_BREAK}%")
    box.setKeyboardTracking(False)
    KeyClaim(box, _EDIT_KEYS)
    # A number is typed after a click, unlike a choice that a click makes.
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return box
