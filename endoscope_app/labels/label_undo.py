"""Undo and redo of labels: in the procedure on screen, where the reader sees what changes, and
of classes, which all procedures share.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from endoscope_app.labels import act_wording
from endoscope_app.labels.commands import REDO, REDO_CLASSES, UNDO, UNDO_CLASSES
from endoscope_app.labels.frame_places import changed_place
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.label_writer import Echo, LabelWriter, Way
from endoscope_app.labels.library.records import CLASSES_SCOPE
from endoscope_app.labels.procedure_labels import ProcedureLabels


class LabelUndo(QObject):
    """The commands, and what the menu says they would undo."""

    def __init__(
        self,
        desk: LabelDesk,
        writer: LabelWriter,
        labels: ProcedureLabels,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self._window, self._player = desk.window, desk.player
        self._session, self._procedure, self._writer = desk.session, desk.procedure, writer
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
        changes = self._writer.take_back(way, scope)
        if changes is None:
            return
        if not changes:
            self._window.banner.show_remark(act_wording.nothing_to(way))
            return
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
