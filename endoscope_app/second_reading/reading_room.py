"""Everything around second readings, built in one place and closed in order."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from endoscope_app.analysis.analysis_view import AnalysisView
from endoscope_app.base.file_question import FileQuestion
from endoscope_app.labels.label_room import LabelRoom
from endoscope_app.second_reading.adjudication_flow import AdjudicationFlow
from endoscope_app.second_reading.agreement_flow import AgreementFlow
from endoscope_app.second_reading.blind_reading import BlindReading
from endoscope_app.second_reading.chosen_procedure import ChosenProcedure, WhichProcedure
from endoscope_app.second_reading.second_import import SecondImport


class ReadingRoom(QObject):
    """``blind``: the second reading itself; ``agreement`` and ``adjudication`` come after it.

    ``which``: what the commands are about, told by who knows the worklist; until then it is the
    open procedure.
    """

    def __init__(self, labels: LabelRoom, view: AnalysisView, library: Path) -> None:
        """``library``: the folder of the library that counts."""
        desk = labels.desk
        super().__init__(desk.window.as_widget())
        self._player = desk.player
        self.which: WhichProcedure = self.open_one
        self.blind = BlindReading(labels, view, library, self._chosen)
        self.adjudication = AdjudicationFlow(
            desk, labels.writer, labels.procedure_labels, library, self._chosen
        )
        self.agreement = AgreementFlow(
            desk, FileQuestion(), library, self._chosen, self.adjudication.begin
        )
        self.imports = SecondImport(desk, FileQuestion(), library, self._chosen)

    def open_one(self) -> ChosenProcedure | None:
        """The procedure that is open."""
        info = self._player.info
        return None if info is None else ChosenProcedure(info.path, info.fingerprint)

    def close(self) -> None:
        """Stop what runs in the background and wait for it (only while closing)."""
        self.adjudication.close()
        self.agreement.close()
        self.imports.close()

    def _chosen(self) -> ChosenProcedure | None:
        return self.which()
