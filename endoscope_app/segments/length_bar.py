"""Which runs are segments: how long they must be, which gaps are joined, and at once how many that
gives. The sliders are folded away until the reader wants them: the list needs the room.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from endoscope_app.base.key_claim import PRESS_KEYS, SLIDE_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.segments import wording
from endoscope_app.segments.segment_painting import smaller

STEPS_A_SECOND = 10
MOST_S = 5.0


class LengthBar(QWidget):
    """Seconds in, wishes out."""

    minimum_chosen = Signal(float)
    joining_chosen = Signal(float)
    adjusting_chosen = Signal(bool)  # whether the reader wants to see the sliders

    def __init__(self) -> None:
        super().__init__()
        self._minimum = _slider(wording.MINIMUM_NAME, wording.MINIMUM_TIP)
        self._joining = _slider(wording.JOINING_NAME, wording.JOINING_TIP)
        self._minimum_text, self._joining_text = plain_label(), plain_label()
        self._count = plain_label()
        self._count.setWordWrap(True)
        self._count.setToolTip(plain_tip(wording.ALARMS_TIP))
        self._minimum.valueChanged.connect(
            lambda value: self.minimum_chosen.emit(value / STEPS_A_SECOND)
        )
        self._joining.valueChanged.connect(
            lambda value: self.joining_chosen.emit(value / STEPS_A_SECOND)
        )
        self._adjust = QToolButton()
        self._adjust.setText(wording.ADJUST)
        self._adjust.setCheckable(True)
        self._adjust.setProperty("role", "chip")
        self._adjust.setToolTip(plain_tip(wording.ADJUST_TIP))
        KeyClaim(self._adjust, PRESS_KEYS)
        self._adjust.toggled.connect(self.adjusting_chosen)
        head = QHBoxLayout()
        head.addWidget(self._count, 1)
        head.addWidget(self._adjust)
        self._sliders = QWidget()
        self._sliders.setVisible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self._sliders)
        grid = QGridLayout(self._sliders)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        for line, (text, slider, value) in enumerate(
            (
                (wording.AT_LEAST, self._minimum, self._minimum_text),
                (wording.JOIN, self._joining, self._joining_text),
            )
        ):
            grid.addWidget(_muted(text), line, 0)
            grid.addWidget(slider, line, 1)
            grid.addWidget(value, line, 2)
        grid.addLayout(self._presets(), 0, 3)
        grid.setColumnStretch(1, 1)

    def set_lengths(self, minimum_s: float, joining_s: float) -> None:
        """As the settings have them."""
        for slider, text, value in (
            (self._minimum, self._minimum_text, minimum_s),
            (self._joining, self._joining_text, joining_s),
        ):
            with QSignalBlocker(slider):
                slider.setValue(round(value * STEPS_A_SECOND))
            text.setText(wording.seconds(value))

    def set_adjusting(self, adjusting: bool) -> None:
        """Whether the sliders are shown."""
        with QSignalBlocker(self._adjust):
            self._adjust.setChecked(adjusting)
        self._sliders.setVisible(adjusting)

    def set_count(self, text: str) -> None:
        """How many segments that gives."""
        self._count.setText(text)

    def _presets(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(0)
        for value in wording.PRESETS_S:
            button = QToolButton()
            button.setText(wording.preset(value))
            button.setFont(smaller(button.font()))
            button.setAccessibleName(wording.preset_name(value))
            button.setToolTip(plain_tip(wording.preset_name(value)))
            KeyClaim(button, PRESS_KEYS)
            button.clicked.connect(partial(self._on_preset, value))
            line.addWidget(button)
        return line

    def _on_preset(self, value: float) -> None:
        self.minimum_chosen.emit(value)


def _slider(name: str, tip: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(0, round(MOST_S * STEPS_A_SECOND))
    slider.setPageStep(STEPS_A_SECOND // 2)
    slider.setAccessibleName(name)
    slider.setToolTip(plain_tip(tip))
    KeyClaim(slider, SLIDE_KEYS)
    return slider


def _muted(text: str) -> QLabel:
    label = plain_label(text)
    label.setProperty("role", "muted")
    return label
