"""Labels, their history and backups on their way out, written in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.labels.commands import BACK_UP_LABELS, EXPORT_HISTORY, EXPORT_LABELS
from endoscope_app.labels.exchange import export_wording
from endoscope_app.labels.exchange.export_choice import FORMATS, ExportChoice
from endoscope_app.labels.exchange.export_dialog import ExportDialog
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.library import library_files
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore


class LabelExport(QObject):
    """Has background tasks of its own: a label's image must not wait for an export of minutes."""

    progressed = Signal(int, int)

    def __init__(
        self,
        desk: LabelDesk,
        files: FileQuestion,
        library: Path,
    ) -> None:
        """``library``: the folder of the label library, which the background opens for itself."""
        super().__init__(desk.window.as_widget())
        self.dialog: ExportDialog | None = None
        self.files = files
        self._window, self._player, self._library = desk.window, desk.player, library
        self._session, self._procedure = desk.session, desk.procedure
        self._tasks = Tasks(self)
        self._stop = threading.Event()
        self._closed = False
        self.progressed.connect(self._on_progressed)
        desk.window.action(EXPORT_LABELS).triggered.connect(self._on_export)
        desk.window.action(EXPORT_HISTORY).triggered.connect(self._on_history)
        desk.window.action(BACK_UP_LABELS).triggered.connect(self._on_back_up)

    def close(self) -> None:
        """Stop what runs and wait for it (only while closing)."""
        self._closed = True
        self._stop.set()
        self._tasks.close()

    def _on_export(self) -> None:
        library = self._session.library
        if self._session.not_open_because:
            self._window.banner.show_message(self._session.not_open_because)
            return
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        sizes = {
            key: len(library.label_arrays(key).pts) + len(library.ranges(key))
            for key in library.labelled_procedures()
        }
        here = sizes.get(self._procedure.fingerprint, 0) if self._procedure.fingerprint else None
        dialog = self.dialog = ExportDialog(
            FORMATS, here, sum(sizes.values()), self._window.as_widget()
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.export_requested.connect(self._on_requested)
        dialog.cancelled.connect(self._stop.set)
        dialog.finished.connect(self._forget_dialog)
        dialog.show()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _on_requested(self, choice: ExportChoice) -> None:
        dialog = self.dialog
        target = None if dialog is None else self._target(choice, dialog)
        if target is None or dialog is None:
            return
        # its own FramePngs: it only reads, and counts nothing
        kept = FramePngs(self._library / "frames", 0)
        from endoscope_app.labels.exchange.export_work import ExportWork  # every format's writer

        work = ExportWork(
            self._library,
            choice,
            target,
            self._procedure.fingerprint,
            kept,
            self._player.deinterlace,
        )
        stop = self._stop = threading.Event()
        dialog.cancelled.connect(stop.set)
        dialog.show_progress(0, 0)
        self._tasks.run(
            lambda: work.run(self.progressed.emit, stop.is_set), self._on_done, self._on_failed
        )

    def _target(self, choice: ExportChoice, dialog: ExportDialog) -> Path | None:
        """Asked as a child of the dialog: what is typed next is for it, not for the main window."""
        details = choice.format_details()
        if details.writes_images:
            return self.files.folder(dialog, export_wording.IMAGES_FOLDER)
        suffix = details.suffix
        if not suffix:
            return self.files.folder(dialog, export_wording.FILES_FOLDER)
        path = self.files.save_file(
            dialog, export_wording.EXPORT_TITLE, f"labels{suffix}", f"*{suffix}"
        )
        return path if path is None or path.suffix else path.with_suffix(suffix)

    def _on_progressed(self, done: int, total: int) -> None:
        if self.dialog is not None and self.dialog.running:
            self.dialog.show_progress(done, total)

    def _on_done(self, sentence: str) -> None:
        self._end(sentence)

    def _on_failed(self, error: AppError) -> None:
        self._end(str(error), problem=True)

    def _end(self, sentence: str, problem: bool = False) -> None:
        if self._closed:
            return
        if self.dialog is not None and self.dialog.running:
            self.dialog.show_end(sentence, problem)
        else:
            self._window.banner.show_message(sentence)

    def _on_history(self) -> None:
        def export(store: LabelStore, path: Path) -> str:
            store.export_history_csv(path)
            return export_wording.is_in(export_wording.HISTORY_DONE, path.name)

        self._write_file(
            export_wording.HISTORY_TITLE,
            export_wording.HISTORY_NAME,
            export_wording.HISTORY_PATTERN,
            export,
        )

    def _on_back_up(self) -> None:
        self._write_file(
            export_wording.BACKUP_TITLE,
            f"labels-{datetime.now(UTC):%Y-%m-%d}.sqlite",
            export_wording.BACKUP_PATTERN,
            self._back_up,
        )

    def _back_up(self, store: LabelStore, path: Path) -> str:
        """The second readers' library goes into a file of its own beside it."""
        store.back_up(path)
        folder = self._library / library_files.SECOND_FOLDER
        if not (folder / library_files.NAME).exists():
            return export_wording.is_in(export_wording.BACKUP_DONE, path.name)
        beside = path.with_name(f"{path.stem}-second{path.suffix}")
        with LabelStore(folder) as second:
            second.back_up(beside)
        return export_wording.both_backed_up(path.name, beside.name)

    def _write_file(
        self,
        title: str,
        name: str,
        pattern: str,
        write: Callable[[LabelStore, Path], str],
    ) -> None:
        """``write`` says in a sentence what it wrote."""
        if self._session.not_open_because:
            self._window.banner.show_message(self._session.not_open_because)
            return
        path = self.files.save_file(self._window.as_widget(), title, name, pattern)
        if path is None:
            return
        target = path if path.suffix else path.with_suffix(Path(name).suffix)

        def work() -> str:
            if target.resolve().is_relative_to(self._library.resolve()):
                raise AppError(*export_wording.OWN_FOLDER)
            with LabelStore(self._library) as store:
                return write(store, target)

        self._window.banner.show_message(export_wording.writing(title))
        self._tasks.run(work, self._say, lambda error: self._say(str(error)))

    def _say(self, sentence: str) -> None:
        if not self._closed:
            self._window.banner.show_message(sentence)
