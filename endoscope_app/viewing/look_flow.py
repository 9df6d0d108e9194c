"""How the picture looks on the screen: asked for in a dialog, forgotten with the program, so that
nobody looks at an altered picture without knowing.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt

from endoscope_app.base.window_port import WindowPort
from endoscope_app.viewing.commands import LOOK
from endoscope_app.viewing.frame_view import FrameView
from endoscope_app.viewing.look_dialog import LookDialog
from endoscope_app.viewing.picture_look import AS_RECORDED, PictureLook


class LookFlow(QObject):
    """Only the view hears of it: neither the model nor what is kept."""

    def __init__(self, window: WindowPort, frame_view: FrameView) -> None:
        super().__init__(window.as_widget())
        self._parent, self._view = window.as_widget(), frame_view
        self._look: PictureLook = AS_RECORDED
        window.action(LOOK).triggered.connect(self._open)

    def _open(self) -> None:
        dialog = LookDialog(self._look, self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.changed.connect(self._take)
        dialog.show()

    def _take(self, look: PictureLook) -> None:
        self._look = look
        self._view.set_look(look)
