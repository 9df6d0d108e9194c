"""The table of the worklist: a line per procedure, under the patient that it is of."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from endoscope_app.base.key_claim import CHOICE_KEYS, SLIDE_KEYS, KeyClaim
from endoscope_app.base.plain_text import plain_tip
from endoscope_app.worklist import joining_wording, wording
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.entry_lines import ORDERS, Group, Order

NAME, DATE, LENGTH, LEARNING, STATE = range(5)
_ID, _SHARE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_MORE_KEYS = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Delete)
_BAR_HEIGHT = 2


class WorklistTable(QTreeWidget):
    """Enter or a double click opens; clicks on the headings sort."""

    open_requested = Signal(int)  # id of the entry
    order_requested = Signal(str, bool)  # Order, descending
    selection_changed = Signal()
    remove_requested = Signal()
    menu_requested = Signal(QPoint)  # on the screen
    undo_requested = Signal()
    redo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(wording.TABLE_NAME)
        self.setColumnCount(len(wording.HEADINGS))
        self.setHeaderLabels(list(wording.HEADINGS))
        self.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setUniformRowHeights(True)
        self.setStyleSheet("QTreeView::item { padding: 3px 4px; }")
        self.setAllColumnsShowFocus(True)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setItemDelegateForColumn(STATE, _StateDelegate(self))
        header = self.header()
        header.setSectionsMovable(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(NAME, Qt.SortOrder.AscendingOrder)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for column, width in ((NAME, 230), (DATE, 150), (LENGTH, 80), (LEARNING, 105)):
            header.resizeSection(column, width)
        header.sortIndicatorChanged.connect(self._on_sort)
        # Its keys are shortcuts of the window too
        KeyClaim(self, (*CHOICE_KEYS, *SLIDE_KEYS, *_MORE_KEYS))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.itemActivated.connect(self._on_activated)
        self.itemSelectionChanged.connect(self.selection_changed)
        self._items: dict[int, QTreeWidgetItem] = {}

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes lines out of the list; undo and redo are those of what is allowed."""
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo_requested.emit()
            return
        if event.matches(QKeySequence.StandardKey.Redo):
            self.redo_requested.emit()
            return
        if event.key() == Qt.Key.Key_Delete and not event.modifiers():
            self.remove_requested.emit()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Undo and redo are the list's here, not the window's for the procedure behind it."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
            if any(event.matches(key) for key in keys):
                event.accept()
                return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """For what is chosen, by the mouse or the menu key."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        self.menu_requested.emit(self.place_of_menu() if by_key else event.globalPos())

    def place_of_menu(self) -> QPoint:
        """Where a menu about the current line stands, on the screen."""
        area = self.visualRect(self.currentIndex())
        return self.viewport().mapToGlobal(area.bottomLeft())

    def show_groups(self, groups: Sequence[Group]) -> None:
        """Replace all lines; what was chosen stays chosen, and in sight."""
        chosen, current, top = self.chosen(), self.current(), self.verticalScrollBar().value()
        self.blockSignals(True)
        self.clear()
        self._items = {}
        for group in groups:
            heading = QTreeWidgetItem([wording.group(group.patient, len(group.entries))])
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            font = heading.font(0)
            font.setBold(True)
            heading.setFont(0, font)
            self.addTopLevelItem(heading)
            heading.setFirstColumnSpanned(True)
            heading.setExpanded(True)
            for entry in group.entries:
                item = self._items[entry.id] = _item(entry)
                heading.addChild(item)
                item.setSelected(entry.id in chosen)
        if current in self._items:
            self.setCurrentItem(
                self._items[current], 0, self.selectionModel().SelectionFlag.NoUpdate
            )
        self.verticalScrollBar().setValue(top)
        self.blockSignals(False)
        self.selection_changed.emit()

    def choose(self, line: int) -> None:
        """Choose this one alone, and bring it into sight."""
        item = self._items.get(line)
        if item is not None:
            # By itself Qt adds to the selection while Ctrl is held, as for Ctrl+Page Down
            flags = self.selectionModel().SelectionFlag
            self.setCurrentItem(item, 0, flags.ClearAndSelect | flags.Rows)
            self.scrollToItem(item)

    def chosen(self) -> list[int]:
        """Ids of the chosen lines, from the top."""
        return [line for line, item in self._items.items() if item.isSelected()]

    def current(self) -> int | None:
        """Id of the line that the keyboard is on; None on a heading."""
        item = self.currentItem()
        line = None if item is None else item.data(0, _ID)
        return line if isinstance(line, int) else None

    def show_running(self, line: int, text: str, share: float) -> None:
        """The line whose procedure is being analysed."""
        item = self._items.get(line)
        if item is not None:
            item.setText(STATE, text)
            item.setData(STATE, _SHARE, share)

    def _on_activated(self, item: QTreeWidgetItem) -> None:
        if item.data(0, _ID) is not None:
            self.open_requested.emit(item.data(0, _ID))

    def _on_sort(self, column: int, order: Qt.SortOrder) -> None:
        wanted: Order = ORDERS[column]
        self.order_requested.emit(wanted, order == Qt.SortOrder.DescendingOrder)


class _StateDelegate(QStyledItemDelegate):
    """Beneath the words of the one that runs, how far it is."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """As usual, and a line as long as its share."""
        super().paint(painter, option, index)
        share = index.data(_SHARE)
        if isinstance(share, float):
            bar = option.rect.adjusted(4, 0, -8, -1)
            bar.setTop(bar.bottom() - _BAR_HEIGHT + 1)
            bar.setWidth(round(bar.width() * share))
            painter.fillRect(bar, option.palette.highlight())


def _item(entry: Entry) -> QTreeWidgetItem:
    state = wording.state(entry)
    item = QTreeWidgetItem(
        [
            entry.path.name,
            wording.date(entry.changed_at),
            wording.length(entry),
            wording.learning(entry),
            state,
        ]
    )
    item.setData(0, _ID, entry.id)
    names = joining_wording.parts(entry.parts, entry.parts_away)
    read = wording.reading_time(entry.reading_s)
    item.setToolTip(NAME, plain_tip("\n".join(filter(None, (entry.path.name, names, read)))))
    item.setToolTip(LEARNING, plain_tip(wording.learning_tip(entry)))
    item.setToolTip(STATE, plain_tip("\n".join(filter(None, (state, _model(entry), read)))))
    return item


def _model(entry: Entry) -> str:
    return wording.analysed_by(entry.model) if entry.analysed else ""
