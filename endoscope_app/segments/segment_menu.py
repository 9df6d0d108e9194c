"""What the right button offers on a segment in the list, or on all that are chosen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from endoscope_app.analysis.commands import MORE_LIKE_THIS
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.segments import wording
from endoscope_app.segments.commands import ACCEPT_CLASS, WRITE
from endoscope_app.segments.segment_list import SegmentList
from endoscope_app.segments.segment_rows import SegmentRow

_CHIP = 10
BY_MOUSE = ""  # no key is named in what is said of the act


class SegmentMenu(QObject):
    """The segment that was pointed at is the current one, and its frame is shown; it is decided by
    what the list's own keys ask for.
    """

    def __init__(self, desk: LabelDesk, segments: SegmentList) -> None:
        super().__init__(desk.window.as_widget())
        self._window, self._session, self._list = desk.window, desk.session, segments
        segments.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        segments.customContextMenuRequested.connect(self._open)

    def _open(self, at: QPoint) -> None:
        row = self._list.rows.segment(self._list.indexAt(at).row())
        if row is None:
            return
        if row not in self._list.chosen_rows():
            self._list.mark(self._list.rows.row_of(row.place))
        self._list.setFocus()
        self._list.row_clicked.emit(row)
        menu = QMenu(self._list)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add_decisions(menu, self._list.chosen_rows())
        for command in (MORE_LIKE_THIS, WRITE):
            menu.addAction(self._window.action(command))
        menu.popup(self._list.viewport().mapToGlobal(at))

    def _add_decisions(self, menu: QMenu, rows: list[SegmentRow]) -> None:
        segments = [row for row in rows if row.item.kind == "segment"]
        if not segments:
            return
        wishes = self._list
        accept, reject = menu.addAction(wording.ACCEPT), menu.addAction(wording.REJECT)
        accept.triggered.connect(lambda: wishes.accepted.emit(BY_MOUSE))
        reject.triggered.connect(lambda: wishes.rejected.emit(BY_MOUSE))
        self._add_classes(menu.addMenu(wording.CORRECT))
        menu.addAction(self._window.action(ACCEPT_CLASS))
        if any(row.item.state != "open" for row in segments):
            reopen = menu.addAction(wording.REOPEN)
            reopen.triggered.connect(lambda: wishes.reopened.emit(BY_MOUSE))
        menu.addSeparator()

    def _add_classes(self, menu: QMenu) -> None:
        for place, item in enumerate(self._session.panel_classes()):
            chip = QPixmap(_CHIP, _CHIP)
            chip.fill(QColor(self._session.colour_of(item.id)))
            entry = menu.addAction(QIcon(chip), item.name.replace("&", "&&"))
            entry.triggered.connect(partial(self._correct, place))

    def _correct(self, place: int, _checked: bool = False) -> None:
        self._list.corrected.emit(place, BY_MOUSE)
