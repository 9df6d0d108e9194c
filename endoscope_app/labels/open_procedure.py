"""The procedure on screen as labels know it: under which identity they are kept, and whether
they may be shown and given at all.
"""

from __future__ import annotations

from endoscope_app.labels.frame_places import FramePlaces
from endoscope_app.labels.library.records import FrameMoment, Procedure
from endoscope_app.media.first_image import FirstImage
from endoscope_app.media.source import SourceInfo
from endoscope_app.viewing.procedure_player import ProcedurePlayer


def procedure_of(info: SourceInfo, first: FirstImage | None) -> Procedure:
    """An opened recording as the library notes it, with where it lies now."""
    return Procedure(
        info.fingerprint,
        info.path.name,
        str(info.path.absolute()),
        info.frame_count,
        info.duration_ms / 1000.0,
        width=info.width,
        height=info.height,
        stamp_kind=info.stamp_kind,
        first_image="" if first is None else first.cells,
    )


class OpenProcedure:
    """``withheld``: why labels of it are neither shown nor written, as a sentence; empty where
    they are.
    """

    def __init__(self, player: ProcedurePlayer) -> None:
        self.withheld = ""
        self._player = player

    @property
    def fingerprint(self) -> str:
        """Of the open procedure; empty where there is none, or while it is not known which one
        it is.
        """
        return self._player.info.fingerprint if self._player.info and not self.withheld else ""

    @property
    def noted(self) -> Procedure | None:
        """As the library notes it; None where none is open."""
        info = self._player.info
        return None if info is None else procedure_of(info, self._player.first_image)

    @property
    def places(self) -> FramePlaces:
        """How its frames are named."""
        info = self._player.info
        return FramePlaces(self._player.times_ms, info is not None and info.kind == "folder")

    def moment(self, index: int, png: str | None = None) -> FrameMoment:
        """The frame ``index``, as a label of it is kept."""
        return FrameMoment(int(self._player.stamps[index]), index, png)
