"""Going to a frame or a time that the reader types."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt

from endoscope_app.base.window_port import WindowPort
from endoscope_app.base.wording import NO_PROCEDURE_OPEN
from endoscope_app.viewing.commands import GO_TO
from endoscope_app.viewing.goto_dialog import GotoDialog
from endoscope_app.viewing.procedure_player import ProcedurePlayer


class GotoFlow(QObject):
    """Asks where, and goes there."""

    def __init__(self, window: WindowPort, player: ProcedurePlayer) -> None:
        super().__init__(window.as_widget())
        self._parent, self._player = window.as_widget(), player
        self._banner = window.banner
        window.action(GO_TO).triggered.connect(self.open)

    def open(self) -> None:
        """Show the dialog."""
        info = self._player.info
        if info is None:
            self._banner.show_remark(NO_PROCEDURE_OPEN)
            return
        dialog = GotoDialog(
            self._player.times, info.duration_ms, self._parent, stills=info.kind == "folder"
        )
        dialog.position_chosen.connect(self._player.go_to)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()
