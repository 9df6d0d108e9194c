"""What the right button offers on the segments that are chosen: all that keys do with them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.segments import wording
from endoscope_app.segments.commands import ACCEPT_CLASS, WRITE
from endoscope_app.segments.segment_list import SegmentList

_CHIP = 10
BY_MOUSE = ""  # no key is named in what is said of the act


class SegmentMenu(QObject):
    """It asks for what the list's own keys ask for."""

    def __init__(self, desk: LabelDesk, segments: SegmentList) -> None:
        super().__init__(segments)
        self._window, self._session, self._list = desk.window, desk.session, segments
        segments.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        segments.customContextMenuRequested.connect(self._open)

    def _open(self, at: QPoint) -> None:
        rows = self._list.chosen_rows()
        if not rows:
            return
        segments, menu = self._list, QMenu(self._list)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if any(row.item.kind == "segment" for row in rows):
            menu.addAction(wording.ACCEPT).triggered.connect(
                lambda: segments.accepted.emit(BY_MOUSE)
            )
            menu.addAction(wording.REJECT).triggered.connect(
                lambda: segments.rejected.emit(BY_MOUSE)
            )
            self._add_classes(menu.addMenu(wording.CORRECT))
            menu.addSeparator()
            menu.addAction(self._window.action(ACCEPT_CLASS))
        menu.addAction(self._window.action(WRITE))
        if any(row.item.kind == "segment" and row.item.state != "open" for row in rows):
            menu.addAction(wording.REOPEN).triggered.connect(
                lambda: segments.reopened.emit(BY_MOUSE)
            )
        menu.popup(segments.viewport().mapToGlobal(at))

    def _add_classes(self, menu: QMenu) -> None:
        for place, item in enumerate(self._session.panel_classes()):
            chip = QPixmap(_CHIP, _CHIP)
            chip.fill(QColor(self._session.colour_of(item.id)))
            entry = menu.addAction(QIcon(chip), item.name.replace("&", "&&"))
            entry.triggered.connect(partial(self._correct, place))

    def _correct(self, place: int, _checked: bool = False) -> None:
        self._list.corrected.emit(place, BY_MOUSE)
