"""Statistics of the labels: read in the background, as the journal grows long, and read again when a label changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QColor

from endoscope_app.dialogs.statistics_dialog import StatisticsDialog
from endoscope_app.engine.tasks import Tasks
from endoscope_app.errors import AppError
from endoscope_app.flows.labels.labelling import Labelling
from endoscope_app.main_window import MainWindow
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.store.labels.reading import ClassStatistics, Statistics
from endoscope_app.store.labels.records import LabelClass
from endoscope_app.widgets.statistics_panel import ClassFigures
from endoscope_app.wording import counted

REST_MS = 400  # after a label, before the numbers are read again
Found = tuple[Statistics, dict[int, ClassStatistics], list[LabelClass], int]


class Counting(QObject):
    """One window, which stays in step with the library while it is open."""

    def __init__(self, window: MainWindow, labelling: Labelling, tasks: Tasks, library: Path) -> None:
        super().__init__(window)
        self.dialog: StatisticsDialog | None = None
        self._window, self._labelling, self._tasks, self._library = window, labelling, tasks, library
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REST_MS)
        self._soon.timeout.connect(self._read)
        window.command["statistics"].triggered.connect(self._on_command)
        labelling.changed.connect(self._on_changed)

    def _on_command(self) -> None:
        if self._labelling.store is None:
            self._window.show_message("The label library is not open.")
            return
        if self.dialog is None:
            self.dialog = StatisticsDialog(self._window)
            self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.dialog.finished.connect(self._forget_dialog)
            self._read()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _on_changed(self) -> None:
        if self.dialog is not None:
            self._soon.start()

    def _read(self) -> None:
        library = self._library

        def work() -> Found:
            with LabelStore(library) as store:
                return store.statistics(), store.class_statistics(), store.classes(), len(store.labelled_procedures())

        self._tasks.run(work, self._show, self._on_failed)

    def _show(self, found: Found) -> None:
        if self.dialog is not None:
            statistics, by_class, classes, procedures = found
            self.dialog.show_figures(_figures(statistics, by_class, classes), _summary(statistics, procedures))

    def _on_failed(self, error: AppError) -> None:
        self._window.show_message(str(error))


def _figures(statistics: Statistics, by_class: dict[int, ClassStatistics], classes: Sequence[LabelClass]) -> list[ClassFigures]:
    """A row for every class in use, and one for what names no class."""
    rows = []
    for one in classes:
        found = by_class.get(one.id, ClassStatistics())
        if one.merged_into is None and (not one.retired or found.labelled):
            counts = found.labelled, found.compared, found.agreeing
            rows.append(ClassFigures(one.name, QColor(one.colour), *counts, found.seconds_spent))
    rest = max(0.0, statistics.seconds_spent - sum(row.seconds for row in rows))
    rows.append(ClassFigures("No class (unusable, cleared, undone)", None, statistics.unusable, 0, 0, rest))
    return rows


def _summary(statistics: Statistics, procedures: int) -> str:
    frames = sum(statistics.frames_per_class.values()) + statistics.unusable
    ranges = sum(statistics.ranges_per_class.values())
    parts = (counted(frames, "labelled frame"), counted(ranges, "range"), counted(procedures, "procedure"))
    return f"{parts[0]} and {parts[1]} in {parts[2]}. On {counted(statistics.agreed, 'frame')} you said that the model is right."
