"""One line that says how fast the pipeline is and whether it keeps up."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QWidget

from endoscope_app.base.plain_text import plain_label

# Faster than this nobody can read it, and a repaint costs time that the picture needs.
_INTERVAL_MS = 250


class Meter(QWidget):
    """Decode, infer and draw times, frames shown and dropped.

    Takes values at any rate, shows them four times a second.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = plain_label(parent=self)
        self._label.setAccessibleName("Speed meter")
        self._label.setProperty("role", "muted")
        self._label.setToolTip(
            "Median milliseconds a frame for decoding, classifying and drawing; frames shown and"
            " dropped since the recording was opened"
        )
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(9.0)
        self._label.setFont(font)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.addWidget(self._label)
        self._waiting: str | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timeout)
        self._label.setText(meter_text(None, None, None, 0, 0, live=True))

    def set_values(
        self,
        decode_ms: float | None,
        infer_ms: float | None,
        draw_ms: float | None,
        shown: int,
        dropped: int,
        live: bool,
    ) -> None:
        """New figures; None for a time that is not known."""
        self._waiting = meter_text(decode_ms, infer_ms, draw_ms, shown, dropped, live)
        if not self._timer.isActive():
            self._on_timeout()

    def text(self) -> str:
        """What the line says now."""
        return self._label.text()

    def _on_timeout(self) -> None:
        if self._waiting is not None:
            self._label.setText(self._waiting)
            self._waiting = None
            self._timer.start()


def meter_text(
    decode_ms: float | None,
    infer_ms: float | None,
    draw_ms: float | None,
    shown: int,
    dropped: int,
    live: bool,
) -> str:
    """The line; every field has a fixed width, so that nothing moves while it runs."""
    times = "  ".join(
        f"{name} {'–' if value is None else format(min(value, 999.9), '.1f'):>5}"
        for name, value in (("decode", decode_ms), ("infer", infer_ms), ("draw", draw_ms))
    )
    return (
        f"{times} ms · shown {shown:>7,} · dropped {dropped:>5,} ·"
        f" {'live' if live else 'catching up':<11}"
    )
