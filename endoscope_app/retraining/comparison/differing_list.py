"""The frames on which two models differ, in a list: thumbnail, change, truth, predictions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from endoscope_app.base.wording import percent
from endoscope_app.retraining.comparison import wording
from endoscope_app.retraining.comparison.compared_models import DifferingFrame, FramePrediction

Index = QModelIndex | QPersistentModelIndex
THUMBNAIL = QSize(92, 72)
ROW_HEIGHT = 88
_MARGIN = 8
_FRAME = int(Qt.ItemDataRole.UserRole)
_DARK = QColor("#0c0e10")  # behind images in every theme, as in the frame view
_COLOURS = {
    "broken": QPalette.ColorRole.BrightText,
    "corrected": QPalette.ColorRole.Link,
    "both wrong": QPalette.ColorRole.PlaceholderText,
}


class FrameList(QListView):
    """``chosen`` at every change of the current frame.

    ``thumbnail_requested`` once per image when its row is first seen.
    """

    chosen = Signal(object)  # DifferingFrame
    thumbnail_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(wording.LIST_NAME)
        self._model = _Frames(self)
        self.setModel(self._model)
        self.setItemDelegate(_Row(self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model.thumbnail_requested.connect(self.thumbnail_requested)
        self.selectionModel().currentChanged.connect(self._on_current)

    def set_frames(self, frames: Sequence[DifferingFrame]) -> None:
        """Show these; the current one stays where it is among them, else the first is chosen."""
        before = self.current()
        self._model.set_frames(frames)
        if frames:
            self.setCurrentIndex(self._model.index(frames.index(before) if before in frames else 0))

    def frames(self) -> list[DifferingFrame]:
        """Those shown."""
        return list(self._model.frames)

    def current(self) -> DifferingFrame | None:
        """The chosen one."""
        row = self.currentIndex().row()
        return self._model.frames[row] if 0 <= row < len(self._model.frames) else None

    def forget_images(self) -> None:
        """They are made anew: blanked, or not."""
        self._model.forget_images()

    def set_thumbnail(self, path: str, image: QImage | None) -> None:
        """The small image of a frame; None where there is none."""
        self._model.set_thumbnail(path, image, self.devicePixelRatioF())

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index.data(_FRAME))


class _Frames(QAbstractListModel):
    thumbnail_requested = Signal(str)

    def __init__(self, parent: FrameList) -> None:
        super().__init__(parent)
        self.frames: list[DifferingFrame] = []
        self._asked: set[str] = set()
        self._images: dict[str, QPixmap] = {}

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.frames)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        frame = self.frames[index.row()]
        if role == _FRAME:
            return frame
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return frame.sentence()
        if role == Qt.ItemDataRole.DecorationRole:
            if frame.path not in self._asked:
                self._asked.add(frame.path)
                self.thumbnail_requested.emit(frame.path)
            return self._images.get(frame.path)
        return None

    def set_frames(self, frames: Sequence[DifferingFrame]) -> None:
        self.beginResetModel()
        self.frames = list(frames)
        self.endResetModel()

    def forget_images(self) -> None:
        self._asked.clear()
        self._images.clear()
        if self.frames:
            last = self.index(len(self.frames) - 1)
            self.dataChanged.emit(self.index(0), last, [Qt.ItemDataRole.DecorationRole])

    def set_thumbnail(self, path: str, image: QImage | None, ratio: float) -> None:
        if image is None or image.isNull():
            return
        scaled = image.scaled(
            THUMBNAIL * ratio,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        thumbnail = QPixmap.fromImage(scaled)
        thumbnail.setDevicePixelRatio(ratio)
        self._images[path] = thumbnail
        for row, frame in enumerate(self.frames):
            if frame.path == path:
                self.dataChanged.emit(
                    self.index(row), self.index(row), [Qt.ItemDataRole.DecorationRole]
                )


class _Row(QStyledItemDelegate):
    """Four short lines beside the image."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        frame: DifferingFrame = index.data(_FRAME)
        place: QRect = option.rect
        palette: QPalette = option.palette
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if is_selected:
            painter.fillRect(place, palette.color(QPalette.ColorRole.Midlight))
            painter.fillRect(
                QRect(place.topLeft(), QSize(3, place.height())),
                palette.color(QPalette.ColorRole.Link),
            )
        box = QRect(
            place.topLeft() + QPoint(_MARGIN, (ROW_HEIGHT - THUMBNAIL.height()) // 2), THUMBNAIL
        )
        painter.fillRect(box, _DARK)
        image = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(image, QPixmap):
            size = image.deviceIndependentSize().toSize()
            painter.drawPixmap(
                QRect(box.center() - QPoint(size.width() // 2, size.height() // 2), size), image
            )
        self._write(
            painter,
            QRect(box.right() + 10, box.top(), place.right() - box.right() - 16, box.height()),
            frame,
            palette,
        )
        painter.restore()

    @staticmethod
    def _write(painter: QPainter, area: QRect, frame: DifferingFrame, palette: QPalette) -> None:
        text, muted = (
            palette.color(role)
            for role in (QPalette.ColorRole.Text, QPalette.ColorRole.PlaceholderText)
        )
        bold = QFont(painter.font())
        bold.setBold(True)
        lines = (
            (wording.KINDS[frame.kind], "", palette.color(_COLOURS[frame.kind])),
            (wording.TRUTH, frame.truth, text),
            (wording.LIST_IN_USE, _short(frame.active), text),
            (wording.LIST_NEW, _short(frame.candidate), text),
        )
        height = area.height() // len(lines)
        label_width = painter.fontMetrics().horizontalAdvance(f"{wording.LIST_IN_USE}  ")
        for line, (label, value, colour) in enumerate(lines):
            place = QRect(area.left(), area.top() + line * height, area.width(), height)
            if not value:
                painter.setFont(bold)
                painter.setPen(colour)
                painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), label)
                bold.setBold(False)
                painter.setFont(bold)
                continue
            painter.setPen(muted)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), label)
            painter.setPen(colour)
            place.setLeft(place.left() + label_width)
            shown = painter.fontMetrics().elidedText(
                value, Qt.TextElideMode.ElideMiddle, place.width()
            )
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), shown)


def _short(prediction: FramePrediction) -> str:
    return f"{prediction.name}  {percent(prediction.probability)}"
