"""Keys of labs: shown, added from a file, removed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.models import signature_wording as wording
from endoscope_app.models.trusted_keys import TrustedKeys
from endoscope_app.models.trusted_keys_dialog import NewKeyDialog, TrustedKeysDialog
from kd_core.schema.errors import CoreError
from kd_core.signing.key_files import read_public_key


class TrustedKeysFlow(QObject):
    """``dialog`` and ``question``: while they are open."""

    changed = Signal()  # another list of keys

    def __init__(
        self, keys: TrustedKeys, tasks: Tasks, files: FileQuestion, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.dialog: TrustedKeysDialog | None = None
        self.question: NewKeyDialog | None = None
        self._keys, self._tasks, self._files = keys, tasks, files

    def open(self, parent: QWidget) -> None:
        """Show the keys above ``parent``."""
        dialog = self.dialog = TrustedKeysDialog(parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.add_requested.connect(self._on_add)
        dialog.remove_requested.connect(lambda key: self._do(lambda: self._keys.remove(key)))
        dialog.finished.connect(self._on_finished)
        self._show()
        dialog.show_problem(self._keys.trouble)
        dialog.open()

    def _on_finished(self) -> None:
        self.dialog = None

    def _show(self) -> None:
        if self.dialog is not None:
            self.dialog.set_keys(self._keys.all())

    def _on_add(self) -> None:
        if self.dialog is None:
            return
        path = self._files.open_file(self.dialog, wording.KEY_FILE_TITLE, wording.KEY_PATTERN)
        if path is not None:
            self._tasks.run(lambda: _public_key(path), self._ask_name, self._on_failed)

    def _ask_name(self, public_key: bytes) -> None:
        if self.dialog is None:
            return
        question = self.question = NewKeyDialog(public_key, self.dialog)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.named.connect(partial(self._on_named, public_key))
        question.finished.connect(self._on_answered)
        question.open()

    def _on_answered(self) -> None:
        self.question = None

    def _on_named(self, public_key: bytes, name: str) -> None:
        self._do(lambda: self._keys.add(name, public_key))

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except AppError as error:
            self._on_failed(error)
            return
        if self.dialog is not None:
            self.dialog.show_problem("")
        self._show()
        self.changed.emit()

    def _on_failed(self, error: AppError) -> None:
        if self.dialog is not None:
            self.dialog.show_problem(str(error))


def _public_key(path: Path) -> bytes:
    try:
        return read_public_key(path)
    except CoreError as error:
        raise AppError(error.sentence, error.way_out) from error
