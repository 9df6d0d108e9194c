"""Writing to the label library in the reader's name: every act, undo and redo goes through
here, and what became of it is said over the image or in the banner.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from endoscope_app.base.errors import AppError
from endoscope_app.labels import wording
from endoscope_app.labels.commands import UNDO
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Act, Changes, Context, ModelOpinion
from endoscope_app.labels.library.transaction import NotWritten
from endoscope_app.labels.lost_labels import LostLabels
from endoscope_app.labels.model_visibility import ModelVisibility
from endoscope_app.viewing.act_echo import ActEcho

#: Time on one frame beyond this is a pause, not work.
LONGEST_LOOK_S = 120.0
Way = Literal["undo", "redo"]


@dataclass(frozen=True)
class Echo:
    """What the reader is told of an act over the image, with the class's colour as #rrggbb or
    empty; ``stays``: in the banner too.
    """

    text: str
    colour: str = ""
    stays: bool = False


class LabelWriter(QObject):
    """Where nothing can be written it says why.

    The name is asked on the start page: an act of a reader without one says so, and never waits.
    """

    refused = Signal()  # an act was not written: what was drawn ahead of it must be drawn as it is

    def __init__(
        self,
        desk: LabelDesk,
        echo: ActEcho,
        visibility: ModelVisibility,
    ) -> None:
        super().__init__(desk.window.as_widget())
        self._banner, self._echo = desk.window.banner, echo
        self._undo = desk.window.action(UNDO).trigger
        self._session, self._procedure, self._visibility = desk.session, desk.procedure, visibility
        self._look_began = time.monotonic()
        self._lost = LostLabels(desk.window.banner)
        self._noted = ""  # the procedure that is noted in the library

    def begin_look(self) -> None:
        """Another frame is on screen: the reader's time on it begins."""
        self._look_began = time.monotonic()

    def write(
        self,
        build: Callable[[LabelStore], Act],
        opinion: ModelOpinion | None = None,
        *,
        echo: Echo | None = None,
        failed: Callable[[AppError], None] | None = None,
        lost: int = 0,
    ) -> bool:
        """Build an act from the library as it is and write it; a failure is said in words (or to
        ``failed``), nothing has changed then, and False is returned.

        ``echo``: what is said over the image once the act is on the disk. ``lost``: labels that
        cannot be given without this act.
        """
        store = self._session.store
        try:
            act = build(store)
            lost += sum(row.table in ("frame_labels", "range_labels") for row in act.rows)
            changes = store.apply(act, self.context(opinion))
        except AppError as error:
            self._echo.clear_act()  # what was said before is not what this key did
            if failed is not None:
                failed(error)
            elif isinstance(error, NotWritten) and lost:
                self._lost.add(lost, error)
            else:
                self._banner.show_message(str(error))
            self.refused.emit()
            return False
        if changes:
            self._lost.end()
        self._tell(changes)
        self.say(echo, undoable=bool(changes))
        return True

    def note_procedure(self) -> bool:
        """The open procedure is in the library, as labels need it; False where none is open, or
        where it cannot be written.
        """
        procedure = self._procedure.noted
        if procedure is None:
            return False
        if self._procedure.withheld:
            self._banner.show_message(self._procedure.withheld)
            return False
        if self._noted != procedure.fingerprint:
            self.write(lambda library: edits.register_procedure(library.read, procedure), lost=1)
            known = self._session.library.procedure(procedure.fingerprint)
            self._noted = procedure.fingerprint if known else ""
        return bool(self._noted)

    def forget_procedure(self) -> None:
        """Another procedure is being opened."""
        self._noted = ""

    def name_reader(self, name: str) -> None:
        """Who labels from now on; empty for nobody in particular."""
        try:
            self._session.main.set_reader_name(name or wording.UNNAMED)
        except AppError as error:
            self._banner.show_message(str(error))

    def take_back(self, way: Way, scope: str) -> Changes | None:
        """Undo or redo the last act of ``scope``; None where it could not be, which has been
        said.
        """
        store = self._session.store
        try:
            changes = (store.undo if way == "undo" else store.redo)(self.context(), scope)
        except AppError as error:
            self._echo.clear_act()
            self._banner.show_message(str(error))
            return None
        self._tell(changes)
        return changes

    def _tell(self, changes: Changes) -> None:
        if changes:
            self._banner.withdraw_remark()  # "there is nothing to undo" is true no more
        self._session.announce(changes)

    def say(self, echo: Echo | None, *, undoable: bool = False) -> None:
        """Over the image, and in the banner too where it stays; ``undoable``: with a button that
        takes it back.
        """
        if echo is not None:
            colour = QColor(echo.colour) if echo.colour else None
            self._echo.show_act(echo.text, colour, undoable=undoable)
            if echo.stays:
                self._banner.show_remark(echo.text, undo=self._undo if undoable else None)

    def context(self, opinion: ModelOpinion | None = None) -> Context:
        """Who acts now, and the time spent on the frame since the last act."""
        now = time.monotonic()
        spent, self._look_began = min(now - self._look_began, LONGEST_LOOK_S), now
        reader = self._session.store.read.reader_name() or wording.UNNAMED
        return Context(reader, self._visibility.recorded(), opinion, spent)
