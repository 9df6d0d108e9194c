"""How a still is drawn on the contact sheet: its thumbnail, its name, what the model says of it,
and what its reader says.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from endoscope_app.stills.sheet_model import THUMBNAIL, Line, SheetModel, StillCell

_PAD, _CHIP, _FRAME = 6, 9, 3
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
_LINES = 3


_LEAST_IMAGE = 40
"""px high, in however low a sheet."""


def cell_size(font: QFont, height: int) -> QSize:
    """Of one still with its three lines: in a sheet of ``height`` px, however low, one line of
    cells is whole, with smaller images.
    """
    words = _words_height(font)
    image = min(max(height - words, _LEAST_IMAGE), THUMBNAIL.height())
    return QSize(THUMBNAIL.width() + 2 * _PAD, image + words)


def _words_height(font: QFont) -> int:
    """Of a cell, what its image leaves."""
    return _LINES * QFontMetrics(_small(font)).lineSpacing() + 3 * _PAD


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.9)
    return small


class SheetPainter(QStyledItemDelegate):
    """Of the cells of ``model``, each as large as ``cell``; in the view's palette, so that it
    follows the theme.
    """

    def __init__(self, model: SheetModel, parent: QObject) -> None:
        super().__init__(parent)
        self.cell = QSize()
        self._model = model

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """The same for all."""
        return self.cell

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """One still."""
        rect: QRect = option.rect.adjusted(2, 2, -2, -2)
        palette: QPalette = option.palette
        state = option.state
        cell = self._model.cell(index.row())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Midlight))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Link), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        tall = option.rect.height() - _words_height(option.font)
        wide = THUMBNAIL.width() * tall // THUMBNAIL.height()
        picture = QRect(rect.center().x() - wide // 2 + 1, rect.top() + _PAD, wide, tall)
        image = self._model.image(index.row())
        painter.fillRect(picture, palette.color(QPalette.ColorRole.AlternateBase))
        if image is not None:
            image.paint(painter, picture)
        if cell.reader.colour is not None:
            # The reader's own word frames the image: it is what counts
            painter.setPen(QPen(cell.reader.colour, _FRAME))
            painter.drawRect(picture.adjusted(1, 1, -1, -1))
        words = QRect(rect.left() + _PAD, picture.bottom() + _PAD, rect.width() - 2 * _PAD, 0)
        self._paint_words(painter, words, palette, _small(option.font), cell)
        painter.restore()

    def _paint_words(
        self, painter: QPainter, room: QRect, palette: QPalette, font: QFont, cell: StillCell
    ) -> None:
        text = palette.color(QPalette.ColorRole.Text)
        muted = palette.color(QPalette.ColorRole.PlaceholderText)
        accent = palette.color(QPalette.ColorRole.Link)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        line = QRect(room.left(), room.top(), room.width(), metrics.lineSpacing())
        middle = Qt.TextElideMode.ElideMiddle
        painter.setPen(muted)
        # Both ends of a name tell it from its neighbours
        painter.drawText(line, _LEFT, metrics.elidedText(cell.name, middle, line.width()))
        for below, pen in ((cell.model, text), (cell.reader, accent)):
            line.translate(0, metrics.lineSpacing())
            if below.words:
                painter.setPen(pen)
                self._paint_line(painter, line, metrics, below)

    def _paint_line(
        self, painter: QPainter, line: QRect, metrics: QFontMetrics, below: Line
    ) -> None:
        pen = painter.pen()
        aside = metrics.horizontalAdvance(below.aside) + _PAD if below.aside else 0
        painter.drawText(line, _RIGHT, below.aside)
        left = 0
        if below.colour is not None:
            self._chip(painter, line, below.colour)
            left = _CHIP + 5
        painter.setPen(pen)
        room = line.adjusted(left, 0, -aside, 0)
        words = metrics.elidedText(below.words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _LEFT, words)

    @staticmethod
    def _chip(painter: QPainter, line: QRect, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        top = line.top() + (line.height() - _CHIP) / 2
        painter.drawEllipse(
            QRectF(QPointF(line.left(), top), QPointF(line.left() + _CHIP, top + _CHIP))
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
