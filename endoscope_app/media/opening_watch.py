"""Whoever waits for a file to open: told how far it is, and asked whether it is still wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from endoscope_app.base.errors import AppError
from endoscope_app.media import wording


class OpeningStopped(AppError):
    """The reader no longer wants the file that was being opened."""

    def __init__(self) -> None:
        super().__init__(wording.OPENING_STOPPED, detail="stopped")


def _nobody(_share: float) -> None:
    """Nobody watches."""


def _nothing() -> None:
    """Nobody asks whether work goes on."""


@dataclass(frozen=True, slots=True)
class OpeningWatch:
    """``alive`` hears of every packet that is read, also once the file is open."""

    progress: Callable[[float], None] = _nobody
    should_stop: Callable[[], bool] = lambda: False
    alive: Callable[[], None] = _nothing

    def tell(self, share: float) -> None:
        """Report a share 0..1 of the work; raises OpeningStopped where the file is no longer
        wanted.
        """
        if self.should_stop():
            raise OpeningStopped
        self.progress(min(max(share, 0.0), 1.0))

    def part(self, begin: float, end: float) -> OpeningWatch:
        """A watch for the part of the work that fills ``begin`` to ``end`` of the whole."""
        return OpeningWatch(
            lambda share: self.progress(begin + (end - begin) * share),
            self.should_stop,
            self.alive,
        )


UNWATCHED = OpeningWatch()
