"""What the right button offers on a segment in the list."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu

from endoscope_app.analysis.commands import MORE_LIKE_THIS
from endoscope_app.base.window_port import WindowPort
from endoscope_app.segments.commands import WRITE
from endoscope_app.segments.segment_list import SegmentList


class SegmentMenu(QObject):
    """The segment that was pointed at is the current one, and its frame is shown."""

    def __init__(self, window: WindowPort, segments: SegmentList) -> None:
        super().__init__(window.as_widget())
        self._window, self._list = window, segments
        segments.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        segments.customContextMenuRequested.connect(self._open)

    def _open(self, at: QPoint) -> None:
        row = self._list.rows.segment(self._list.indexAt(at).row())
        if row is None:
            return
        self._list.mark(self._list.rows.row_of(row.place))
        self._list.setFocus()
        self._list.row_clicked.emit(row)
        menu = QMenu(self._list)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for command in (MORE_LIKE_THIS, WRITE):
            menu.addAction(self._window.action(command))
        menu.popup(self._list.viewport().mapToGlobal(at))
