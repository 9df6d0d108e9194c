"""The reader's classes: the table of them, and every act on it written as one that undo takes
back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor

from endoscope_app.base.errors import AppError
from endoscope_app.base.theme import class_colours
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.classes_dialog import ClassesDialog
from endoscope_app.labels.classes_table import ClassLine
from endoscope_app.labels.commands import CLASSES, DIGITS
from endoscope_app.labels.label_panel import LabelPanel
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.label_undo import LabelUndo
from endoscope_app.labels.label_writer import LabelWriter
from endoscope_app.labels.library import class_edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import CLASSES_SCOPE, Act


class ReaderClasses(QObject):
    """One window, in step with the library while it is open."""

    def __init__(
        self,
        window: WindowPort,
        panel: LabelPanel,
        session: LabelSession,
        writer: LabelWriter,
        undo: LabelUndo,
    ) -> None:
        super().__init__(window.as_widget())
        self.dialog: ClassesDialog | None = None
        self._window, self._session, self._writer, self._undo = window, session, writer, undo
        window.action(CLASSES).triggered.connect(self.open)
        panel.classes_requested.connect(self.open)
        panel.order_changed.connect(self._on_order_changed)
        session.changed.connect(self._show)

    def open(self) -> None:
        """Show the classes, or bring them to the front."""
        if self._session.read_only_because:
            self._window.banner.show_message(self._session.read_only_because)
            return
        if self.dialog is None:
            self.dialog = self._made()
            self._show()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _made(self) -> ClassesDialog:
        dialog, do = ClassesDialog(self._window.as_widget()), self._do
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.added.connect(self._on_added)
        dialog.renamed.connect(
            lambda one, name: do(lambda store: class_edits.rename_class(store.read, one, name))
        )
        dialog.merged.connect(
            lambda one, into: do(lambda store: class_edits.merge_classes(store.read, [one], into))
        )
        dialog.recoloured.connect(
            lambda one, colour: do(
                lambda store: class_edits.recolour_class(store.read, one, QColor(colour).name())
            )
        )
        dialog.retired.connect(
            lambda one: do(lambda store: class_edits.retire_class(store.read, one))
        )
        dialog.brought_back.connect(
            lambda one: do(lambda store: class_edits.bring_back(store.read, one))
        )
        dialog.order_changed.connect(self._on_order_changed)
        dialog.undo_requested.connect(partial(self._undo.take_back_classes, "undo"))
        dialog.redo_requested.connect(partial(self._undo.take_back_classes, "redo"))
        dialog.finished.connect(self._forget_dialog)
        return dialog

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _on_order_changed(self, class_ids: list[int]) -> None:
        self._do(lambda store: class_edits.reorder_classes(store.read, class_ids))

    def _on_added(self, name: str) -> None:
        used = {one.colour.casefold() for one in self._session.classes}
        palette = [colour.name() for colour in class_colours(len(used) + 1)]
        colour = next(one for one in palette if one.casefold() not in used)
        made: list[int] = []

        def build(store: LabelStore) -> Act:
            made.append(store.new_id("classes"))
            return class_edits.add_class(store.read, name, colour, made[-1])

        self._do(build)
        if self.dialog is not None and made:
            self.dialog.choose(made[-1])

    def _do(self, build: Callable[[LabelStore], Act]) -> None:
        self._writer.write(build, failed=self._on_failed)

    def _on_failed(self, error: AppError) -> None:
        if self.dialog is not None:
            self.dialog.show_problem(str(error))
        else:
            self._window.banner.show_message(str(error))

    def _show(self) -> None:
        library, dialog = self._session.library, self.dialog
        if dialog is None:
            return
        dialog.set_history(library.undo_title(CLASSES_SCOPE), library.redo_title(CLASSES_SCOPE))
        digits = {
            one.id: digit for one, digit in zip(self._session.panel_classes(), DIGITS, strict=False)
        }
        frames, ranges = library.frame_counts(), library.range_counts()
        names = {one.id: one.name for one in self._session.classes}
        dialog.set_classes(
            [
                ClassLine(
                    one.id,
                    one.name,
                    QColor(one.colour),
                    digits.get(one.id, ""),
                    frames.get(one.id, 0),
                    ranges.get(one.id, 0),
                    one.retired,
                    "" if one.merged_into is None else names[one.merged_into],
                )
                for one in self._session.classes
            ]
        )
