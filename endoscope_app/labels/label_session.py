"""The label library that is open, as everyone who shows or changes labels knows it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from endoscope_app.base.errors import AppError
from endoscope_app.labels import wording
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.library_opening import no_library
from endoscope_app.labels.library.records import Changes, LabelClass
from endoscope_app.viewing.class_names import ClassNames

NOT_OPEN = AppError(*wording.NOT_OPEN)


class LabelSession(QObject):
    """``store`` is always there: where no library could be opened it is an empty one that cannot
    be written, so nobody has to ask for it. ``not_open_because`` then says why, as a sentence.

    ``main`` is the library that counts. It is ``store`` but while a second reader labels, whose
    labels go into a library of their own, so that the first ones can neither be seen nor changed.
    """

    changed = Signal(object)  # Changes: an act, an undo or a redo has been written
    #: After all have heard of ``changed``: frames have been labelled, or are no longer
    answered = Signal()

    def __init__(self, names: ClassNames, parent: QObject | None = None) -> None:
        """``names``: told what the reader calls the classes."""
        super().__init__(parent)
        self.main = LabelStore(no_library(NOT_OPEN))
        self._second: LabelStore | None = None
        self.not_open_because = NOT_OPEN.sentence
        self.classes: list[LabelClass] = []
        self.names = names

    def open(self, folder: Path) -> None:
        """Open the library in ``folder``. AppError where it cannot be opened."""
        try:
            self.use(LabelStore(folder))
        except AppError as error:
            self.use(LabelStore(no_library(error)))
            self.not_open_because = error.sentence
            raise

    def use(self, store: LabelStore) -> None:
        """Read and write this library from now on; the one before is closed."""
        self.main.close()
        self.main, self.not_open_because = store, ""
        self.reload_classes()

    def use_second(self, store: LabelStore | None) -> None:
        """Read and write this library in place of the main one, which stays open; None: the main
        one again.
        """
        if self._second is not None:
            self._second.close()
        self._second = store
        self.reload_classes()

    def close(self) -> None:
        """Let the library go."""
        if self._second is not None:
            self._second.close()
        self.main.close()

    @property
    def store(self) -> LabelStore:
        """Where labels are read and written now."""
        return self.main if self._second is None else self._second

    @property
    def is_second(self) -> bool:
        """Whether a second reader labels, who must not see what is in ``main``."""
        return self._second is not None

    @property
    def library(self) -> LabelReader:
        """What can be asked of the open library."""
        return self.store.read

    @property
    def read_only_because(self) -> str:
        """Why nothing can be written, as a sentence; empty when it can."""
        return self.store.read_only_because

    def reader_name(self) -> str:
        """Who is labelling; empty until it was asked."""
        return self.library.reader_name()

    def announce(self, changes: Changes) -> None:
        """After a write: classes first, then everyone who shows labels, then who waits for an
        answer.
        """
        if not changes:
            return
        if "classes" in changes.tables():
            self.reload_classes()
        self.changed.emit(changes)
        if changes.tables() & {"frame_labels", "range_labels"}:
            self.answered.emit()

    def reload_classes(self) -> None:
        """Read the classes again."""
        library = self.library
        self.classes = library.classes()
        self.names.set({item.key: library.resolved_class(item.id).name for item in self.classes})

    def name_of(self, class_id: int) -> str:
        """What the reader calls a class."""
        return next((item.name for item in self.classes if item.id == class_id), wording.A_CLASS)

    def colour_of(self, class_id: int) -> str:
        """Its colour as #rrggbb, empty for a class that is gone."""
        return next((item.colour for item in self.classes if item.id == class_id), "")

    def panel_classes(self) -> list[LabelClass]:
        """Those that can be given: not retired, not merged into another."""
        return [item for item in self.classes if not item.retired and item.merged_into is None]

    def class_of_key(self, key: str) -> LabelClass | None:
        """The reader's class that a model calls so, followed to where it was merged."""
        return self.library.class_of_key(key)
