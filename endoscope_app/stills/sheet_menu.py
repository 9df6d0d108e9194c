"""What the right button offers on the contact sheet, for all stills that are chosen."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMenu

from endoscope_app.analysis.commands import MORE_LIKE_THIS
from endoscope_app.base.command import Command
from endoscope_app.base.icons import chip
from endoscope_app.labels.commands import AGREE, CLEAR_LABEL, UNUSABLE
from endoscope_app.labels.frame_labelling import FrameLabelling
from endoscope_app.labels.label_desk import LabelDesk
from endoscope_app.stills import wording
from endoscope_app.stills.commands import COMPARE, SHEET
from endoscope_app.stills.contact_sheet import ContactSheet

_GROUPS: tuple[tuple[Command, ...], ...] = (
    (AGREE, UNUSABLE, CLEAR_LABEL),
    (COMPARE, MORE_LIKE_THIS, SHEET),
)


class SheetMenu(QObject):
    """A click on a still that is not chosen chooses it first."""

    def __init__(self, desk: LabelDesk, sheet: ContactSheet, frames: FrameLabelling) -> None:
        super().__init__(desk.window.as_widget())
        self._window, self._session, self._list = desk.window, desk.session, sheet.list
        self._label = frames.label
        sheet.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        sheet.list.customContextMenuRequested.connect(self._open)

    def _open(self, at: QPoint) -> None:
        if not self._list.chosen():
            return
        menu = QMenu(self._list)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        current = self._list.current()
        menu.addAction(wording.OPEN_STILL).triggered.connect(
            lambda: self._list.opened.emit(current)
        )
        classes = menu.addMenu(wording.LABEL_AS)
        for item in self._session.panel_classes():
            icon = chip(QColor(self._session.colour_of(item.id)))
            entry = classes.addAction(icon, item.name.replace("&", "&&"))
            entry.triggered.connect(lambda _=False, number=item.id: self._label(number))
        for group in _GROUPS:
            menu.addSeparator()
            for command in group:
                menu.addAction(self._window.action(command))
        menu.popup(self._list.viewport().mapToGlobal(at))
