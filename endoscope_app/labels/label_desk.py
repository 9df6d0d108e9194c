"""What every flow of labels works with, and where they are kept. No widget is made here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.labels.open_procedure import OpenProcedure
from endoscope_app.viewing.procedure_player import ProcedurePlayer


@dataclass(frozen=True)
class LabelDesk:
    """The window, its player, and the library and the procedure that are open in it."""

    window: WindowPort
    player: ProcedurePlayer
    session: LabelSession
    procedure: OpenProcedure


@dataclass(frozen=True)
class LabelFolders:
    """``library``: of the label library, which background work opens for itself, to read;
    ``scratch``: for images on their way to another process; ``held_out``: the file that says what
    is never learnt from.
    """

    library: Path
    scratch: Path
    held_out: Path
