"""Statistics of the labels: read in the background, as the journal grows long, and read again
when a label changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QColor

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.labels import statistics_wording
from endoscope_app.labels.commands import STATISTICS
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_tally import LabelCounts, Tally
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.library_statistics import ClassStatistics, Statistics
from endoscope_app.labels.library.records import LabelClass
from endoscope_app.labels.statistics_dialog import StatisticsDialog
from endoscope_app.labels.statistics_panel import ClassFigures, ProcedureFigures

REST_MS = 400  # after a label, before the numbers are read again


@dataclass(frozen=True)
class _Read:
    """What the background read: numbers, classes, frames counted per procedure, and the
    procedures' names by fingerprint.
    """

    statistics: Statistics
    by_class: dict[int, ClassStatistics]
    classes: list[LabelClass]
    tally: Tally
    names: dict[str, str]


class LabelStatistics(QObject):
    """One window, which stays in step with the library while it is open."""

    def __init__(
        self,
        desk: LabelDesk,
        tasks: Tasks,
        library: Path,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self.dialog: StatisticsDialog | None = None
        self._window, self._tasks, self._library = desk.window, tasks, library
        self._session, self._procedure = desk.session, desk.procedure
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REST_MS)
        self._soon.timeout.connect(self._read)
        desk.window.action(STATISTICS).triggered.connect(self._on_command)
        desk.session.changed.connect(self._on_changed)

    def _on_command(self) -> None:
        if self._session.not_open_because:
            self._window.banner.show_message(self._session.not_open_because)
            return
        if self.dialog is None:
            self.dialog = StatisticsDialog(self._window.as_widget())
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

        def work() -> _Read:
            with LabelStore(library) as store:
                tally = Tally()
                tally.read(store.read)
                names = {item.fingerprint: item.name for item in store.read.procedures()}
                return _Read(
                    store.read.statistics(),
                    store.read.class_statistics(),
                    store.read.classes(),
                    tally,
                    names,
                )

        self._tasks.run(work, self._show, self._on_failed)

    def _show(self, read: _Read) -> None:
        if self.dialog is not None:
            fingerprint = self._procedure.fingerprint
            here = read.tally.of(fingerprint) if fingerprint else LabelCounts()
            self.dialog.show_figures(_figures(read, here), _procedures(read), _summary(read))

    def _on_failed(self, error: AppError) -> None:
        self._window.banner.show_message(str(error))


def _figures(read: _Read, here: LabelCounts) -> list[ClassFigures]:
    """A row for every class in use, one for none of these, and one for the time of acts that
    name no class.
    """
    rows, library = [], read.tally.library()
    for item in read.classes:
        of_class = read.by_class.get(item.id, ClassStatistics())
        labelled = library.by_class.get(item.id, 0)
        if item.merged_into is None and (not item.retired or labelled):
            counts = here.by_class.get(item.id, 0), labelled, of_class.compared, of_class.agreeing
            rows.append(
                ClassFigures(item.name, QColor(item.colour), *counts, of_class.seconds_spent)
            )
    rest = max(0.0, read.statistics.seconds_spent - sum(row.seconds for row in rows))
    rows.append(
        ClassFigures(statistics_wording.REST, None, here.unusable, library.unusable, 0, 0, rest)
    )
    return rows


def _procedures(read: _Read) -> list[ProcedureFigures]:
    """Those with labels, by name."""
    rows = [
        ProcedureFigures(
            read.names[fingerprint], counts.labelled, counts.from_ranges, counts.unusable
        )
        for fingerprint, counts in read.tally.procedures().items()
    ]
    return sorted(rows, key=lambda row: row.name.casefold())


def _summary(read: _Read) -> str:
    library = read.tally.library()
    return statistics_wording.library_summary(
        library.labelled,
        len(read.tally.procedures()),
        library.from_ranges,
        sum(read.statistics.ranges_per_class.values()),
        library.agreed,
    )
