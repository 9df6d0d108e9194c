"""Undo and redo of labels: in the procedure on screen, where the reader sees what changes, and
of classes, which all procedures share.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.labels import act_wording
from endoscope_app.labels.commands import REDO, REDO_CLASSES, UNDO, UNDO_CLASSES
from endoscope_app.labels.frame_places import changed_place
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_writer import Echo, LabelWriter, Way
from endoscope_app.labels.library.large_undo import take_back
from endoscope_app.labels.library.records import CLASSES_SCOPE, Changes
from endoscope_app.labels.procedure_labels import ProcedureLabels

#: More rows than these are taken back in the background; fewer before a key is let go.
AT_ONCE = 2_000


class LabelUndo(QObject):
    """The commands, and what the menu says they would undo."""

    def __init__(
        self,
        desk: LabelDesk,
        writer: LabelWriter,
        labels: ProcedureLabels,
        library: Path,
    ) -> None:
        """``library``: the folder of the label library, which the background opens for itself."""
        super().__init__(desk.window.as_widget())
        self._window, self._player = desk.window, desk.player
        self._session, self._procedure, self._writer = desk.session, desk.procedure, writer
        self._library, self._tasks = library, Tasks(self)
        self._stop, self._said = threading.Event(), ""
        self._leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), desk.window.as_widget())
        self._leave.setEnabled(False)
        self._leave.activated.connect(lambda: self._stop.set())
        # A marked range has the same key, and is not dropped meanwhile
        self._leave.activatedAmbiguously.connect(lambda: self._stop.set())
        desk.window.action(UNDO).triggered.connect(partial(self.take_back, "undo"))
        desk.window.action(REDO).triggered.connect(partial(self.take_back, "redo"))
        desk.window.action(UNDO_CLASSES).triggered.connect(partial(self.take_back_classes, "undo"))
        desk.window.action(REDO_CLASSES).triggered.connect(partial(self.take_back_classes, "redo"))
        labels.changed.connect(self._show_titles)
        self._show_titles()

    def take_back(self, way: Way) -> None:
        """Undo or redo the last act on the procedure on screen, go to the frame that changes, and
        say what and where it was.
        """
        scope = self._procedure.fingerprint
        if not scope:
            self._window.banner.show_message(act_wording.NO_PROCEDURE)
            return
        library = self._session.library
        are_many = library.rows_to(way, scope) > AT_ONCE and not self._session.is_second
        if are_many and not self._session.main.rests_because:
            title = library.undo_title(scope) if way == "undo" else library.redo_title(scope)
            self._take_back_many(way, scope, title)
            return
        changes = self._writer.take_back(way, scope)
        if changes is None:
            return
        if not changes:
            self._window.banner.show_remark(act_wording.nothing_to(way))
            return
        self._show(way, scope, changes)

    def close(self) -> None:
        """What is not done yet is not done (only while closing)."""
        self._stop.set()
        self._tasks.close()

    def _take_back_many(self, way: Way, scope: str, title: str) -> None:
        """In the background; the labels rest meanwhile."""
        reason = AppError(*act_wording.large_take_back(way, title))
        self._said = f"{reason} {act_wording.ESC_STOPS}"
        stop = self._stop = threading.Event()
        self._leave.setEnabled(True)
        self._session.main.rest(reason)
        self._window.banner.show_standing_message(self._said)
        library, context = self._library, self._writer.context()
        self._tasks.run(
            lambda: take_back(library, way, scope, context, datetime.now(UTC), stop.is_set),
            lambda changes: self._end(way, scope, changes),
            lambda error: self._end(way, scope, error),
        )

    def _end(self, way: Way, scope: str, outcome: Changes | AppError) -> None:
        self._leave.setEnabled(False)
        self._session.main.rest(None)
        self._window.banner.withdraw_message(self._said)
        if isinstance(outcome, AppError):
            self._window.banner.show_message(str(outcome))
            return
        self._session.announce(outcome)
        if scope == self._procedure.fingerprint:
            self._show(way, scope, outcome)

    def _show(self, way: Way, scope: str, changes: Changes) -> None:
        place, index = changed_place(changes.rows, scope, self._procedure.places)
        if index is not None:
            self._player.pause()
            self._player.go_to(index)
        self._writer.say(Echo(act_wording.taken_back(way, changes.title, place), stays=True))

    def take_back_classes(self, way: Way) -> None:
        """Undo or redo the last change of the classes."""
        changes = self._writer.take_back(way, CLASSES_SCOPE)
        if changes is None:
            return
        self._window.banner.show_remark(
            act_wording.class_change_done(way, changes.title)
            if changes
            else act_wording.no_class_change_to(way)
        )

    def _show_titles(self) -> None:
        """The menu says what would be undone.

        It stays enabled: the key answers in words where there is nothing.
        """
        library, here = self._session.library, self._procedure.fingerprint
        for command, scope, title_of in (
            (UNDO, here, library.undo_title),
            (REDO, here, library.redo_title),
            (UNDO_CLASSES, CLASSES_SCOPE, library.undo_title),
            (REDO_CLASSES, CLASSES_SCOPE, library.redo_title),
        ):
            title = title_of(scope) if scope else ""
            shown = title.replace("&", "&&")  # a class may be called "A & B"
            text = f"{command.text}: {shown}" if title else command.text
            self._window.action(command).setText(text)
