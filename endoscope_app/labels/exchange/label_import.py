"""Labels on their way in: read and held against the library in the background, shown as counts,
written as one act.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileAsking
from endoscope_app.base.wording import counted
from endoscope_app.labels.commands import IMPORT_LABELS
from endoscope_app.labels.exchange import format_detection as detect
from endoscope_app.labels.exchange.document import ExchangeClass
from endoscope_app.labels.exchange.import_dialog import ImportChoice, ImportDialog, ImportPreview
from endoscope_app.labels.exchange.import_plan import (
    Choices,
    Counts,
    ImportPlan,
    import_act,
    plan_import,
)
from endoscope_app.labels.exchange.matching import class_finder
from endoscope_app.labels.label_writer import procedure_of
from endoscope_app.labels.labelling import Labelling
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.recordings import Recordings
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing.viewing_flow import Viewing

PATTERN = "Labels (*.csv *.json *.xml);;All files (*)"
FORMAT_NAMES = {
    "csv": "a CSV table",
    "json": "JSON of this program",
    "class folders": "class folders",
    "coco": "COCO JSON",
    "cvat": "CVAT XML",
    "label studio": "Label Studio JSON",
}


class Importing(QObject):
    """One import at a time. Nothing is written before the reader has seen what would be."""

    def __init__(
        self,
        window: MainWindow,
        viewing: Viewing,
        labelling: Labelling,
        files: FileAsking,
        library: Path,
    ) -> None:
        """``library``: the folder of the label library, which the background opens for itself."""
        super().__init__(window)
        self.dialog: ImportDialog | None = None
        self.files = files
        self._window, self._viewing, self._labelling, self._library = (
            window,
            viewing,
            labelling,
            library,
        )
        self._tasks = Tasks(self)
        self._plan: ImportPlan | None = None
        self._asked = 0  # which import the answer from the background is for
        self._stop = threading.Event()
        window.action(IMPORT_LABELS).triggered.connect(self._on_import)

    def close(self) -> None:
        """Wait for what runs (only while closing)."""
        self._asked += 1
        self._stop.set()
        self._tasks.close()

    def _on_import(self) -> None:
        store = self._labelling.store
        if store is None or store.read_only_because:
            self._window.show_message(
                store.read_only_because
                if store
                else "The label library is not open, so nothing can be imported."
            )
            return
        title = "Import labels (of class folders, choose their manifest.csv)"
        path = self.files.open_file(self._window, title, PATTERN)
        if path is None:
            return
        if self.dialog is not None:
            self.dialog.reject()
        dialog = self.dialog = ImportDialog(path.name, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.choice_changed.connect(self._count)
        dialog.import_requested.connect(self._on_requested)
        dialog.finished.connect(self._forget_dialog)
        dialog.show()
        self._read(path)

    def _read(self, path: Path) -> None:
        self._asked += 1
        asked, library, deinterlace, info = (
            self._asked,
            self._library,
            self._viewing.deinterlace,
            self._viewing.info,
        )
        stop = self._stop = threading.Event()
        known = info is not None and self._labelling.fingerprint == info.fingerprint
        opened = (
            procedure_of(info, self._viewing.first_image) if info is not None and known else None
        )
        stamps: dict[str, NDArray[np.int64]] = (
            {} if info is None else {info.fingerprint: self._viewing.stamps}
        )

        def work() -> tuple[ImportPlan, str]:
            name = detect.detect(path)
            kept = FramePngs(library / "frames", 0)
            with (
                LabelStore(library) as store,
                Recordings(store, deinterlace=deinterlace, stamps=stamps) as recordings,
            ):

                def pts_of(fingerprint: str, index: int) -> int | None:
                    if stop.is_set():
                        raise AppError("The import was stopped.")
                    return recordings.pts(fingerprint, index)

                find = class_finder(store)
                document = detect.read(path, lambda text: find(ExchangeClass(text)) is not None)
                plan = plan_import(
                    store, document, pts_of, lambda content: kept.path(content).exists(), opened
                )
            return plan, FORMAT_NAMES[name]

        self._tasks.run(
            work,
            lambda found: self._on_read(asked, *found),
            lambda error: self._on_failed(asked, error),
        )

    def _on_read(self, asked: int, plan: ImportPlan, name: str) -> None:
        dialog = self.dialog
        if asked != self._asked or dialog is None:
            return
        self._plan = plan
        unknown = [
            (one, number, plan.choices.classes[one])
            for one, number in sorted(plan.unknown_classes.items())
        ]
        classes = [(one.id, one.name) for one in self._labelling.panel_classes()]
        unread = [f"{one.where}: {one.reason}" for one in plan.unread]
        preview = ImportPreview(
            unknown, classes, self._offer(plan), plan.choices.use_open, plan.notes, unread
        )
        total = plan.document.label_count() + plan.document.unplaced
        dialog.show_preview(preview, f"{counted(total, 'label')}, read as {name}.")
        self._count(dialog.choice)

    def _offer(self, plan: ImportPlan) -> str:
        """What the box for the open procedure says; empty where there is nothing to ask."""
        info = self._viewing.info
        if plan.offered is None or info is None:
            return ""
        why = (
            "names no recording"
            if plan.choices.use_open
            else "names a recording that is not known here"
        )
        return f"For the open procedure, {info.path.name} (the file {why})"

    def _on_failed(self, asked: int, error: AppError) -> None:
        if asked == self._asked and self.dialog is not None:
            self.dialog.show_state(str(error), problem=True)

    def _count(self, choice: ImportChoice) -> None:
        if self._plan is not None and self.dialog is not None:
            counts = self._plan.counts(_choices(self._plan, choice))
            written = counts.new + (counts.conflicts if choice.take_theirs else 0)
            self.dialog.set_counts(_in_words(counts, choice), counts.conflicts, written)

    def _on_requested(self, choice: ImportChoice) -> None:
        plan, dialog = self._plan, self.dialog
        if plan is None or dialog is None:
            return
        problems: list[AppError] = []

        def failed(error: AppError) -> None:
            problems.append(error)
            if self.dialog is dialog:
                dialog.show_state(str(error), problem=True)
            else:
                self._window.show_message(str(error))

        self._labelling.do(
            lambda store: import_act(plan, _choices(plan, choice), store), failed=failed
        )
        if not problems:
            dialog.accept()

    def _forget_dialog(self) -> None:
        self.dialog, self._plan = None, None
        self._asked += 1
        self._stop.set()


def _choices(plan: ImportPlan, choice: ImportChoice) -> Choices:
    conflicts: Literal["keep mine", "take theirs"] = (
        "take theirs" if choice.take_theirs else "keep mine"
    )
    return Choices(conflicts, {**plan.choices.classes, **choice.classes}, choice.use_open)


def _in_words(counts: Counts, choice: ImportChoice) -> list[tuple[str, int]]:
    conflicts = (
        "contradict mine and replace them" if choice.take_theirs else "contradict mine, which stay"
    )
    rows = [("new", counts.new), ("the same as mine", counts.same), (conflicts, counts.conflicts)]
    others = (
        ("left out with their class", counts.left_out),
        (
            f"of {len(counts.unknown_procedures):,} procedures that were never opened here",
            sum(counts.unknown_procedures.values()),
        ),
        ("beyond the end of their procedure", counts.beyond_end),
        ("not read, for the reasons below", counts.without_place),
    )
    return rows + [row for row in others if row[1]]
