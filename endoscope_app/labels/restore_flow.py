"""Going back to one of the library's own backups, from the list to the window that shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from endoscope_app.base.background_task import Tasks
from endoscope_app.labels.commands import RESTORE_LABELS
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.library import restoring
from endoscope_app.labels.library import restoring_wording as wording
from endoscope_app.labels.library.records import Context
from endoscope_app.labels.library.restoring import KeptBackup
from endoscope_app.labels.restore_dialog import RestoreDialog


class RestoreFlow(QObject):
    """``why_not``: what must come to its end first, as sentences of other rooms."""

    restored = Signal()  # what is shown of the library is of another one now

    def __init__(self, desk: LabelDesk, library: Path) -> None:
        super().__init__(desk.window.as_widget())
        self.dialog: RestoreDialog | None = None
        self.why_not: list[Callable[[], str]] = []
        self._window, self._session, self._library = desk.window, desk.session, library
        # Its own: nothing else waits for it
        self._tasks = Tasks(self)
        desk.window.action(RESTORE_LABELS).triggered.connect(self._on_command)

    def close(self) -> None:
        """Wait for what is being restored (only while closing)."""
        self._tasks.close()

    def _because(self) -> str:
        """Why nothing can be restored now; empty where it can."""
        session = self._session
        because = session.not_open_because or session.main.read_only_because
        if not because and session.is_second:
            because = wording.IS_READ_AGAIN
        because = because or session.main.rests_because
        return because or next(filter(None, (why() for why in self.why_not)), "")

    def _on_command(self) -> None:
        banner = self._window.banner
        if because := self._because():
            banner.show_message(because)
            return
        banner.show_message(wording.READING)
        self._tasks.run(
            lambda: restoring.kept_backups(self._library),
            self._ask,
            lambda error: banner.show_message(str(error)),
        )

    def _ask(self, backups: list[KeptBackup]) -> None:
        self._window.banner.withdraw_message(wording.READING)
        if not backups:
            self._window.banner.show_message(wording.NONE)
            return
        dialog = self.dialog = RestoreDialog(backups, self._window.as_widget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._restore)
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _restore(self, backup: KeptBackup) -> None:
        if because := self._because():  # an import may have begun while the dialog was open
            self._end(because, done=False)
            return
        context = Context(self._session.main.read.reader_name(), "hidden")
        self._tasks.run(
            lambda: restoring.restore(self._library, backup.path, context, datetime.now(UTC)),
            lambda _: self._end(wording.restored(backup.when), done=True),
            lambda error: self._end(str(error), done=False),
        )

    def _end(self, sentence: str, *, done: bool) -> None:
        if self.dialog is not None:
            self.dialog.end()
        if done:
            self._session.reload_classes()
            self.restored.emit()
        self._window.banner.show_message(sentence)
