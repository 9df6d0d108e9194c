"""Carrying a run out: alone, or as one of the processes that torchrun started."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kd_core.api.labelled_data import OnEvent, ignore
from kd_core.schema.events import RunEnded
from kd_core.schema.model_card import ModelCard, read_card
from kd_core.schema.model_files import CARD_NAME
from kd_core.training.process_group import (
    ProcessGroup,
    SingleProcess,
    TorchrunGroup,
    under_torchrun,
)

ShouldStop = Callable[[], bool]


class Executable(Protocol):
    """A run of any kind."""

    def execute(
        self, on_event: OnEvent, should_stop: ShouldStop, group: ProcessGroup, /
    ) -> RunEnded:
        """Do the work; the last event is returned too."""


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
    """Never stop: the default of ``should_stop``."""
    return False


def carry_out(run: Executable, on_event: OnEvent, should_stop: ShouldStop = never) -> TrainedModel:
    """Train; the first process tells its events. Raises DataError and ModelError."""
    with TorchrunGroup() if under_torchrun() else nullcontext(SingleProcess()) as group:
        ended = run.execute(on_event if group.first else ignore, should_stop, group)
    folder = Path(ended.model_dir) if ended.model_dir else None
    kept = folder is not None and (folder / CARD_NAME).exists()
    card = read_card(folder) if folder is not None and kept else None
    return TrainedModel(ended.outcome, ended.sentence, folder, card)
