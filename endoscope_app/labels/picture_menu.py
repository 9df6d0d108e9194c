"""What the right button offers on the picture: the classes, and what is done with a frame."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from endoscope_app.analysis.commands import MORE_LIKE_THIS
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels import wording
from endoscope_app.labels.commands import AGREE, CLEAR_LABEL, MARK_IN, MARK_OUT, UNUSABLE
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.viewing.commands import EXPLAIN, FIT, LOOK, TOGGLE_OVERLAY
from endoscope_app.viewing.procedure_player import ProcedurePlayer

_GROUPS = (
    (AGREE, UNUSABLE, CLEAR_LABEL),
    (MARK_IN, MARK_OUT),
    (TOGGLE_OVERLAY, EXPLAIN, MORE_LIKE_THIS),
)
_CHIP = 10


class PictureMenu(QObject):
    """Opening it pauses: what is chosen is meant for the frame that was pointed at."""

    def __init__(
        self,
        window: WindowPort,
        picture: QWidget,
        player: ProcedurePlayer,
        session: LabelSession,
        label: Callable[[int], None],
    ) -> None:
        """``label``: gives the frame on screen the class of that id."""
        super().__init__(window.as_widget())
        self._window, self._picture, self._player = window, picture, player
        self._session, self._label = session, label
        picture.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        picture.customContextMenuRequested.connect(self._open)

    def _open(self, at: QPoint) -> None:
        if self._player.info is None:
            return
        self._player.pause()
        menu = QMenu(self._picture)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        classes = menu.addMenu(wording.LABEL_AS)
        for item in self._session.panel_classes():
            chip = QPixmap(_CHIP, _CHIP)
            chip.fill(QColor(self._session.colour_of(item.id)))
            entry = classes.addAction(QIcon(chip), item.name.replace("&", "&&"))
            entry.triggered.connect(lambda _=False, number=item.id: self._label(number))
        for group in (*_GROUPS, (FIT, LOOK)):
            for command in group:
                menu.addAction(self._window.action(command))
            menu.addSeparator()
        menu.popup(self._picture.mapToGlobal(at))
