"""Everything around folders of stills, built in one place and closed in order."""

from __future__ import annotations

from dataclasses import dataclass

from endoscope_app.analysis.procedure_analysis import ProcedureAnalysis
from endoscope_app.labels.label_room import LabelRoom
from endoscope_app.labels.review.frame_rows import FrameRows
from endoscope_app.stills.commands import SHEET
from endoscope_app.stills.contact_sheet import ContactSheet
from endoscope_app.stills.pair_flow import PairFlow
from endoscope_app.stills.pair_view import PairView
from endoscope_app.stills.sheet_flow import SheetFlow
from endoscope_app.stills.sheet_menu import SheetMenu
from endoscope_app.stills.still_labels import StillLabels


@dataclass(frozen=True)
class StillWidgets:
    """What of the window the room fills."""

    sheet: ContactSheet
    pair: PairView


class StillRoom:
    """``sheet`` shows all stills, ``pairs`` two of them, ``labels`` labels what is chosen."""

    def __init__(
        self, widgets: StillWidgets, analysis: ProcedureAnalysis, labels: LabelRoom
    ) -> None:
        desk, visibility = labels.desk, labels.visibility
        states = labels.procedure_labels
        rows = FrameRows(desk.player, states, analysis, visibility)
        self.sheet = SheetFlow(desk, widgets.sheet, states, rows, visibility)
        self.pairs = PairFlow(desk, widgets.pair, self.sheet, labels.writer)
        self.labels = StillLabels(
            desk, self.sheet, self.pairs, labels.frames, states, labels.writer, visibility
        )
        desk.window.action(SHEET).triggered.connect(self._on_sheet)
        self._menu = SheetMenu(desk, widgets.sheet, labels.frames)
        labels.digits.watch(widgets.sheet.list)

    def close(self) -> None:
        """Stop what runs in the background and wait for it (only while closing)."""
        self.sheet.close()
        self.pairs.close()

    def _on_sheet(self) -> None:
        if self.pairs.shown:
            self.pairs.leave()
        else:
            self.sheet.toggle()
