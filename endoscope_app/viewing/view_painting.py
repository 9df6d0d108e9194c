"""What surrounds an image: bars, message, caption."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

# Dark in every theme: a bright surround would change how the image's own tones look.
_SURROUND = QColor("#0c0e10")
_SURROUND_TEXT = QColor("#9aa3ad")
_PLATE, _PLATE_TEXT = QColor(10, 12, 14, 190), QColor("#d6d9de")


def fill_around(painter: QPainter, whole: QRect, covered: QRect) -> None:
    """Paint only the bars beside the image: filling all of it first would cost a third of the
    frame's own paint.
    """
    inner = covered.intersected(whole)
    for bar in (
        QRect(0, 0, whole.width(), inner.top()),
        QRect(0, inner.bottom() + 1, whole.width(), whole.height() - inner.bottom() - 1),
        QRect(0, inner.top(), inner.left(), inner.height()),
        QRect(inner.right() + 1, inner.top(), whole.width() - inner.right() - 1, inner.height()),
    ):
        if not bar.isEmpty():
            painter.fillRect(bar, _SURROUND)


def paint_message(painter: QPainter, whole: QRect, font: QFont, text: str) -> None:
    """An empty view with a sentence in its middle; ``font``: the widget's, which is enlarged."""
    painter.fillRect(whole, _SURROUND)
    larger = QFont(font)
    larger.setPointSizeF(font.pointSizeF() * 1.35)
    painter.setFont(larger)
    painter.setPen(_SURROUND_TEXT)
    painter.drawText(
        QRectF(whole).adjusted(24, 24, -24, -24),
        int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
        text,
    )


def paint_caption(painter: QPainter, width: int, text: str, line: int = 0) -> None:
    """A line on a plate at the top left, below ``line`` others, cut to ``width`` (widget
    pixels) with dots.
    """
    metrics = painter.fontMetrics()
    cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, width - 32))
    height = metrics.height() + 6
    plate = QRectF(8, 8 + line * (height + 4), metrics.horizontalAdvance(cut) + 16, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PLATE)
    painter.drawRoundedRect(plate, 4, 4)
    painter.setPen(_PLATE_TEXT)
    painter.drawText(plate, int(Qt.AlignmentFlag.AlignCenter), cut)


def paint_zoom(painter: QPainter, whole: QRect, text: str) -> None:
    """How much larger than whole the image is, on a plate at the right lower corner."""
    metrics = painter.fontMetrics()
    wide, high = metrics.horizontalAdvance(text) + 16, metrics.height() + 6
    plate = QRectF(whole.right() - wide - 8, whole.bottom() - high - 8, wide, high)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PLATE)
    painter.drawRoundedRect(plate, 4, 4)
    painter.setPen(_PLATE_TEXT)
    painter.drawText(plate, int(Qt.AlignmentFlag.AlignCenter), text)


def as_image(pixels: NDArray[np.uint8], layout: QImage.Format) -> QImage:
    """A view of the array, not a copy: the array must outlive the image, so callers keep the
    patch.
    """
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], layout)
