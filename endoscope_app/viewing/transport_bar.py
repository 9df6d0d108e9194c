"""Play, step, speed, and where we are."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from endoscope_app.base.key_claim import CHOICE_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.viewing import wording
from endoscope_app.viewing.play_speeds import SPEEDS
from endoscope_app.viewing.transport_button import Sign, TransportButton

_MANY: Final = 10


class TransportBar(QWidget):
    """The row of buttons beneath the image.

    It only asks; whoever plays tells it back what is so.
    """

    play_toggled = Signal()
    step_requested = Signal(int)
    home_requested = Signal()
    end_requested = Signal()
    speed_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._build_buttons()
        self._speed = self._build_speed()
        self._time = self._read_out(wording.TIME_NAME)
        self._time.setMinimumWidth(1)  # what is said beside it must not make the window wider
        self._frame = self._read_out(wording.FRAME_INDEX_NAME)
        self._frame.setProperty("role", "muted")
        self._frame.setToolTip(plain_tip(wording.FRAME_INDEX_TIP))
        self._loop = plain_label(parent=self)
        self._loop.setAccessibleName(wording.LOOP_NAME)
        self._loop.setProperty("role", "group")
        self._lay_out()
        self.set_position(0, 0.0, 0, 0.0)
        self.set_playing(False)
        self.set_enabled_for_source(False)

    # -- values in
    # ----------------------------------------

    def set_playing(self, playing: bool) -> None:
        """Show pause while playing and play while paused."""
        self._play.set_sign(Sign.PAUSE if playing else Sign.PLAY)
        name, keys = wording.PAUSE if playing else wording.PLAY
        self._play.setAccessibleName(name)
        self._play.setToolTip(plain_tip(wording.with_keys(name, keys)))

    def set_position(
        self, index: int, time_ms: float, frame_count: int, duration_ms: float, note: str = ""
    ) -> None:
        """The frame shown and how much there is, and what else is to be said of its time; a
        frame count of 0 means no procedure.
        """
        if frame_count <= 0:
            self._time.setText(wording.NO_TIME)
            self._frame.setText(wording.NO_FRAME)
            return
        self._time.setText(wording.time_of(time_ms, duration_ms, note))
        self._time.setToolTip(plain_tip(note))
        self._frame.setText(wording.frame_of(index, frame_count))

    def set_still(self, index: int, count: int) -> None:
        """The still shown, of a folder: stills have no time of their own."""
        self._time.setText("")
        self._frame.setText(wording.still_of(index, count))

    def set_loop(self, text: str) -> None:
        """Which stretch repeats; empty for none."""
        self._loop.setText(text)

    def set_speed(self, speed: float) -> None:
        """Show a speed; one that is not in the list is put into it."""
        row = self._speed.findData(speed)
        if row < 0:
            listed = [self._speed.itemData(each) for each in range(self._speed.count())]
            row = sum(1 for each in listed if each < speed)
            self._speed.insertItem(row, wording.speed(speed), speed)
        self._speed.setCurrentIndex(row)

    def set_enabled_for_source(self, enabled: bool) -> None:
        """Without a procedure nothing can be played."""
        for button in self._buttons:
            button.setEnabled(enabled)
        self._speed.setEnabled(enabled)

    # -- inside
    # ----------------------------------------

    def _build_buttons(self) -> None:
        start = TransportButton(Sign.START, *wording.FIRST_FRAME, self)
        back_many = TransportButton(Sign.BACK_MANY, *wording.BACK_MANY, self)
        back_one = TransportButton(Sign.BACK_ONE, *wording.BACK_ONE, self)
        self._play = TransportButton(Sign.PLAY, *wording.PLAY, self)
        forward_one = TransportButton(Sign.FORWARD_ONE, *wording.FORWARD_ONE, self)
        forward_many = TransportButton(Sign.FORWARD_MANY, *wording.FORWARD_MANY, self)
        end = TransportButton(Sign.END, *wording.LAST_FRAME, self)
        self._buttons = (start, back_many, back_one, self._play, forward_one, forward_many, end)
        for button, frames in (
            (back_many, -_MANY),
            (back_one, -1),
            (forward_one, 1),
            (forward_many, _MANY),
        ):
            # Held down, a step repeats like a held arrow key.
            button.setAutoRepeat(True)
            button.setAutoRepeatInterval(60)
            button.clicked.connect(
                lambda _checked=False, frames=frames: self.step_requested.emit(frames)
            )
        start.clicked.connect(lambda: self.home_requested.emit())
        end.clicked.connect(lambda: self.end_requested.emit())
        self._play.clicked.connect(lambda: self.play_toggled.emit())

    def _build_speed(self) -> QComboBox:
        combo = QComboBox(self)
        for speed in SPEEDS:
            combo.addItem(wording.speed(speed), speed)
        combo.setCurrentIndex(SPEEDS.index(1.0))
        combo.setAccessibleName(wording.SPEED_NAME)
        combo.setToolTip(plain_tip(wording.SPEED_TIP))
        KeyClaim(combo, CHOICE_KEYS)
        # activated, not currentIndexChanged: only what the user chooses is a request.
        combo.activated.connect(self._on_activated)
        return combo

    def _read_out(self, name: str) -> QLabel:
        label = plain_label(parent=self)
        label.setAccessibleName(name)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF())
        # Equally wide figures: the line must not dance while frames run by.
        label.setFont(font)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        return label

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(2)
        for button in self._buttons:
            row.addWidget(button)
        row.addSpacing(10)
        row.addWidget(self._speed)
        row.addSpacing(14)
        row.addWidget(self._time)
        row.addSpacing(14)
        row.addWidget(self._loop)
        row.addStretch(1)
        row.addWidget(self._frame)

    def _on_activated(self, row: int) -> None:
        self.speed_changed.emit(float(self._speed.itemData(row)))
