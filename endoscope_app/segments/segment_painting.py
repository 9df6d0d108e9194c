"""How a row of the list is drawn: its image, what it is, when and how sure, and what became of
it.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from endoscope_app.base.name_painting import draw_name
from endoscope_app.segments import wording
from endoscope_app.segments.segment_model import THUMBNAIL, SegmentModel
from endoscope_app.segments.segment_rows import SegmentRow

ROW_HEIGHT, HEADING_HEIGHT = 58, 24
_GAP, _STRIPE = 6, 4
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


def smaller(font: QFont) -> QFont:
    """For what stands beside something more important."""
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.85)
    return small


class SegmentPainter(QStyledItemDelegate):
    """Of the rows of ``model``; in the view's palette, so that it follows the theme."""

    def __init__(self, model: SegmentModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Headings are lower."""
        is_row = self._model.segment(index.row()) is not None
        return QSize(200, ROW_HEIGHT if is_row else HEADING_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """One row."""
        rect: QRect = option.rect
        palette: QPalette = option.palette
        font: QFont = option.font
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        row = self._model.segment(index.row())
        if row is None:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(rect.adjusted(_GAP, 0, -_GAP, 0), _LEFT, str(index.data()))
        else:
            self._paint_row(painter, rect, palette, font, row, selected)
        painter.restore()

    def _paint_row(
        self,
        painter: QPainter,
        rect: QRect,
        palette: QPalette,
        font: QFont,
        row: SegmentRow,
        selected: bool,
    ) -> None:
        if selected:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Midlight))
        painter.fillRect(
            QRect(rect.left(), rect.top() + 3, _STRIPE, rect.height() - 6), QColor(row.colour)
        )
        picture = QRect(
            rect.left() + _STRIPE + _GAP,
            rect.top() + (rect.height() - THUMBNAIL.height()) // 2,
            THUMBNAIL.width(),
            THUMBNAIL.height(),
        )
        image = self._model.image(row)
        if image is None:
            painter.fillRect(picture, palette.color(QPalette.ColorRole.AlternateBase))
        else:
            image.paint(painter, picture)
        left = picture.right() + 1 + _GAP
        room = QRectF(left, rect.top() + 2, rect.right() - left - 2, rect.height() - 4)
        settled = row.item.state != "open"
        self._paint_words(painter, room, palette, font, row, settled=settled)

    def _paint_words(
        self,
        painter: QPainter,
        room: QRectF,
        palette: QPalette,
        font: QFont,
        row: SegmentRow,
        *,
        settled: bool,
    ) -> None:
        text, muted = (
            palette.color(QPalette.ColorRole.Text),
            palette.color(QPalette.ColorRole.PlaceholderText),
        )
        small = smaller(font)
        line = QFontMetricsF(small).height()
        name_height = room.height() - 2 * line
        bold = QFont(font)
        # Only what asks for a decision stands out
        bold.setBold(not settled)
        bold.setStrikeOut(row.item.state == "rejected")
        painter.setFont(bold)
        painter.setPen(muted if settled else text)
        draw_name(painter, QRectF(room.left(), room.top(), room.width(), name_height), row.name)
        painter.setFont(small)
        figures = QRectF(room.left(), room.top() + name_height, room.width(), line)
        painter.setPen(muted)
        draw_name(painter, figures, wording.figures(row))
        painter.setPen(
            QGuiApplication.palette().color(QPalette.ColorRole.Link) if settled else muted
        )
        below = " · ".join(part for part in (wording.state(row), row.detail) if part)
        room = figures.translated(0, line)
        ellipsis = Qt.TextElideMode.ElideRight
        painter.drawText(
            room, _LEFT, QFontMetricsF(small).elidedText(below, ellipsis, room.width())
        )
