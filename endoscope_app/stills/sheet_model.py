"""The stills of a folder as Qt's views ask for them, read from arrays when a cell is painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QIcon, QImage

from endoscope_app.base.plain_text import plain_tip
from endoscope_app.labels.frame_states import NONE, State
from endoscope_app.labels.review.review_rows import ReviewRows
from endoscope_app.labels.review.thumbnail_cache import ThumbnailCache
from endoscope_app.labels.wording import joined
from endoscope_app.stills import wording

Index = QModelIndex | QPersistentModelIndex
THUMBNAIL = QSize(160, 120)
#: More than a screen of 4K shows at once; some 30 MB, whatever the folder holds.
IMAGES_KEPT = 400
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Line:
    """A line below a thumbnail: what stands at its left and at its right; no ``words``, no line."""

    words: str = ""
    aside: str = ""
    colour: QColor | None = None


@dataclass(frozen=True, slots=True)
class StillCell:
    """What stands below a thumbnail: its name, and what the model and its reader say of it."""

    name: str
    model: Line
    reader: Line


class SheetModel(QAbstractListModel):
    """Shows the positions of ``rows`` that were set last, in that order; position is index."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        nothing: NDArray[np.int64] = np.empty(0, np.int64)
        self.rows = ReviewRows(
            nothing, nothing, nothing, nothing, nothing.astype(np.float32), nothing, ()
        )
        self.name_of: Callable[[int], str] = wording.still_number
        self._images = ThumbnailCache(THUMBNAIL, IMAGES_KEPT)
        self._colours: Sequence[QColor] = ()
        self._shown = self._row_of = nothing

    def set_rows(
        self, rows: ReviewRows, colours: Sequence[QColor], shown: NDArray[np.int64]
    ) -> None:
        """All stills anew; ``colours``: one a name of the rows."""
        self.beginResetModel()
        self.rows, self._colours = rows, colours
        self._show(shown)
        self.endResetModel()

    def set_shown(self, shown: NDArray[np.int64]) -> None:
        """The same stills, filtered or ordered otherwise."""
        self.beginResetModel()
        self._show(shown)
        self.endResetModel()

    def _show(self, shown: NDArray[np.int64]) -> None:
        self._shown = shown
        self._row_of = np.full(len(self.rows), NONE, np.int64)
        self._row_of[shown] = np.arange(len(shown))

    def shown(self) -> NDArray[np.int64]:
        """Stills from the first cell to the last."""
        return self._shown

    def still_at(self, row: int) -> int:
        """The still in a cell."""
        return int(self._shown[row])

    def row_of(self, still: int) -> int:
        """The cell of a still, NONE where the filter hides it."""
        return int(self._row_of[still]) if 0 <= still < len(self._row_of) else NONE

    def missing_images(self, first: int, last: int) -> list[int]:
        """Stills of the cells first to last, both included, without an image."""
        stills: list[int] = self._shown[max(0, first) : last + 1].tolist()
        return [still for still in stills if still not in self._images]

    def set_image(self, still: int, image: QImage, pixel_ratio: float) -> None:
        """Keep a thumbnail; whoever shows it paints it."""
        self._images.put(still, image, pixel_ratio)

    def forget_images(self) -> None:
        """Another folder has the same numbers."""
        self._images.clear()

    def image(self, row: int) -> QIcon | None:
        """The thumbnail in a cell; None until it was made."""
        return self._images.get(self.still_at(row))

    def cell(self, row: int) -> StillCell:
        """What stands below the thumbnail."""
        still, rows = self.still_at(row), self.rows
        code, label = int(rows.model_code[still]), int(rows.label_code[still])
        state = State(int(rows.state_code[still]))
        model = reader = Line()
        if code != NONE:
            words = wording.model_says(rows.names[code], unsure=state is State.UNSURE)
            certainty = wording.certainty(float(rows.probability[still]))
            model = Line(words, certainty, self._colours[code])
        if label != NONE:
            differs = wording.DIFFERS if state is State.DISAGREEMENT else ""
            reader = Line(
                wording.reader_says(joined(rows.labels_of(still))), differs, self._colours[label]
            )
        elif state is State.UNUSABLE:
            reader = Line(wording.reader_says(wording.UNUSABLE))
        return StillCell(self.name_of(still), model, reader)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Stills shown."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's words; how they are drawn is the delegate's."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index.row()).name
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            cell = self.cell(index.row())
            model, reader = cell.model, cell.reader
            model_words = f"{model.words} {model.aside}".strip()
            reader_words = f"{reader.words} {reader.aside}".strip() or wording.UNLABELLED
            text = wording.spoken(cell.name, model_words, reader_words)
            return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text
        return None
