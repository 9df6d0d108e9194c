"""Writing to the label library in the reader's name: every act, undo and redo goes through
here, and what became of it is said over the image or in the banner.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from endoscope_app.base.errors import AppError
from endoscope_app.labels import act_wording, wording
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

    def waiting(self) -> Echo:
        """The same act while it waits for the reader's name."""
        return Echo(act_wording.waits_for_name(self.text), self.colour)


@dataclass(frozen=True)
class _Wish:
    """An act to be written: with what the reader saw at that instant, and what is said of it."""

    build: Callable[[LabelStore], Act]
    context: Context
    echo: Echo | None
    failed: Callable[[AppError], None] | None
    lost: int


class LabelWriter(QObject):
    """Where nothing can be written it says why.

    An act of a reader without a name waits until the name was asked.
    """

    refused = Signal()  # an act was not written: what was drawn ahead of it must be drawn as it is
    reader_wanted = Signal()  # an act waits for the reader's name; ``name_reader`` resumes it

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
        self._waiting: list[_Wish] = []  # for the reader's name, in their order
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
        by_reader: bool = True,
        lost: int = 0,
    ) -> bool:
        """Build an act from the library as it is and write it; a failure is said in words (or to
        ``failed``), nothing has changed then, and False is returned.

        An act of a reader whose name is not known yet waits for the answer; what could be seen of
        the model is that of this instant. ``echo``: what is said over the image once the act is on
        the disk. ``lost``: labels that cannot be given without this act.
        """
        store = self._session.store
        wish = _Wish(build, self._context(opinion), echo, failed, lost)
        if by_reader and not store.read_only_because and not store.read.reader_name():
            self._waiting.append(wish)
            self.say(echo.waiting() if echo else None)
            self.reader_wanted.emit()
            return True
        return self._carry_out(wish)

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
            self.write(
                lambda library: edits.register_procedure(library.read, procedure),
                by_reader=False,
                lost=1,
            )
            known = self._session.library.procedure(procedure.fingerprint)
            self._noted = procedure.fingerprint if known else ""
        return bool(self._noted)

    def forget_procedure(self) -> None:
        """Another procedure is being opened."""
        self._noted = ""

    def name_reader(self, name: str) -> None:
        """The answer to ``reader_wanted``, or another name later; what waited is written in its
        order, whatever the answer.
        """
        try:
            self._session.store.set_reader_name(name or wording.UNNAMED)
        except AppError as error:
            self._banner.show_message(str(error))
        waiting, self._waiting = self._waiting, []
        for wish in waiting:
            self._carry_out(wish)

    def close(self) -> None:
        """Write what still waits for a name."""
        if self._waiting:
            self.name_reader("")

    def take_back(self, way: Way, scope: str) -> Changes | None:
        """Undo or redo the last act of ``scope``; None where it could not be, which has been
        said, and while an act waits for the reader's name, because it would come after.
        """
        if self._waiting:
            return None
        store = self._session.store
        context = replace(self._context(None), reader=store.read.reader_name() or wording.UNNAMED)
        try:
            changes = (store.undo if way == "undo" else store.redo)(context, scope)
        except AppError as error:
            self._echo.clear_act()
            self._banner.show_message(str(error))
            return None
        self._tell(changes)
        return changes

    def _carry_out(self, wish: _Wish) -> bool:
        store, lost = self._session.store, wish.lost
        try:
            act = wish.build(store)
            lost += sum(row.table in ("frame_labels", "range_labels") for row in act.rows)
            context = replace(wish.context, reader=store.read.reader_name() or wording.UNNAMED)
            changes = store.apply(act, context)
        except AppError as error:
            self._echo.clear_act()  # what was said before is not what this key did
            if wish.failed is not None:
                wish.failed(error)
            elif isinstance(error, NotWritten) and lost:
                self._lost.add(lost, error)
            else:
                self._banner.show_message(str(error))
            self.refused.emit()
            return False
        if changes:
            self._lost.end()
        self._tell(changes)
        self.say(wish.echo, undoable=bool(changes))
        return True

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

    def _context(self, opinion: ModelOpinion | None) -> Context:
        now = time.monotonic()
        spent, self._look_began = min(now - self._look_began, LONGEST_LOOK_S), now
        return Context(wording.UNNAMED, self._visibility.recorded(), opinion, spent)
