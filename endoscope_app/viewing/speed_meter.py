"""One line that says how many frames a second are shown and whether that keeps up."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label, plain_tip
from endoscope_app.viewing import wording
from endoscope_app.viewing.live_speed import LiveSpeed

# Faster than this nobody can read it, and a repaint costs time that the image needs.
_INTERVAL_MS = 250


class Meter(QWidget):
    """Takes figures at any rate, shows them four times a second; details are in its tool tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = plain_label(wording.LIVE_PAUSED, parent=self)
        self._label.setAccessibleName(wording.METER_NAME)
        self._label.setProperty("role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.addWidget(self._label)
        self._waiting: LiveSpeed | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timeout)

    def set_speed(self, speed: LiveSpeed) -> None:
        """New figures."""
        self._waiting = speed
        if not self._timer.isActive():
            self._on_timeout()

    def text(self) -> str:
        """What the line says now."""
        return self._label.text()

    def _on_timeout(self) -> None:
        speed, self._waiting = self._waiting, None
        if speed is not None:
            self._label.setText(wording.live(speed.per_second, keeps_up=speed.keeps_up))
            details = wording.live_details(
                speed.decode_ms, speed.infer_ms, speed.draw_ms, speed.shown, speed.dropped
            )
            self._label.setToolTip(plain_tip(details))
            self._timer.start()
