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
from endoscope_app.base.window_port import WindowPort
from endoscope_app.base.wording import counted
from endoscope_app.labels.act_text import NONE_OF_THESE
from endoscope_app.labels.commands import STATISTICS
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.label_tally import LabelCounts, Tally
from endoscope_app.labels.library.label_reader import ClassStatistics, Statistics
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import LabelClass
from endoscope_app.labels.open_procedure import OpenProcedure
from endoscope_app.labels.statistics_dialog import StatisticsDialog
from endoscope_app.labels.statistics_panel import ClassFigures, ProcedureFigures

REST_MS = 400  # after a label, before the numbers are read again


@dataclass(frozen=True)
class Found:
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
        window: WindowPort,
        session: LabelSession,
        procedure: OpenProcedure,
        tasks: Tasks,
        library: Path,
    ) -> None:
        super().__init__(window.as_widget())
        self.dialog: StatisticsDialog | None = None
        self._window, self._tasks, self._library = window, tasks, library
        self._session, self._procedure = session, procedure
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REST_MS)
        self._soon.timeout.connect(self._read)
        window.action(STATISTICS).triggered.connect(self._on_command)
        session.changed.connect(self._on_changed)

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

        def work() -> Found:
            with LabelStore(library) as store:
                tally = Tally()
                tally.read(store.read)
                names = {one.fingerprint: one.name for one in store.read.procedures()}
                return Found(
                    store.read.statistics(),
                    store.read.class_statistics(),
                    store.read.classes(),
                    tally,
                    names,
                )

        self._tasks.run(work, self._show, self._on_failed)

    def _show(self, found: Found) -> None:
        if self.dialog is not None:
            fingerprint = self._procedure.fingerprint
            here = found.tally.of(fingerprint) if fingerprint else LabelCounts()
            self.dialog.show_figures(_figures(found, here), _procedures(found), _summary(found))

    def _on_failed(self, error: AppError) -> None:
        self._window.banner.show_message(str(error))


def _figures(found: Found, here: LabelCounts) -> list[ClassFigures]:
    """A row for every class in use, one for none of these, and one for the time of acts that
    name no class.
    """
    rows, library = [], found.tally.library()
    for one in found.classes:
        of_class = found.by_class.get(one.id, ClassStatistics())
        labelled = library.by_class.get(one.id, 0)
        if one.merged_into is None and (not one.retired or labelled):
            counts = here.by_class.get(one.id, 0), labelled, of_class.compared, of_class.agreeing
            rows.append(ClassFigures(one.name, QColor(one.colour), *counts, of_class.seconds_spent))
    rest = max(0.0, found.statistics.seconds_spent - sum(row.seconds for row in rows))
    rows.append(
        ClassFigures(
            f"{NONE_OF_THESE}, cleared, undone", None, here.unusable, library.unusable, 0, 0, rest
        )
    )
    return rows


def _procedures(found: Found) -> list[ProcedureFigures]:
    """Those with labels, by name."""
    rows = [
        ProcedureFigures(
            found.names[fingerprint], counts.labelled, counts.from_ranges, counts.unusable
        )
        for fingerprint, counts in found.tally.procedures().items()
    ]
    return sorted(rows, key=lambda row: row.name.casefold())


def _summary(found: Found) -> str:
    library, ranges = found.tally.library(), sum(found.statistics.ranges_per_class.values())
    frames = (
        f"{counted(library.labelled, 'labelled frame')} in"
        f" {counted(len(found.tally.procedures()), 'procedure')}"
    )
    by_ranges = f", {library.from_ranges:,} of them by {counted(ranges, 'range')}" if ranges else ""
    return (
        f"The library: {frames}{by_ranges}. On {counted(library.agreed, 'frame')} you said that the"
        " model is right."
    )
