"""A retraining that was interrupted: looked for, told in a sentence, and given up. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.training_set import MANIFEST
from endoscope_app.retraining.plan import checking_set
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.run import wording
from endoscope_app.retraining.run.run_files import (
    claimed_elsewhere,
    ending,
    note_end,
    read_events,
)
from endoscope_app.retraining.run_folders import (
    CANDIDATE_NAME,
    LABELS_NAME,
    RunFolders,
    RunRecord,
)
from kd_core.schema.events import EpochEnded, RunEnded, RunStarted
from kd_core.schema.held_out import HeldOut
from kd_core.schema.run_files import SIDES_NAME, STATE_NAME


@dataclass(frozen=True)
class InterruptedRun:
    """The run that began last, which made no new model and was not given up.

    ``epoch`` 0: none had ended. ``trouble``: how it failed.
    """

    folder: Path
    record: RunRecord
    choice: TrainingChoice
    epoch: int = 0
    epochs: int = 0
    trouble: str = ""

    def sentence(self) -> str:
        """As ``wording.interrupted``."""
        return wording.interrupted(self.record.begun, self.epoch, self.epochs, self.trouble)

    def offer(self, version: str) -> str:
        """What is offered where the model of that version is in use."""
        more = (
            wording.STARTING_AGAIN if self.fits(version) else wording.other_base(self.record.base)
        )
        return f"{self.sentence()} {more}"

    @property
    def exported(self) -> bool:
        """Whether its labels lie in its folder as they were then."""
        return (self.folder / LABELS_NAME / MANIFEST).is_file()

    def fits(self, version: str) -> bool:
        """Whether the model in use is the one that it began from."""
        return self.record.base == version

    def sides(self) -> HeldOut | None:
        """Which procedures it learns from and which not; None where that is missing or damaged."""
        path = self.folder / SIDES_NAME
        try:
            return checking_set.read(path) if path.is_file() else None
        except AppError:
            return None


def resumable(runs: RunFolders) -> InterruptedRun | None:
    """What is worth resuming: interrupted, or failed after an epoch."""
    left = unfinished(runs)
    if left is None:
        return None
    has_state = (left.folder / CANDIDATE_NAME / STATE_NAME).is_file()
    return left if not left.trouble or has_state else None


def unfinished(runs: RunFolders) -> InterruptedRun | None:
    """The last run, if it was interrupted or failed and kd-core would take it up.

    None while one is at work, here or in another window.
    """
    latest = runs.latest()
    if latest is None or latest[1].version or claimed_elsewhere(runs.root):
        return None
    folder, record = latest
    events = read_events(folder)
    end = ending(events)
    if (end is not None and end.outcome != "failed") or not runs.can_resume(folder):
        return None
    try:
        choice = msgspec.convert(record.settings, TrainingChoice)
    except msgspec.ValidationError:
        return None
    epochs = [event.epochs for event in events if isinstance(event, RunStarted)]
    ended = [event.epoch for event in events if isinstance(event, EpochEnded)]
    return InterruptedRun(
        folder,
        record,
        choice,
        ended[-1] if ended else 0,
        epochs[-1] if epochs else 0,
        end.sentence if end else "",
    )


def give_up(runs: RunFolders, folder: Path) -> str:
    """Keep only what was said of a run. Returns a sentence where that was not wholly possible.

    What a run of an earlier version had fixed at its beginning is free again.
    """
    note_end(folder, RunEnded("cancelled", wording.CANCELLED))
    runs.discard(folder)
    latest = runs.latest()
    if latest is not None and latest[0] == folder and latest[1].fixed:
        try:
            checking_set.release(runs.held_out, latest[1].fixed)
        except AppError as error:
            return str(error)
    return ""
