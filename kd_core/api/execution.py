"""Carrying a run out: alone, or as one of the processes that torchrun started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kd_core.schema.events import RunEnded, RunEvent
from kd_core.schema.model_card import ModelCard, read_card
from kd_core.schema.model_files import CARD_NAME
from kd_core.training.distributed import Alone, Together, Workers, under_torchrun

ShouldStop = Callable[[], bool]


class Executable(Protocol):
    """A run of any kind."""

    def events(self, should_stop: ShouldStop, workers: Workers) -> Iterator[RunEvent]:
        """Do the work."""


@dataclass(frozen=True)
class TrainedModel:
    """How a run ended: ``finished`` or ``stopped``, in a sentence.

    ``folder`` and ``card`` are None where nothing was kept, and in all but the first of several
    processes. ``remark``: what else a reader should be told.
    """

    outcome: str
    sentence: str
    folder: Path | None = None
    card: ModelCard | None = None
    remark: str = ""


def never() -> bool:
    """The answer of those who do not want to stop."""
    return False


def carry_out(
    run: Executable, on_event: Callable[[RunEvent], None], should_stop: ShouldStop = never
) -> TrainedModel:
    """Train; the first process tells its events. Raises DataError and ModelError."""
    ended = RunEnded("finished", "")
    with Together() if under_torchrun() else nullcontext(Alone()) as group:
        for event in run.events(should_stop, group):
            if isinstance(event, RunEnded):
                ended = event
            if group.first:
                on_event(event)
    folder = Path(ended.model_dir) if ended.model_dir else None
    kept = folder is not None and (folder / CARD_NAME).exists()
    card = read_card(folder) if folder is not None and kept else None
    return TrainedModel(ended.outcome, ended.sentence, folder, card)
