"""A flat button with a drawn sign: sharp at any device pixel ratio, in the theme's colours, and
never a missing glyph.
"""

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPolygonF,
    QTransform,
)
from PySide6.QtWidgets import QToolButton, QWidget

from endoscope_app.base.key_claim import PRESS_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_tip
from endoscope_app.viewing import wording


class Sign(Enum):
    """What a transport button can show."""

    START = "start"
    BACK_MANY = "back many"
    BACK_ONE = "back one"
    PLAY = "play"
    PAUSE = "pause"
    FORWARD_ONE = "forward one"
    FORWARD_MANY = "forward many"
    END = "end"


_MIRRORED = {
    Sign.START: Sign.END,
    Sign.BACK_MANY: Sign.FORWARD_MANY,
    Sign.BACK_ONE: Sign.FORWARD_ONE,
}


def sign_path(sign: Sign) -> QPainterPath:
    """The sign inside a unit square; the ones that point backwards are the forward ones
    mirrored.
    """
    path = QPainterPath()
    match _MIRRORED.get(sign, sign):
        case Sign.PAUSE:
            path.addRect(QRectF(0.18, 0.12, 0.22, 0.76))
            path.addRect(QRectF(0.60, 0.12, 0.22, 0.76))
        case Sign.FORWARD_ONE:
            path.addRect(QRectF(0.12, 0.18, 0.13, 0.64))
            _triangle(path, 0.36, 0.84)
        case Sign.FORWARD_MANY:
            _triangle(path, 0.06, 0.50)
            _triangle(path, 0.50, 0.94)
        case Sign.END:
            _triangle(path, 0.14, 0.68)
            path.addRect(QRectF(0.72, 0.18, 0.13, 0.64))
        case _:
            path.addPolygon(
                QPolygonF([QPointF(0.18, 0.08), QPointF(0.92, 0.5), QPointF(0.18, 0.92)])
            )
            path.closeSubpath()
    if sign not in _MIRRORED:
        return path
    return QTransform(-1, 0, 0, 1, 1, 0).map(path)


def _triangle(path: QPainterPath, left: float, right: float) -> None:
    path.addPolygon(QPolygonF([QPointF(left, 0.18), QPointF(right, 0.5), QPointF(left, 0.82)]))
    path.closeSubpath()


class TransportButton(QToolButton):
    """Draws its sign over the style's own button."""

    def __init__(self, sign: Sign, name: str, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = sign
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(wording.with_keys(name, keys)))
        self.setAutoRaise(True)
        KeyClaim(self, PRESS_KEYS)

    @property
    def sign(self) -> Sign:
        """What it shows now."""
        return self._sign

    def set_sign(self, sign: Sign) -> None:
        """Show another sign."""
        self._sign = sign
        self.update()

    def sizeHint(self) -> QSize:
        """Big enough to hit in the dark; play and pause bigger than the rest."""
        side = 38 if self._sign in (Sign.PLAY, Sign.PAUSE) else 32
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Never smaller than its hint: a squeezed sign is unreadable."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style's frame and focus, then the sign."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(group, QPalette.ColorRole.ButtonText))
        side = min(self.width(), self.height()) * 0.5
        painter.translate((self.width() - side) / 2, (self.height() - side) / 2)
        painter.scale(side, side)
        painter.drawPath(sign_path(self._sign))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses too, as people expect from a focused button; a held key does not repeat."""
        if event.key() in PRESS_KEYS and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)
