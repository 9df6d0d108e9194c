"""Go to a frame or a time, typed as people write them."""

import re
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label
from endoscope_app.media.frame_times import FrameTimes
from endoscope_app.viewing import wording

_FRAME: Final = re.compile(r"(?:frame\s*|#\s*)?(\d+)", re.IGNORECASE)
_SECONDS: Final = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|sec|min|m|h)", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(?:(\d+):)?(\d+):(\d{1,2}(?:\.\d+)?)")
_UNIT_MS: Final = {
    "ms": 1.0,
    "s": 1000.0,
    "sec": 1000.0,
    "m": 60_000.0,
    "min": 60_000.0,
    "h": 3_600_000.0,
}


class PositionError(ValueError):
    """The text names no position; the message says why, for the reader."""


def parse_time_ms(text: str) -> float | None:
    """``12:34``, ``1:02:03.5``, ``90s``, ``2 min`` as milliseconds.

    None when the text is not written as a time.
    """
    plain = text.strip().replace(",", ".")
    if match := _SECONDS.fullmatch(plain):
        return float(match[1]) * _UNIT_MS[match[2].lower()]
    match = _CLOCK.fullmatch(plain)
    if match is None:
        return None
    hours, minutes, seconds = int(match[1] or 0), int(match[2]), float(match[3])
    if seconds >= 60 or (match[1] is not None and minutes >= 60):
        raise PositionError(wording.NO_SUCH_MINUTE)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


def parse_position(text: str, fps_time_lookup: Callable[[float], int]) -> int:
    """The frame that the text names.

    ``fps_time_lookup`` gives the frame shown at a time in milliseconds.

    Raises `PositionError` with a sentence for the reader.
    """
    plain = text.strip()
    if not plain:
        raise PositionError(wording.NOTHING_TYPED)
    if match := _FRAME.fullmatch(plain):
        return int(match[1])
    time_ms = parse_time_ms(plain)
    if time_ms is None:
        raise PositionError(wording.NO_POSITION)
    return fps_time_lookup(time_ms)


class GotoDialog(QDialog):
    """Asks for a position and says at once what the text means.

    `position_chosen` carries the frame.
    """

    position_chosen = Signal(int)

    def __init__(
        self,
        times: FrameTimes,
        duration_ms: float,
        parent: QWidget | None = None,
        *,
        stills: bool = False,
    ) -> None:
        """``times``: of every frame; ``duration_ms``: when the last one ends; ``stills``: they
        have a number only.
        """
        super().__init__(parent)
        self.setWindowTitle(wording.GO_TO_IMAGE_TITLE if stills else wording.GO_TO_TITLE)
        self._times, self._stills = times, stills
        self._duration_ms = duration_ms
        self._index: int | None = None
        self._field = QLineEdit(self)
        self._field.setAccessibleName(wording.IMAGE_NUMBER if stills else wording.POSITION_NAME)
        self._field.setPlaceholderText(
            wording.IMAGE_EXAMPLE if stills else wording.POSITION_EXAMPLES
        )
        self._field.textChanged.connect(self._on_text_changed)
        self._verdict = plain_label(parent=self)
        self._verdict.setAccessibleName(wording.MEANING_NAME)
        self._verdict.setWordWrap(True)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        self._go = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._go.setText(wording.GO)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        for widget in (
            plain_label(wording.IMAGE_NUMBER if stills else wording.POSITION_LABEL, self),
            self._field,
            self._verdict,
            self._buttons,
        ):
            layout.addWidget(widget)
        self.setMinimumWidth(380)
        self._on_text_changed("")

    @property
    def index(self) -> int | None:
        """The frame that the text names now, or None."""
        return self._index

    def verdict(self) -> str:
        """What the dialog says about the text."""
        return self._verdict.text()

    def accept(self) -> None:
        """Only a position that exists closes the dialog."""
        if self._index is not None:
            self.position_chosen.emit(self._index)
            super().accept()

    def _on_text_changed(self, text: str) -> None:
        try:
            self._index = self._checked(text)
            self._verdict.setText(self._meaning(self._index))
        except PositionError as error:
            self._index = None
            self._verdict.setText(str(error))
        # An empty field is no mistake yet.
        role = "danger" if self._index is None and text.strip() else "muted"
        self._verdict.setProperty("role", role)
        self._verdict.style().polish(self._verdict)
        self._go.setEnabled(self._index is not None)

    def _checked(self, text: str) -> int:
        if self._stills and not _FRAME.fullmatch(text.strip()):
            raise PositionError(wording.TYPE_IMAGE_NUMBER)
        time_ms = parse_time_ms(text)
        if time_ms is not None and time_ms > self._duration_ms:
            raise PositionError(wording.ends_before(self._duration_ms))
        index = parse_position(text, self._times.index_at)
        if not 0 <= index < len(self._times):
            raise PositionError(wording.frames_up_to(len(self._times) - 1, stills=self._stills))
        return index

    def _meaning(self, index: int) -> str:
        """Which frame is meant; in a pause of the recorder it is the last one before."""
        times = self._times
        if self._stills:
            return wording.image_position(index, len(times))
        wanted = parse_time_ms(self._field.text())
        ends = float(times.times_ms[index] + times.durations_ms[index])
        in_pause = wanted is not None and index in times.gaps and wanted >= ends
        return wording.position(index, len(times), float(times.times_ms[index]), in_pause=in_pause)
