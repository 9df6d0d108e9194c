"""Everything around labels that has a window of its own, built in one place and closed in order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from endoscope_app.analysis.analysis_flow import Analysing
from endoscope_app.base.background_task import Tasks
from endoscope_app.base.file_question import FileAsking
from endoscope_app.base.settings import Settings
from endoscope_app.labels.class_list import ClassKeeping
from endoscope_app.labels.commands import REMOVE_LOST
from endoscope_app.labels.errors.label_error_search import ErrorFinding
from endoscope_app.labels.exchange.label_export import LabelExport
from endoscope_app.labels.exchange.label_import import LabelImport
from endoscope_app.labels.key_guard import KeyGuard
from endoscope_app.labels.label_statistics import Counting
from endoscope_app.labels.label_views import LabelViews
from endoscope_app.labels.labelling import Labelling
from endoscope_app.labels.model_visibility import Seeing
from endoscope_app.labels.procedures import Procedures
from endoscope_app.labels.reader_name import Naming
from endoscope_app.labels.review.review_flow import Reviewing
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing.viewing_flow import Viewing


class LabelDesk(QObject):
    """``library``: the folder of the label library, which background work opens for itself, to
    read; ``scratch``: for pictures on their way to another process.
    """

    def __init__(
        self,
        window: MainWindow,
        viewing: Viewing,
        labelling: Labelling,
        views: LabelViews,
        analysing: Analysing,
        seeing: Seeing,
        tasks: Tasks,
        library: Path,
        scratch: Path,
        settings: Callable[[], Settings],
    ) -> None:
        super().__init__(window)
        files = FileAsking()
        self.reviewing = Reviewing(window, viewing, labelling, views, analysing, seeing)
        self.error_finding = ErrorFinding(
            window, viewing, labelling, analysing, self.reviewing, settings, library, scratch
        )
        self.exporting = LabelExport(window, viewing, labelling, files, library)
        self.importing = LabelImport(window, viewing, labelling, files, library)
        self.class_keeping = ClassKeeping(window, labelling)
        self.counting = Counting(window, labelling, tasks, library)
        self.naming = Naming(window, labelling)
        self.key_guard = KeyGuard(window, lambda: self.reviewing.dialog)
        self.procedures = Procedures(window, viewing, labelling, tasks, library)
        self.procedures.settled.connect(views.open)
        window.action(REMOVE_LOST).triggered.connect(self.procedures.remove_lost)

    def close(self) -> None:
        """Stop what runs in the background and wait for it (only while closing)."""
        self.procedures.close()
        self.error_finding.close()
        self.reviewing.close()
        self.exporting.close()
        self.importing.close()
