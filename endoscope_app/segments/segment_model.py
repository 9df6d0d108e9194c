"""The rows of the list as Qt's views ask for them, with the images that stand for them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtGui import QIcon, QImage

from endoscope_app.base.plain_text import plain_tip
from endoscope_app.labels.review.thumbnail_cache import ThumbnailCache
from endoscope_app.segments import wording
from endoscope_app.segments.segment_rows import Heading, Place, SegmentRow

Index = QModelIndex | QPersistentModelIndex
THUMBNAIL = QSize(64, 48)
IMAGES_KEPT = 400
_ROOT = QModelIndex()


class SegmentModel(QAbstractListModel):
    """``rows``: segments and the headings above them, as they are shown."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: Sequence[SegmentRow | Heading] = ()
        self._images = ThumbnailCache(THUMBNAIL, IMAGES_KEPT)

    def set_rows(self, rows: Sequence[SegmentRow | Heading]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def segment(self, place: int) -> SegmentRow | None:
        """The segment in a row; None for a heading, or where there is no row."""
        row = self.rows[place] if 0 <= place < len(self.rows) else None
        return row if isinstance(row, SegmentRow) else None

    def row_of(self, place: Place) -> int:
        """Where a segment is shown, -1 where it is not."""
        found = (
            number
            for number, row in enumerate(self.rows)
            if isinstance(row, SegmentRow) and row.place == place
        )
        return next(found, -1)

    def missing_images(self, first: int, last: int) -> list[int]:
        """The frames that stand for the rows first to last, both included, without an image."""
        frames = {
            row.item.thumbnail_index
            for row in self.rows[max(0, first) : last + 1]
            if isinstance(row, SegmentRow)
        }
        return sorted(frame for frame in frames if frame not in self._images)

    def set_image(self, frame: int, image: QImage, pixel_ratio: float) -> None:
        """Keep the image of a frame."""
        self._images.put(frame, image, pixel_ratio)

    def forget_images(self) -> None:
        """Another procedure has the same frame numbers."""
        self._images.clear()

    def image(self, row: SegmentRow) -> QIcon | None:
        """Of the frame that stands for it; None until it was made."""
        return self._images.get(row.item.thumbnail_index)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Segments and headings."""
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if self.segment(index.row()) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A row's words; how they are drawn is the delegate's."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return wording.heading(row) if isinstance(row, Heading) else row.name
        if isinstance(row, Heading):
            return None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return wording.spoken(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(wording.spoken(row))  # what has no room in the row
        return None
