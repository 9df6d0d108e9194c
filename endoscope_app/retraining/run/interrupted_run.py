"""A retraining that was torn away: found again, told in a sentence, and given up. No Qt."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from endoscope_app.labels.exchange.training_set import MANIFEST
from endoscope_app.retraining.plan import held_out_sides as sides
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.run.run_claim import claimed_elsewhere
from endoscope_app.retraining.run.run_files import RunFiles, ending, read_events
from endoscope_app.retraining.run.run_folders import (
    CANDIDATE_NAME,
    LABELS_NAME,
    RunFolders,
    RunRecord,
)
from kd_core.schema.events import EpochEnded, RunEnded, RunStarted
from kd_core.schema.run_files import STATE_NAME

OTHER_BASE = (
    "It was begun from model {base}, which is not the one in use now, so it cannot be resumed."
)
GIVES_UP = "Starting another gives it up."


@dataclass(frozen=True)
class Interrupted:
    """The run that began last, which made no candidate and was not given up.

    ``epoch`` 0: none had ended. ``trouble``: how it failed.
    """

    folder: Path
    record: RunRecord
    choice: TrainingChoice
    epoch: int = 0
    epochs: int = 0
    trouble: str = ""

    def sentence(self) -> str:
        """ "A retraining of 3 May 2026, 17:05 was interrupted at epoch 3 of 12." """
        where = (
            f"at epoch {self.epoch} of {self.epochs}"
            if self.epoch
            else "before its first epoch had ended"
        )
        return f"A retraining of {moment(self.record.begun)} was interrupted {where}." + (
            f" {self.trouble}" if self.trouble else ""
        )

    @property
    def exported(self) -> bool:
        """Whether its labels lie in its folder as they were then."""
        return (self.folder / LABELS_NAME / MANIFEST).is_file()

    def fits(self, version: str) -> bool:
        """Whether the model in use is the one that it began from."""
        return self.record.base == version


def find(runs: RunFolders) -> Interrupted | None:
    """What is worth going on with: torn away, or failed after an epoch."""
    left = unfinished(runs)
    return (
        left
        if left is not None
        and (not left.trouble or (left.folder / CANDIDATE_NAME / STATE_NAME).is_file())
        else None
    )


def unfinished(runs: RunFolders) -> Interrupted | None:
    """The last run, if it was torn away or failed and kd-core would take it up.

    None while one is at work, here or in another window.
    """
    latest = runs.latest()
    if latest is None or latest[1].version or claimed_elsewhere(runs.root):
        return None
    folder, record = latest
    events = read_events(folder)
    end = ending(events)
    if (end is not None and end.outcome != "failed") or not runs.can_go_on(folder):
        return None
    try:
        choice = msgspec.convert(record.settings, TrainingChoice)
    except msgspec.ValidationError:
        return None
    epochs = [event.epochs for event in events if isinstance(event, RunStarted)]
    done = [event.epoch for event in events if isinstance(event, EpochEnded)]
    return Interrupted(
        folder,
        record,
        choice,
        done[-1] if done else 0,
        epochs[-1] if epochs else 0,
        end.sentence if end else "",
    )


def give_up(runs: RunFolders, folder: Path, sentence: str) -> None:
    """Keep only what was said.

    What a run of an earlier version had fixed at its beginning is free again; AppError where that
    cannot be written.
    """
    note_end(folder, RunEnded("cancelled", sentence))
    runs.discard(folder)
    latest = runs.latest()
    if latest is not None and latest[0] == folder and latest[1].fixed:
        sides.release(runs.held_out, latest[1].fixed)


def note_end(folder: Path, end: RunEnded) -> None:
    """The event file is the truth, so an end that no trainer said stands there too.

    A disk that is full leaves it as it is.
    """
    with suppress(OSError):
        if ending(read_events(folder)) != end:
            files = RunFiles(folder)
            files.add_event(end)
            files.close()


def moment(utc: str) -> str:
    """ "3 May 2026, 17:05" by this machine's clock."""
    try:
        at = datetime.fromisoformat(utc).astimezone()
    except ValueError:
        return "an earlier session"
    return f"{at.day} {at:%b %Y, %H:%M}"
