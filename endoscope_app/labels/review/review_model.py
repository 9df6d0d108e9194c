"""What the review list's cells show, read from the arrays at the moment a cell is painted."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage, QPalette, QPixmap

from endoscope_app.base.icons import chip, untinted
from endoscope_app.base.wording import clock, percent
from endoscope_app.labels.frame_states import NONE, State
from endoscope_app.labels.review import wording
from endoscope_app.labels.review.review_rows import Column, ReviewRows
from endoscope_app.labels.review.thumbnail_cache import ThumbnailCache
from endoscope_app.labels.wording import joined

THUMBNAIL = QSize(64, 48)
MOST_THUMBNAILS = 600
_ROOT = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
Index = QModelIndex | QPersistentModelIndex


class ReviewModel(QAbstractTableModel):
    """Shows the positions of ``rows`` that ``set_shown`` names, in that order."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        nothing: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.rows = ReviewRows(
            nothing, nothing, nothing, nothing, nothing.astype(np.float32), nothing, ()
        )
        self.thumbnails = ThumbnailCache(THUMBNAIL, MOST_THUMBNAILS)
        self._shown = nothing
        self._row_of = nothing
        self._chips: list[QIcon] = []
        self._blank: QIcon | None = None

    def set_rows(
        self, rows: ReviewRows, colours: Sequence[QColor], shown: NDArray[np.int64]
    ) -> None:
        """Other frames."""
        if len(colours) != len(rows.names):
            raise ValueError(f"{len(rows.names)} classes, but {len(colours)} colours")
        self.beginResetModel()
        self.rows = rows
        self._chips = [chip(colour) for colour in colours]
        self._show(shown)
        self.endResetModel()

    def set_shown(self, shown: NDArray[np.int64]) -> None:
        """The same frames, filtered or ordered otherwise."""
        self.beginResetModel()
        self._show(shown)
        self.endResetModel()

    def _show(self, shown: NDArray[np.int64]) -> None:
        self._shown = shown
        self._row_of = np.full(len(self.rows), NONE, dtype=np.int64)
        self._row_of[shown] = np.arange(len(shown))

    def shown_frames(self) -> NDArray[np.int64]:
        """Frame indices from the first row to the last."""
        return self.rows.frame_index[self._shown]

    def frame_at(self, row: int) -> int:
        """The frame that a row shows."""
        return int(self.rows.frame_index[self._shown[row]])

    def row_of(self, frame: int) -> int:
        """The row that shows a frame, NONE where no row does."""
        position = int(self.rows.positions_of(np.array([frame]))[0])
        return NONE if position == NONE else int(self._row_of[position])

    def tell_changed(self, positions: NDArray[np.int64]) -> None:
        """Repaint what the labels of these positions are shown in."""
        rows = self._row_of[positions]
        rows = rows[rows != NONE]
        if len(rows):
            # One signal for the span: the view repaints only what is seen of it.
            self.dataChanged.emit(
                self.index(int(rows.min()), Column.YOU), self.index(int(rows.max()), Column.STATE)
            )

    def set_thumbnail(self, frame: int, image: QImage, pixel_ratio: float) -> None:
        """Keep an image and show it where its frame is shown."""
        self.thumbnails.put(frame, image, pixel_ratio)
        row = self.row_of(frame)
        if row != NONE:
            cell = self.index(row, Column.THUMBNAIL)
            self.dataChanged.emit(cell, cell, [Qt.ItemDataRole.DecorationRole])

    def missing_thumbnails(self, first: int, last: int) -> list[int]:
        """Frames of the rows first..last, both included, that have no image yet."""
        frames: list[int] = self.rows.frame_index[self._shown[max(0, first) : last + 1]].tolist()
        return [frame for frame in frames if frame not in self.thumbnails]

    def forget_palette(self) -> None:
        """Another theme has another blank image."""
        self._blank = None

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Rows shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Always the same columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return wording.HEADINGS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return wording.HEADING_TIPS.get(Column(section))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return wording.SPOKEN_HEADINGS.get(Column(section), wording.HEADINGS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(Column(section))
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """One cell."""
        position, column = int(self._shown[index.row()]), Column(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._text(position, column)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._image(position, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole and self._recedes(position, column):
            return QGuiApplication.palette().color(QPalette.ColorRole.PlaceholderText)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(position, column)
        return None

    def _text(self, position: int, column: Column) -> str | None:
        rows = self.rows
        if column is Column.FRAME:
            return f"{int(rows.frame_index[position]):,}"
        if column is Column.TIME:
            time_ms = float(rows.time_ms[position])
            return wording.NOTHING if math.isnan(time_ms) else clock(time_ms)
        if column in (Column.YOU, Column.MODEL):
            code = self._code(position, column)
            if code == NONE:
                return wording.NOTHING
            if column is Column.MODEL:
                return rows.names[code]
            given = joined(rows.labels_of(position))
            return wording.of_range(given) if rows.from_range[position] else given
        if column is Column.PROBABILITY:
            value = float(rows.probability[position])
            return wording.NOTHING if np.isnan(value) else percent(value)
        if column is Column.STATE:
            return wording.state_cell(State(int(rows.state_code[position])))
        return None

    def _code(self, position: int, column: Column) -> int:
        return int(
            (self.rows.label_code if column is Column.YOU else self.rows.model_code)[position]
        )

    def _image(self, position: int, column: Column) -> QIcon | None:
        if column is Column.THUMBNAIL:
            return self.thumbnails.get(int(self.rows.frame_index[position])) or self._blank_image()
        if column in (Column.YOU, Column.MODEL):
            code = self._code(position, column)
            return None if code == NONE else self._chips[code]
        return None

    def _blank_image(self) -> QIcon:
        if self._blank is None:
            image = QPixmap(THUMBNAIL)
            image.fill(QGuiApplication.palette().color(QPalette.ColorRole.AlternateBase))
            self._blank = untinted(image)
        return self._blank

    def _recedes(self, position: int, column: Column) -> bool:
        """Only what asks for a look stands out: times and settled states do not."""
        if column is Column.TIME:
            return True
        if column in (Column.YOU, Column.MODEL):
            return self._code(position, column) == NONE
        return column is Column.STATE and self.rows.state_code[position] not in (
            State.DISAGREEMENT,
            State.UNSURE,
        )

    def _spoken(self, position: int, column: Column) -> str:
        text = self._text(position, column) or ""
        if column is Column.STATE:
            return wording.STATES[State(int(self.rows.state_code[position]))]
        if column is Column.THUMBNAIL:
            return wording.spoken_image(self._text(position, Column.FRAME) or "")
        return wording.spoken_cell(column, text)


def _alignment(column: Column) -> int:
    return _RIGHT if column in (Column.FRAME, Column.TIME, Column.PROBABILITY) else _LEFT
