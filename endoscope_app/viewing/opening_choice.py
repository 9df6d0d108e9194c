"""What is opened where the choice is the reader's.

One of the folders inside a folder, one of the video streams of a file.
"""

from __future__ import annotations

import os

from PySide6.QtCore import QObject, Qt

from endoscope_app.base.choice_dialog import ChoiceDialog
from endoscope_app.base.window_port import WindowPort
from endoscope_app.media.folder_notes import NestedFolders
from endoscope_app.media.source import SourceInfo
from endoscope_app.viewing import wording
from endoscope_app.viewing.commands import VIDEO_STREAM
from endoscope_app.viewing.procedure_player import ProcedurePlayer


class OpeningChoice(QObject):
    """Asks with a list; what is chosen is opened as if it had been named."""

    def __init__(self, window: WindowPort, player: ProcedurePlayer) -> None:
        super().__init__(window.as_widget())
        self._parent, self._player = window.as_widget(), player
        player.folders_offered.connect(self._offer_folders)
        player.opened.connect(self._on_opened)
        self._command = window.action(VIDEO_STREAM)
        self._command.setEnabled(False)
        self._command.triggered.connect(self._offer_streams)

    def _on_opened(self, _generation: int, info: SourceInfo) -> None:
        self._command.setEnabled(len(info.streams) > 1)

    def _offer_folders(self, offer: NestedFolders) -> None:
        root = os.path.commonpath([folder.parent for folder in offer.folders])
        names = [str(folder.relative_to(root)) for folder in offer.folders]
        dialog = ChoiceDialog(
            wording.OPEN_FOLDER_TITLE,
            wording.which_folder(offer.sentence),
            names,
            parent=self._parent,
        )
        dialog.chosen.connect(lambda row: self._player.open(offer.folders[row]))
        _show(dialog)

    def _offer_streams(self) -> None:
        info = self._player.info
        if info is None or len(info.streams) < 2:
            return
        streams = info.streams
        rows = [wording.stream(number, stream) for number, stream in enumerate(streams, 1)]
        current = next((row for row, stream in enumerate(streams) if stream.is_chosen), 0)
        dialog = ChoiceDialog(
            wording.STREAM_TITLE,
            wording.which_stream(info.path, len(streams)),
            rows,
            current,
            self._parent,
        )
        dialog.chosen.connect(lambda row: self._player.open(info.path, stream=streams[row].index))
        _show(dialog)


def _show(dialog: ChoiceDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
