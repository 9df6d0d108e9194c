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
from endoscope_app.labels import class_wording
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
from kd_core.schema.class_groups import ClassGroup


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
        if self._session.is_second:
            self._window.banner.show_message(class_wording.NOT_WHILE_BLIND)
            return
        if self.dialog is None:
            self.dialog = self._new_dialog()
            self._show()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _new_dialog(self) -> ClassesDialog:
        dialog = ClassesDialog(self._window.as_widget())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.added.connect(self._on_added)
        dialog.renamed.connect(self._on_renamed)
        dialog.merged.connect(self._on_merged)
        dialog.recoloured.connect(self._on_recoloured)
        dialog.regrouped.connect(self._on_regrouped)
        dialog.retired.connect(self._on_retired)
        dialog.brought_back.connect(self._on_brought_back)
        dialog.order_changed.connect(self._on_order_changed)
        dialog.undo_requested.connect(partial(self._undo.take_back_classes, "undo"))
        dialog.redo_requested.connect(partial(self._undo.take_back_classes, "redo"))
        dialog.finished.connect(self._forget_dialog)
        return dialog

    def _on_renamed(self, class_id: int, name: str) -> None:
        self._do(lambda store: class_edits.rename_class(store.read, class_id, name))

    def _on_merged(self, class_id: int, into: int) -> None:
        self._do(lambda store: class_edits.merge_classes(store.read, [class_id], into))

    def _on_recoloured(self, class_id: int, colour: QColor) -> None:
        self._do(lambda store: class_edits.recolour_class(store.read, class_id, colour.name()))

    def _on_regrouped(self, class_id: int, group: ClassGroup) -> None:
        self._do(lambda store: class_edits.regroup_class(store.read, class_id, group))

    def _on_retired(self, class_id: int) -> None:
        self._do(lambda store: class_edits.retire_class(store.read, class_id))

    def _on_brought_back(self, class_id: int) -> None:
        self._do(lambda store: class_edits.bring_back(store.read, class_id))

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _on_order_changed(self, class_ids: list[int]) -> None:
        self._do(lambda store: class_edits.reorder_classes(store.read, class_ids))

    def _on_added(self, name: str) -> None:
        used = {item.colour.casefold() for item in self._session.classes}
        palette = [colour.name() for colour in class_colours(len(used) + 1)]
        colour = next(item for item in palette if item.casefold() not in used)
        class_ids: list[int] = []

        def build(store: LabelStore) -> Act:
            class_ids.append(store.new_id("classes"))
            return class_edits.add_class(store.read, name, colour, class_ids[-1])

        self._do(build)
        if self.dialog is not None and class_ids:
            self.dialog.choose(class_ids[-1])

    def _do(self, build: Callable[[LabelStore], Act]) -> None:
        if self._session.is_second:  # they are those of the library that counts
            self._window.banner.show_message(class_wording.NOT_WHILE_BLIND)
            return
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
            item.id: digit
            for item, digit in zip(self._session.panel_classes(), DIGITS, strict=False)
        }
        frames, ranges = library.frame_counts(), library.range_counts()
        names = {item.id: item.name for item in self._session.classes}
        dialog.set_classes(
            [
                ClassLine(
                    item.id,
                    item.name,
                    QColor(item.colour),
                    digits.get(item.id, ""),
                    frames.get(item.id, 0),
                    ranges.get(item.id, 0),
                    item.retired,
                    "" if item.merged_into is None else names[item.merged_into],
                    item.class_group,
                )
                for item in self._session.classes
            ]
        )
