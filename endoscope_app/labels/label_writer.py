"""Writing to the label library in the reader's name: every act, undo and redo goes through
here, and every view is told of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from endoscope_app.base.errors import AppError
from endoscope_app.labels.act_text import Echo, Places, Way, changed_place, taken_back
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import (
    CLASSES_SCOPE,
    Act,
    AiVisible,
    Changes,
    Context,
    LabelClass,
    ModelOpinion,
    Procedure,
)
from endoscope_app.labels.library.transaction import NotWritten
from endoscope_app.labels.lost_labels import LostLabels
from endoscope_app.media.first_image import FirstImage
from endoscope_app.media.source import SourceInfo
from endoscope_app.shell.main_window import MainWindow
from endoscope_app.viewing.class_names import ClassNames
from endoscope_app.viewing.viewing_flow import Viewing

#: Time on one frame beyond this is a pause, not work.
LONGEST_LOOK_S = 120.0
UNNAMED = "unnamed reader"
NO_PROCEDURE = (
    "No procedure is open, so there is no act to undo or redo. Edit, Undo class change takes back"
    " changes of classes."
)
NOT_OPEN = "The label library is not open, so nothing can be labelled."


def procedure_of(info: SourceInfo, first: FirstImage | None) -> Procedure:
    """An opened recording as the library notes it, with where it lies now."""
    return Procedure(
        info.fingerprint,
        info.path.name,
        str(info.path.absolute()),
        info.frame_count,
        info.duration_ms / 1000.0,
        width=info.width,
        height=info.height,
        stamp_kind=info.stamp_kind,
        first_image="" if first is None else first.cells,
    )


class Writing(QObject):
    """Without a library, or with a read-only one, it says why.

    An act of a reader without a name waits until the name was asked.
    """

    changed = Signal(object)  # Changes
    refused = Signal()  # an act was not written: what was drawn ahead of it must be drawn as it is
    reader_wanted = Signal()  # an act waits for the reader's name; ``name_reader`` lets it go on
    # A frame has been answered, or no longer is: what may be seen of the model may be another now
    answered = Signal()

    def __init__(
        self,
        window: MainWindow,
        viewing: Viewing,
        ai_visible: Callable[[], AiVisible],
        names: ClassNames,
    ) -> None:
        """``ai_visible``: what the reader can see of the model at this instant."""
        super().__init__(window)
        self.store: LabelStore | None = None
        self.classes: list[LabelClass] = []
        self.names = names
        self._window, self._viewing, self._ai_visible = window, viewing, ai_visible
        self._shown_at = time.monotonic()
        # Acts that wait for the reader's name, in their order
        self._held: list[Callable[[], bool]] = []
        self._lost = LostLabels(window)
        self._withheld = ""
        self._noted = ""  # the procedure that is noted in the library

    @property
    def fingerprint(self) -> str:
        """Of the open procedure; empty where there is none, or while it is not known which one
        it is.
        """
        return self._viewing.info.fingerprint if self._viewing.info and not self._withheld else ""

    def withhold(self, sentence: str) -> None:
        """Neither show nor write labels of the open procedure, and say why not; with an empty
        sentence they are shown again.
        """
        self._withheld = sentence

    @property
    def places(self) -> Places:
        """How the frames of the open procedure are named."""
        info = self._viewing.info
        return Places(self._viewing.times_ms, info is not None and info.kind == "folder")

    def name_of(self, class_id: int) -> str:
        """What the reader calls a class."""
        return next((found.name for found in self.classes if found.id == class_id), "a class")

    def colour_of(self, class_id: int) -> str:
        """Its colour as #rrggbb, empty for a class that is gone."""
        return next((found.colour for found in self.classes if found.id == class_id), "")

    def panel_classes(self) -> list[LabelClass]:
        """Those that can be given: not retired, not merged into another."""
        return [found for found in self.classes if not found.retired and found.merged_into is None]

    def reload_classes(self) -> None:
        """Read the classes again."""
        store = self.store
        self.classes = store.classes() if store else []
        self.names.set(
            {one.key: store.resolved_class(one.id).name for one in self.classes} if store else {}
        )

    def class_of_key(self, key: str) -> LabelClass | None:
        """The reader's class that a model calls so, followed to where it was merged."""
        return self.store.class_of_key(key) if self.store else None

    def do(
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
        store = self.store
        if store is None:
            self._window.show_message(NOT_OPEN)
            return False
        context = self._context(opinion)
        if by_reader and not store.read_only_because and not store.reader_name():
            self._held.append(lambda: self._write(store, build, context, echo, failed, lost))
            self._say(echo.waiting() if echo else None)
            self.reader_wanted.emit()
            return True
        return self._write(store, build, context, echo, failed, lost)

    def _write(
        self,
        store: LabelStore,
        build: Callable[[LabelStore], Act],
        context: Context,
        echo: Echo | None,
        failed: Callable[[AppError], None] | None,
        lost: int,
    ) -> bool:
        try:
            act = build(store)
            lost += sum(row.table in ("frame_labels", "range_labels") for row in act.rows)
            changes = store.apply(act, replace(context, reader=store.reader_name() or UNNAMED))
        except AppError as error:
            # What was said before is not what this key did
            self._window.frame_view.echo.clear_act()
            if failed is not None:
                failed(error)
            elif isinstance(error, NotWritten) and lost:
                self._lost.add(lost, error)
            else:
                self._window.show_message(str(error))
            self.refused.emit()
            return False
        if changes:
            self._lost.end()
        self.tell(changes)
        self._say(echo)
        return True

    def _say(self, echo: Echo | None) -> None:
        if echo is not None:
            self._window.frame_view.echo.show_act(
                echo.words, QColor(echo.colour) if echo.colour else None
            )
            if echo.stays:
                self._window.show_remark(echo.words)

    def note_procedure(self, store: LabelStore) -> bool:
        """The open procedure is in the library, as labels need it; False where none is open, or
        where it cannot be written.
        """
        info = self._viewing.info
        if info is None:
            return False
        if self._withheld:
            self._window.show_message(self._withheld)
            return False
        if self._noted != info.fingerprint:
            procedure = procedure_of(info, self._viewing.first_image)
            self.do(
                lambda library: edits.register_procedure(library, procedure),
                by_reader=False,
                lost=1,
            )
            self._noted = info.fingerprint if store.procedure(info.fingerprint) else ""
        return bool(self._noted)

    def name_reader(self, name: str) -> None:
        """The answer to ``reader_wanted``, or another name later; what waited is written in its
        order, whatever the answer.
        """
        if self.store is not None:
            try:
                self.store.set_reader_name(name or UNNAMED)
            except AppError as error:
                self._window.show_message(str(error))
        held, self._held = self._held, []
        for write in held:
            write()

    def close(self) -> None:
        """Write what still waits for a name, and let the library go."""
        if self._held:
            self.name_reader("")
        if self.store is not None:
            self.store.close()

    def tell(self, changes: Changes) -> None:
        """After a write: classes first, then everyone who shows labels, then who waits for an
        answer.
        """
        if changes:
            self._window.withdraw_remark()  # "there is nothing to undo" is true no more
            if "classes" in changes.tables():
                self.reload_classes()
            self.changed.emit(changes)
            if changes.tables() & {"frame_labels", "range_labels"}:
                self.answered.emit()

    def _context(self, opinion: ModelOpinion | None) -> Context:
        now = time.monotonic()
        spent, self._shown_at = min(now - self._shown_at, LONGEST_LOOK_S), now
        return Context(UNNAMED, self._ai_visible(), opinion, spent)

    def take_back(self, way: Way) -> None:
        """Undo or redo the last act on the procedure on screen, go to the frame that changes, and
        say what and where it was.

        Nothing while an act waits for the reader's name, because it would come after.
        """
        scope = self.fingerprint
        if not scope:
            self._window.show_message(NO_PROCEDURE)
            return
        changes = self._take_back(way, scope)
        if changes is None:
            return
        if not changes:
            self._window.show_remark(f"There is nothing to {way} in this procedure.")
            return
        place, index = changed_place(changes.rows, scope, self.places)
        if index is not None:
            self._viewing.pause()
            self._viewing.go_to(index)
        self._say(Echo(taken_back(way, changes.title, place), stays=True))

    def take_back_classes(self, way: Way) -> None:
        """Undo or redo the last change of the classes, which all procedures share."""
        changes = self._take_back(way, CLASSES_SCOPE)
        if changes is not None:
            done = f"Class change {'undone' if way == 'undo' else 'done again'}: {changes.title}."
            self._window.show_remark(done if changes else f"There is no class change to {way}.")

    def take_back_act(self, scope: str, title: str) -> bool:
        """Undo this act from outside its procedure, where nothing was done there after it.

        Returns whether it was undone.
        """
        if self.store is None or self.store.undo_title(scope) != title:
            return False
        return bool(self._take_back("undo", scope))

    def _take_back(self, way: Way, scope: str) -> Changes | None:
        """What was written; None where it could not be, which has been said."""
        store = self.store
        if store is None:
            self._window.show_message(NOT_OPEN)
            return None
        if self._held:
            return None
        try:
            context = replace(self._context(None), reader=store.reader_name() or UNNAMED)
            changes = (store.undo if way == "undo" else store.redo)(context, scope)
        except AppError as error:
            self._window.frame_view.echo.clear_act()
            self._window.show_message(str(error))
            return None
        self.tell(changes)
        return changes
