"""What tests reach for inside of dialogs and panels, and what a reader does there by the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QComboBox

from endoscope_app.labels.errors.label_errors_dialog import LabelErrorsDialog
from endoscope_app.labels.exchange.export_dialog import ExportDialog
from endoscope_app.labels.exchange.import_dialog import ImportDialog
from endoscope_app.labels.frame_states import NONE
from endoscope_app.labels.label_panel import LabelPanel
from endoscope_app.labels.label_row import LabelRow
from endoscope_app.labels.review.review_list import ReviewList
from endoscope_app.labels.review.review_rows import Column, RowFilter
from endoscope_app.labels.statistics_panel import StatisticsPanel
from endoscope_app.models.models_dialog import ModelsDialog
from endoscope_app.retraining.comparison.differing_view import DifferingView
from endoscope_app.retraining.plan.choice_form import ChoiceForm
from endoscope_app.viewing.frame_view import FrameView


def procedure_texts(panel: StatisticsPanel) -> list[list[str]]:
    """What the table of procedures says, row by row."""
    table = panel._procedures
    cells = [
        [table.item(row, column) for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]
    return [[item.text() if item is not None else "" for item in row] for row in cells]


def class_row(panel: LabelPanel, class_id: int) -> LabelRow:
    """The row of a class. Raises KeyError where it has none."""
    return {entry[0]: row for entry, row in zip(panel._classes, panel._rows, strict=True)}[class_id]


def action_rows(panel: LabelPanel) -> tuple[LabelRow, LabelRow, LabelRow]:
    """The rows "the model is right", "none of these" and "clear"."""
    return panel._actions()


def set_filter(review: ReviewList, wanted: RowFilter) -> None:
    review._filters.set_wanted(wanted)


def sort_by(review: ReviewList, column: Column | None, descending: bool = False) -> None:
    """Sort by a column on top of the queue's order, or by the queue alone."""
    order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
    review._table.horizontalHeader().setSortIndicator(
        NONE if column is None else int(column), order
    )


def count_text(review: ReviewList) -> str:
    """What the line under the table says."""
    return review._count.text()


def image_to_widget(view: FrameView, point: QPointF) -> QPointF:
    """Pixels of the image to coordinates of the view; the same point where no image is shown."""
    geometry = view._geometry()
    return (
        QPointF(*geometry.to_device(point.x(), point.y())) / view.devicePixelRatioF()
        if geometry
        else point
    )


def widget_to_image(view: FrameView, point: QPointF) -> QPointF:
    """The other way round."""
    geometry, ratio = view._geometry(), view.devicePixelRatioF()
    return QPointF(*geometry.to_image(point.x() * ratio, point.y() * ratio)) if geometry else point


def class_combo(dialog: ImportDialog, name: str) -> QComboBox:
    """The choice for an unknown class of the file. Raises KeyError where it is none."""
    return dialog._combos[name]


def choose_format(dialog: ExportDialog, key: str) -> None:
    dialog._format.setCurrentIndex(dialog._format.findData(key))


def choose_all(dialog: LabelErrorsDialog, everywhere: bool) -> None:
    (dialog._all if everywhere else dialog._here).setChecked(True)


def table_rows(dialog: ModelsDialog) -> int:
    """How many models it shows."""
    return len(dialog._lines)


def choose_scheme(form: ChoiceForm, scheme: str) -> None:
    form._advanced._schemes._cards[scheme].button.setChecked(True)


def filter_to(view: DifferingView, kind: str) -> None:
    """Press the button of a kind, or ``ALL``."""
    next(
        button for button in view._buttons.buttons() if button.property("kind") == kind
    ).setChecked(True)
